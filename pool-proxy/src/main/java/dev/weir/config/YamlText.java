package dev.weir.config;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

import java.util.Locale;

/**
 * Reads and writes YAML, the part of it that a configuration needs. What the parser says is put in
 * words of our own, since its own quote the line, which may hold a password.
 */
final class YamlText {
    /** Characters of one file: far more than thousands of databases and users need. */
    static final int MAX_LENGTH = 4 << 20;

    private static final int MAX_DEPTH = 20;

    private YamlText() {}

    /**
     * Reads one document without making objects of it.
     *
     * @return null if there is nothing in it, or a mistake, which then stands in {@code problems}
     */
    static @Nullable Node compose(String text, Problems problems) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_LENGTH);
        options.setNestingDepthLimit(MAX_DEPTH);
        try {
            Node node =
                    new Composer(
                                    new ParserImpl(new StreamReader(text), options),
                                    new Texts(),
                                    options)
                            .getSingleNode();
            if (node == null) {
                problems.add(0, "there is nothing in it; expected `databases:` at least");
            }
            return node;
        } catch (MarkedYAMLException e) {
            Mark mark = opens(e) ? e.getContextMark() : e.getProblemMark();
            int line = mark == null ? 0 : mark.getLine() + 1;
            problems.add(line, sentence(e));
        } catch (ReaderException e) {
            int line =
                    1
                            + (int)
                                    text.codePoints()
                                            .limit(e.getPosition())
                                            .filter(c -> c == '\n')
                                            .count();
            problems.add(
                    line,
                    "holds a character (U+%04X) that YAML does not allow; expected printable text"
                            .formatted(e.getCodePoint()));
        } catch (YAMLException e) {
            problems.add(
                    0,
                    "is longer or deeper than a configuration may be; expected at most %d characters and %d levels"
                            .formatted(MAX_LENGTH, MAX_DEPTH));
        }
        return null;
    }

    /** Every value is a text, but for what is not there. */
    private static final class Texts extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }

    /** Whether the mistake is where something begins, not where it is missed. */
    private static boolean opens(MarkedYAMLException e) {
        String context = String.valueOf(e.getContext());
        return context.contains("simple key")
                || context.contains("quoted scalar")
                || context.contains("flow ");
    }

    private static String sentence(MarkedYAMLException e) {
        String problem = String.valueOf(e.getProblem()).toLowerCase(Locale.ROOT);
        String context = String.valueOf(e.getContext()).toLowerCase(Locale.ROOT);
        if (problem.contains("(tab)")) {
            return "a tab stands where YAML allows only spaces; indent with spaces";
        }
        if (problem.contains("alias") || context.contains("scanning an alias")) {
            return "a value or name that begins with * must be in quotes; expected e.g. \"*\":";
        }
        if (context.contains("scanning an anchor")) {
            return "a value that begins with & must be in quotes";
        }
        if (context.contains("tag") || problem.contains("tag")) {
            return "a value that begins with ! must be in quotes";
        }
        if (problem.contains("cannot start any token")) {
            return "a value that begins with one of @ ` % must be in quotes";
        }
        if (problem.contains("mapping values are not allowed")) {
            return "\": \" stands inside of a value, or the line above is incomplete or indented"
                    + " differently; expected one `key: value` in a line, and quotes around a value"
                    + " with \": \" in it";
        }
        if (problem.contains("could not find expected ':'")) {
            return "this is no `key: value`; expected a colon and a space after the key";
        }
        if (context.contains("quoted scalar")) {
            return problem.contains("escape")
                    ? "a backslash in \"…\" begins an escape that YAML does not know; use '…'"
                    : "a quote is opened and not closed";
        }
        if (context.contains("flow mapping") || context.contains("flow sequence")) {
            return "a { or [ is opened and not closed, or a comma is missing; expected e.g. { host:"
                    + " 127.0.0.1, port: 5432 }";
        }
        if (context.contains("block mapping")) {
            return "this line is not indented like its neighbours; expected the same number of"
                    + " spaces before each key of a place";
        }
        if (problem.contains("another document")) {
            return "a second document begins here; expected only one";
        }
        return "this is not YAML; expected `key: value` lines, indented with spaces";
    }

    /** {@code text} as a scalar that is read back as the same text. */
    static String scalar(String text) {
        return isPlain(text) ? text : quoted(text);
    }

    private static boolean isPlain(String text) {
        return text.matches("[A-Za-z0-9][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*");
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints()
                .forEach(c -> {
                    if (c == '"' || c == '\\') {
                        out.append('\\').appendCodePoint(c);
                    } else if (c < ' ' || c == 0x7f || (c > 0x7f && c < 0xa0)) {
                        out.append("\\x%02x".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                });
        return out.append('"').toString();
    }
}

package dev.weir.admin;

import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Takes what is typed at the console apart: statements with semicolons between them, of words,
 * "quoted names", 'texts' and signs. Comments are left out.
 */
final class ConsoleText {
    private static final int MOST_WORDS = 64;

    /**
     * One word.
     *
     * @param text without its quotes
     * @param quoted whether it had any, so that its case counts
     */
    record Word(String text, boolean quoted) {
        /** As a keyword. */
        String lower() {
            return quoted ? text : text.toLowerCase(Locale.ROOT);
        }
    }

    private final String text;
    private int at;

    private ConsoleText(String text) {
        this.text = text;
    }

    /** Reads a text of a message, and its end. */
    static String cstring(ByteBuf body) throws ProtocolException {
        int length = body.bytesBefore((byte) 0);
        if (length < 0) {
            throw new ProtocolException("a text without its end");
        }
        String text = body.readCharSequence(length, StandardCharsets.UTF_8).toString();
        body.skipBytes(1);
        return text;
    }

    /** The statements of a text, without the empty ones. */
    static List<List<Word>> statements(String text) throws ConsoleException {
        return new ConsoleText(text).statements();
    }

    private List<List<Word>> statements() throws ConsoleException {
        List<List<Word>> statements = new ArrayList<>();
        List<Word> words = new ArrayList<>();
        while (skip()) {
            char c = text.charAt(at);
            if (c == ';') {
                at++;
                if (!words.isEmpty()) {
                    statements.add(words);
                    words = new ArrayList<>();
                }
                continue;
            }
            words.add(c == '"' || c == '\'' ? quoted(c) : word());
            if (explains(words)) {
                statements.add(explained(words));
                return statements;
            }
            if (words.size() > MOST_WORDS) {
                throw new ConsoleException(
                        SqlState.SYNTAX_ERROR, "no command of the console has so many words");
            }
        }
        if (!words.isEmpty()) {
            statements.add(words);
        }
        return statements;
    }

    /** Whether these are EXPLAIN ROUTE, behind which a statement of PostgreSQL's follows. */
    private static boolean explains(List<Word> words) {
        return words.size() == 2
                && words.getFirst().lower().equals("explain")
                && words.getLast().lower().equals("route");
    }

    /** The name of a database, if ON stands before it, and the rest of the text, as it is. */
    private List<Word> explained(List<Word> words) throws ConsoleException {
        int start = at;
        if (skip() && word().lower().equals("on") && skip()) {
            char c = text.charAt(at);
            words.add(c == '"' ? quoted(c) : word());
        } else {
            at = start;
        }
        String rest = text.substring(at).strip();
        while (rest.endsWith(";")) {
            rest = rest.substring(0, rest.length() - 1).stripTrailing();
        }
        words.add(new Word(rest, true));
        at = text.length();
        return words;
    }

    /** Goes on to what counts; false at the end. */
    private boolean skip() throws ConsoleException {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("--", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                if (end < 0) {
                    throw new ConsoleException(SqlState.SYNTAX_ERROR, "a comment has no end");
                }
                at = end + 2;
            } else {
                return true;
            }
        }
        return false;
    }

    private Word quoted(char quote) throws ConsoleException {
        StringBuilder out = new StringBuilder();
        at++;
        while (true) {
            int end = text.indexOf(quote, at);
            if (end < 0) {
                throw new ConsoleException(
                        SqlState.SYNTAX_ERROR, "a %c has no second one".formatted(quote));
            }
            out.append(text, at, end);
            at = end + 1;
            if (at >= text.length() || text.charAt(at) != quote) {
                return new Word(out.toString(), true);
            }
            out.append(quote);
            at++;
        }
    }

    private Word word() {
        int start = at;
        while (at < text.length() && isPart(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            at++;
        }
        return new Word(text.substring(start, at), false);
    }

    private static boolean isPart(char c) {
        return !Character.isWhitespace(c) && ";\"'=(),".indexOf(c) < 0;
    }
}

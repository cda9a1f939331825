package dev.weir.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The words of pg_hba.conf and pg_ident.conf (manual section 20.1): fields divided by blanks, each
 * a list divided by commas; quotes take a word its special meaning; a backslash at the end of a
 * line goes on in the next.
 */
final class HbaTokens {
    /** A file of this size has a rule for every user of a large company. */
    private static final int MAX_BYTES = 4 << 20;

    /**
     * One word.
     *
     * @param quoted whether it began with a quote, so that it is a name and nothing else
     */
    record Token(String text, boolean quoted) {
        /** Whether it is this word with its special meaning. */
        boolean is(String keyword) {
            return !quoted && text.equals(keyword);
        }

        /** Whether it begins with this sign, in its special meaning. */
        boolean begins(char sign) {
            return !quoted && text.length() > 1 && text.charAt(0) == sign;
        }
    }

    /** The fields of one line that is not empty. */
    record Line(int number, List<List<Token>> fields) {}

    private final String text;
    private int at;

    private HbaTokens(String text) {
        this.text = text;
    }

    /** Reads a file; the exception completes the sentence "the file …". */
    static List<Line> read(Path file) throws BadValueException {
        try {
            if (Files.isDirectory(file)) {
                throw new BadValueException("is a folder");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new BadValueException("is longer than 4MiB");
            }
            return lines(Files.readString(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new BadValueException("does not exist");
        } catch (IOException e) {
            throw new BadValueException("cannot be read, or is not UTF-8 text");
        }
    }

    static List<Line> lines(String text) {
        List<Line> lines = new ArrayList<>();
        String[] all = text.split("\r?\n", -1);
        for (int i = 0; i < all.length; i++) {
            int number = i + 1;
            StringBuilder whole = new StringBuilder(all[i]);
            while (whole.length() > 0
                    && whole.charAt(whole.length() - 1) == '\\'
                    && i + 1 < all.length) {
                whole.setLength(whole.length() - 1);
                whole.append(all[++i]);
            }
            List<List<Token>> fields = new HbaTokens(whole.toString()).fields();
            if (!fields.isEmpty()) {
                lines.add(new Line(number, fields));
            }
        }
        return lines;
    }

    private List<List<Token>> fields() {
        List<List<Token>> fields = new ArrayList<>();
        skip(false);
        while (!atEnd()) {
            List<Token> field = new ArrayList<>();
            boolean more = true;
            while (more && !atEnd()) {
                field.add(token());
                more = at < text.length() && text.charAt(at) == ',';
                skip(more);
            }
            fields.add(field);
        }
        return fields;
    }

    private boolean atEnd() {
        return at >= text.length() || text.charAt(at) == '#';
    }

    private void skip(boolean commas) {
        while (at < text.length()
                && (Character.isWhitespace(text.charAt(at))
                        || (commas && text.charAt(at) == ','))) {
            at++;
        }
    }

    private Token token() {
        StringBuilder word = new StringBuilder();
        boolean begunQuoted = text.charAt(at) == '"';
        boolean inQuotes = false;
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean ends = Character.isWhitespace(c) || c == ',' || c == '#';
            if (ends && !inQuotes) {
                break;
            }
            at++;
            if (c != '"') {
                word.append(c);
            } else if (inQuotes && at < text.length() && text.charAt(at) == '"') {
                word.append('"');
                at++;
            } else {
                inQuotes = !inQuotes;
            }
        }
        return new Token(word.toString(), begunQuoted);
    }
}

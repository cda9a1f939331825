package dev.weir.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Finds the tokens of a statement as PostgreSQL's own scanner does (manual section 4.1), in place:
 * no object is made per token. Comments and white space are skipped.
 *
 * <p>Bytes above 127 belong to identifiers, which is right in every server encoding, for none of
 * them uses ASCII bytes within a character; of the client encodings SJIS, BIG5, GBK, UHC, GB18030
 * and JOHAB do, and there a token may end too early or too late.
 *
 * <p>How {@code '\'} is read depends on {@code standard_conforming_strings}; where it could make a
 * difference {@link #ambiguous} tells so. Not for several threads at once.
 */
public final class Lexer {
    private static final int MAX_NESTING = 1_000;

    private final byte[] text;
    private final int end;
    private int next;
    private int start;
    private int stop;
    private boolean ambiguous;
    private TokenKind kind = TokenKind.BROKEN;

    /** A scanner at the beginning of {@code text}. */
    public Lexer(byte[] text) {
        this(text, 0, text.length);
    }

    /** A scanner of a part of {@code text}, which must not change meanwhile. */
    public Lexer(byte[] text, int from, int to) {
        this.text = text;
        this.next = from;
        this.end = to;
    }

    /** The token last found. */
    public TokenKind kind() {
        return kind;
    }

    /** The index of its first byte. */
    public int start() {
        return start;
    }

    /** The index behind its last byte. */
    public int stop() {
        return stop;
    }

    /**
     * Whether a backslash has been met in a plain string: with {@code standard_conforming_strings}
     * off, all that follows may be something else.
     */
    public boolean ambiguous() {
        return ambiguous;
    }

    /** Whether the token is this word, whatever its case. */
    public boolean is(String lowerCaseWord) {
        if (kind != TokenKind.WORD || stop - start != lowerCaseWord.length()) {
            return false;
        }
        for (int i = start; i < stop; i++) {
            if (lower(text[i]) != lowerCaseWord.charAt(i - start)) {
                return false;
            }
        }
        return true;
    }

    /** The token's bytes as they stand. */
    public String text() {
        return new String(text, start, stop - start, UTF_8);
    }

    /**
     * The name that an identifier stands for: in lower case, or without its quotes. {@code U&}
     * escapes are left as they are.
     */
    public String name() {
        if (kind == TokenKind.WORD) {
            byte[] name = new byte[stop - start];
            for (int i = 0; i < name.length; i++) {
                name[i] = lower(text[start + i]);
            }
            return new String(name, UTF_8);
        }
        String quoted = text();
        int open = quoted.indexOf('"');
        return open < 0 || quoted.length() < open + 2
                ? quoted
                : quoted.substring(open + 1, quoted.length() - 1).replace("\"\"", "\"");
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }

    /** Moves to the next token; {@link TokenKind#END} when there is none. */
    public TokenKind next() {
        if (!skipBlanks()) {
            start = next;
            next = end;
            return found(TokenKind.BROKEN);
        }
        start = next;
        if (next >= end) {
            return found(TokenKind.END);
        }
        byte b = text[next];
        return found(
                switch (b) {
                    case '\'' -> string(next, false);
                    case '"' -> quoted(next, '"') ? TokenKind.QUOTED_IDENTIFIER : TokenKind.BROKEN;
                    case '$' -> dollar();
                    case '(' -> one(TokenKind.LEFT_PARENTHESIS);
                    case ')' -> one(TokenKind.RIGHT_PARENTHESIS);
                    case '[' -> one(TokenKind.LEFT_BRACKET);
                    case ']' -> one(TokenKind.RIGHT_BRACKET);
                    case ',' -> one(TokenKind.COMMA);
                    case ';' -> one(TokenKind.SEMICOLON);
                    case '.' -> dot();
                    case ':' -> colon();
                    default -> other(b);
                });
    }

    private TokenKind found(TokenKind what) {
        kind = what;
        stop = next;
        return what;
    }

    private TokenKind one(TokenKind what) {
        next++;
        return what;
    }

    private int at(int index) {
        return index < end ? text[index] & 0xff : -1;
    }

    // ---- white space and comments ----

    /** Skips to the next token; false if a comment does not end. */
    private boolean skipBlanks() {
        while (next < end) {
            byte b = text[next];
            if (Characters.is(b, Characters.BLANK)) {
                next++;
            } else if (b == '-' && at(next + 1) == '-') {
                while (next < end && text[next] != '\n' && text[next] != '\r') {
                    next++;
                }
            } else if (b == '/' && at(next + 1) == '*') {
                if (!skipComment()) {
                    return false;
                }
            } else {
                return true;
            }
        }
        return true;
    }

    private boolean skipComment() {
        int depth = 0;
        int at = next;
        while (at < end) {
            if (text[at] == '/' && at(at + 1) == '*') {
                depth++;
                at += 2;
                if (depth > MAX_NESTING) {
                    return false;
                }
            } else if (text[at] == '*' && at(at + 1) == '/') {
                depth--;
                at += 2;
                if (depth == 0) {
                    next = at;
                    return true;
                }
            } else {
                at++;
            }
        }
        return false;
    }

    // ---- strings ----

    /**
     * A string whose quote is at {@code open}, with what continues it: a quote after white space
     * that has a newline, be it that of a comment.
     */
    private TokenKind string(int open, boolean escapes) {
        int at = open;
        while (true) {
            next = at;
            if (!quotedString(escapes)) {
                return TokenKind.BROKEN;
            }
            int continued = continuation(next);
            if (continued < 0) {
                return TokenKind.STRING;
            }
            at = continued;
        }
    }

    private boolean quotedString(boolean escapes) {
        int at = next + 1;
        while (at < end) {
            byte b = text[at];
            if (b == '\\') {
                if (escapes) {
                    at++;
                } else {
                    ambiguous = true;
                }
            } else if (b == '\'') {
                if (at(at + 1) != '\'') {
                    next = at + 1;
                    return true;
                }
                at++;
            }
            at++;
        }
        next = end;
        return false;
    }

    /** Where the quote stands that continues the string before {@code from}; -1 for none. */
    private int continuation(int from) {
        int at = from;
        boolean newline = false;
        while (at < end) {
            byte b = text[at];
            if (b == '\n' || b == '\r') {
                newline = true;
                at++;
            } else if (b == ' ' || (b >= '\t' && b <= '\f')) {
                at++;
            } else if (b == '-' && at(at + 1) == '-') {
                while (at < end && text[at] != '\n' && text[at] != '\r') {
                    at++;
                }
            } else {
                return newline && b == '\'' ? at : -1;
            }
        }
        return -1;
    }

    /** Passes over a quoted part at {@code open}; false if it does not end. */
    private boolean quoted(int open, char quote) {
        int at = open + 1;
        while (at < end) {
            if (text[at] == quote) {
                if (at(at + 1) != quote) {
                    next = at + 1;
                    return true;
                }
                at++;
            }
            at++;
        }
        next = end;
        return false;
    }

    /** A parameter, or a string in dollar quotes. */
    private TokenKind dollar() {
        int at = next + 1;
        if (Characters.is(at(at), Characters.DIGIT)) {
            while (Characters.is(at(at), Characters.DIGIT)) {
                at++;
            }
            next = at;
            return TokenKind.PARAMETER;
        }
        if (Characters.is(at(at), Characters.START)) {
            while (Characters.is(at(at), Characters.PART) && at(at) != '$') {
                at++;
            }
        }
        if (at(at) != '$') {
            next++;
            return TokenKind.BROKEN;
        }
        int tagLength = at + 1 - next;
        for (int i = at + 1; i + tagLength <= end; i++) {
            if (text[i] == '$' && sameTag(i, tagLength)) {
                next = i + tagLength;
                return TokenKind.STRING;
            }
        }
        next = end;
        return TokenKind.BROKEN;
    }

    private boolean sameTag(int index, int length) {
        for (int i = 0; i < length; i++) {
            if (text[index + i] != text[next + i]) {
                return false;
            }
        }
        return true;
    }

    // ---- words, numbers, operators ----

    private TokenKind other(byte b) {
        if (Characters.is(b, Characters.START)) {
            return word();
        }
        if (Characters.is(b, Characters.DIGIT)) {
            return number();
        }
        if (Characters.is(b, Characters.OPERATOR)) {
            return operator();
        }
        next++;
        return TokenKind.BROKEN;
    }

    private TokenKind word() {
        int first = text[next] | 0x20;
        int second = at(next + 1);
        if (second == '\'') {
            switch (first) {
                case 'e' -> {
                    return string(next + 1, true);
                }
                case 'b', 'x', 'n' -> {
                    return string(next + 1, false);
                }
                default -> {}
            }
        } else if (first == 'u' && second == '&') {
            if (at(next + 2) == '"') {
                return quoted(next + 2, '"') ? TokenKind.QUOTED_IDENTIFIER : TokenKind.BROKEN;
            }
            if (at(next + 2) == '\'') {
                return string(next + 2, false);
            }
        }
        int at = next + 1;
        while (at < end && Characters.is(text[at], Characters.PART)) {
            at++;
        }
        next = at;
        return TokenKind.WORD;
    }

    /** A number of any form. */
    private TokenKind number() {
        int behind = new Numbers(text, next, end).stop();
        next = Math.abs(behind);
        return behind < 0 ? TokenKind.BROKEN : TokenKind.NUMBER;
    }

    private TokenKind dot() {
        if (Characters.is(at(next + 1), Characters.DIGIT)) {
            return number();
        }
        if (at(next + 1) == '.') {
            next += 2;
            return TokenKind.OPERATOR;
        }
        return one(TokenKind.DOT);
    }

    private TokenKind colon() {
        int second = at(next + 1);
        if (second == ':' || second == '=') {
            next += 2;
            return TokenKind.OPERATOR;
        }
        return one(TokenKind.COLON);
    }

    private TokenKind operator() {
        int at = next;
        while (at < end
                && Characters.is(text[at], Characters.OPERATOR)
                && !(text[at] == '-' && at(at + 1) == '-')
                && !(text[at] == '/' && at(at + 1) == '*')) {
            at++;
        }
        next = at;
        return TokenKind.OPERATOR;
    }
}

package dev.weir.sql;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * What texts have in common that differ in their numbers and strings only: drivers that write
 * values into the text make another text of each. To the classifier all strings are alike, and all
 * numbers, so one verdict holds for all texts of a shape. A shape is itself such a text.
 *
 * <p>Only texts have one of which it is certain where strings begin and end without a lexer: they
 * have no comment, no backslash, no quoted identifier and no dollar quote, not even in a string.
 */
public final class Shape {
    private static final byte NUMBER = '0';

    private Shape() {}

    /**
     * The text with one digit for each number and nothing in its strings.
     *
     * @return null if it has neither, or is not certain
     */
    public static byte @Nullable [] of(byte[] text) {
        int length = text.length;
        byte[] shape = new byte[length];
        int size = 0;
        // Whether a digit would belong to a name or a parameter.
        boolean inName = false;
        int at = 0;
        while (at < length) {
            byte b = text[at];
            if (b >= '0' && b <= '9' && !inName) {
                int past = endOfNumber(text, at);
                if (past < 0) {
                    return null;
                }
                shape[size++] = NUMBER;
                at = past;
                continue;
            }
            if (b == '\'') {
                int past = endOfString(text, at);
                if (past < 0) {
                    return null;
                }
                shape[size++] = b;
                shape[size++] = b;
                at = past;
                inName = false;
                continue;
            }
            byte next = at + 1 < length ? text[at + 1] : 0;
            if (unclear(b, next)) {
                return null;
            }
            shape[size++] = b;
            inName = isOfName(b);
            at++;
        }
        return size == length && Arrays.equals(shape, text) ? null : Arrays.copyOf(shape, size);
    }

    /**
     * Whether {@code shape}, which is one, is that of a text: as {@link #of} tells, but without
     * making it.
     */
    public static boolean matches(byte[] text, byte[] shape) {
        int length = text.length;
        int size = 0;
        boolean inName = false;
        // Whether the shape is not merely the text itself, which then may have none.
        boolean differs = length != shape.length;
        int at = 0;
        while (at < length) {
            byte b = text[at];
            if (size == shape.length) {
                return false;
            }
            if (b >= '0' && b <= '9' && !inName) {
                int past = endOfNumber(text, at);
                if (past < 0 || shape[size] != NUMBER) {
                    return false;
                }
                differs |= b != NUMBER;
                size++;
                at = past;
                continue;
            }
            if (b != shape[size]) {
                return false;
            }
            size++;
            if (b == '\'') {
                int past = endOfString(text, at);
                if (past < 0 || size == shape.length || shape[size] != b) {
                    return false;
                }
                size++;
                at = past;
                inName = false;
                continue;
            }
            // All that is in a shape is clear, but what follows may not be.
            byte next = at + 1 < length ? text[at + 1] : 0;
            if (unclear(b, next)) {
                return false;
            }
            inName = isOfName(b);
            at++;
        }
        return differs && size == shape.length;
    }

    /**
     * Behind the digits that begin at {@code from}; negative if they are not a number for certain.
     */
    private static int endOfNumber(byte[] text, int from) {
        int at = from + 1;
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        // 0x1F, 1e5, 1_000, and what PostgreSQL takes for a mistake.
        return at < text.length && isOfName(text[at]) ? -1 : at;
    }

    /** Behind the string that begins at {@code from}; negative if that is not certain. */
    private static int endOfString(byte[] text, int from) {
        int at = from + 1;
        while (at < text.length && text[at] != '\'') {
            byte next = at + 1 < text.length ? text[at + 1] : 0;
            if (unclear(text[at], next)) {
                return -1;
            }
            at++;
        }
        return at < text.length ? at + 1 : -1;
    }

    private static boolean unclear(byte b, byte next) {
        return switch (b) {
            case '"', '\\', 0 -> true;
            case '-' -> next == '-';
            case '/' -> next == '*';
            case '$' -> next < '0' || next > '9';
            default -> false;
        };
    }

    private static boolean isOfName(byte b) {
        int lower = b | 0x20;
        return (lower >= 'a' && lower <= 'z')
                || (b >= '0' && b <= '9')
                || b == '_'
                || b == '$'
                || b < 0;
    }
}

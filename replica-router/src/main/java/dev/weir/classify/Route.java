package dev.weir.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/** Where a session, or a comment in a statement, asks for a statement to be answered. */
public enum Route {
    /** Wherever it may be. */
    AUTO,
    /** On the primary, whatever it is. */
    PRIMARY,
    /**
     * On a replica that is fresh enough, also if nobody can tell for certain that it only reads;
     * not if it surely writes.
     */
    REPLICA;

    private static final String PREFIX = "weir:";

    /** The constant of that name in small letters; null if there is none. */
    public static @Nullable Route of(String name) {
        return switch (name) {
            case "auto" -> AUTO;
            case "primary" -> PRIMARY;
            case "replica" -> REPLICA;
            default -> null;
        };
    }

    /**
     * What a comment in front of the first word of a text asks for, such as {@code /* weir: primary
     * *}{@code /}; null if none does.
     */
    public static @Nullable Route hint(byte[] text) {
        int at = 0;
        while (at < text.length) {
            byte b = text[at];
            if (b == ' ' || (b >= '\t' && b <= '\r')) {
                at++;
                continue;
            }
            boolean block = b == '/' && at + 1 < text.length && text[at + 1] == '*';
            if (!block && !(b == '-' && at + 1 < text.length && text[at + 1] == '-')) {
                return null;
            }
            int end = block ? endOfBlock(text, at + 2) : endOfLine(text, at + 2);
            Route found = in(text, at + 2, block ? end - 2 : end);
            if (found != null) {
                return found;
            }
            at = end;
        }
        return null;
    }

    /** Behind a comment, in which others may stand. */
    private static int endOfBlock(byte[] text, int from) {
        int depth = 1;
        for (int at = from; at + 1 < text.length; at++) {
            if (text[at] == '*' && text[at + 1] == '/') {
                at++;
                depth--;
                if (depth == 0) {
                    return at + 1;
                }
            } else if (text[at] == '/' && text[at + 1] == '*') {
                at++;
                depth++;
            }
        }
        return text.length;
    }

    private static int endOfLine(byte[] text, int from) {
        int at = from;
        while (at < text.length && text[at] != '\n' && text[at] != '\r') {
            at++;
        }
        return at;
    }

    private static @Nullable Route in(byte[] text, int from, int to) {
        if (to - from < PREFIX.length() || to - from > 64) {
            return null;
        }
        String words = new String(text, from, to - from, UTF_8).strip();
        return words.startsWith(PREFIX) ? of(words.substring(PREFIX.length()).strip()) : null;
    }
}

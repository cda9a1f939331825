package dev.weir.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What messages show of a file's own text. A slip of the keyboard can put a password where a key, a
 * name or another value belongs ({@code password:secret} without the space is a key), so that what
 * does not look like such a thing is not shown to its end.
 */
final class Shown {
    private static final int MOST = 80;
    private static final Pattern KEY = Pattern.compile("[\\p{L}\\p{N}_.<-]*");
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_ .@*$-]*");
    private static final Pattern VALUE = Pattern.compile("[\\p{L}\\p{N}_. +-]{1,40}|\\$\\{\\w*}?");
    private static final Pattern PERHAPS_SECRET =
            Pattern.compile("pass|secret", Pattern.CASE_INSENSITIVE);

    private Shown() {}

    /** Whether a text looks like a key at all. */
    static boolean isKey(String text) {
        return KEY.matcher(text).matches();
    }

    /** A key, in backquotes. */
    static String key(String text) {
        return quoted(text, KEY);
    }

    /** The name of a database or a user, in backquotes. */
    static String name(String text) {
        return quoted(text, NAME);
    }

    private static String quoted(String text, Pattern usual) {
        Matcher begin = usual.matcher(text);
        String shown = begin.lookingAt() ? begin.group() : "";
        if (shown.length() > MOST) {
            shown = shown.substring(0, MOST);
        }
        return shown.equals(text) ? "`" + text + "`" : "`" + shown + "…`";
    }

    /** A value that is no secret, in backquotes. */
    static String value(String text) {
        boolean harmless = VALUE.matcher(text).matches() && !PERHAPS_SECRET.matcher(text).find();
        return harmless ? "`" + text + "`" : "the value";
    }
}

package dev.weir.topology;

import java.util.Locale;

/**
 * Positions in the WAL: a byte's distance from its beginning, as an unsigned number (manual 8.20).
 */
public final class Lsn {
    private Lsn() {}

    /**
     * The number that PostgreSQL writes as {@code 16/B374D848}.
     *
     * @throws NumberFormatException if it is not of that form
     */
    public static long parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new NumberFormatException("`" + text + "` is no position in the WAL");
        }
        return Long.parseUnsignedLong(text.substring(0, slash), 16) << 32
                | Long.parseUnsignedLong(text.substring(slash + 1), 16);
    }

    /** As PostgreSQL writes it. */
    public static String text(long lsn) {
        return Long.toHexString(lsn >>> 32).toUpperCase(Locale.ROOT)
                + "/"
                + Long.toHexString(lsn & 0xffff_ffffL).toUpperCase(Locale.ROOT);
    }

    /** The greater of two. */
    public static long max(long one, long other) {
        return Long.compareUnsigned(one, other) >= 0 ? one : other;
    }

    /** Whether {@code position} has reached {@code target}. */
    public static boolean reached(long position, long target) {
        return Long.compareUnsigned(position, target) >= 0;
    }
}

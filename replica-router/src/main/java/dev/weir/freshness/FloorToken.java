package dev.weir.freshness;

import dev.weir.topology.Lsn;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A floor as one session hands it to another, perhaps by way of other programs: {@code
 * 1:0/3A4F5B8}, a timeline and a position on it. Where the position cannot be told, {@code
 * 1:now/8E1B…}: all that the primary shows by the time that the token is used.
 *
 * @param timeline at least 1; 0 if not even that is known
 * @param lsn the position, see {@link Lsn}; if it cannot be told, what makes this token another
 *     than all others
 * @param told whether the position can be told
 */
public record FloorToken(int timeline, long lsn, boolean told) {
    private static final Pattern FORM =
            Pattern.compile(
                    "(\\d{1,9}):(?:([0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8})|now/([0-9a-f]{1,16}))");

    /** A position that is known. */
    public FloorToken(int timeline, long lsn) {
        this(timeline, lsn, true);
    }

    /**
     * All that the primary shows when the token is used. Each is another, so that a session which
     * is handed one after the other takes up both.
     *
     * @param timeline the primary's, as far as it is known
     */
    public static FloorToken now(int timeline) {
        return new FloorToken(timeline, ThreadLocalRandom.current().nextLong(), false);
    }

    /** Reads what {@link #toString} writes; null if it is something else. */
    public static @Nullable FloorToken parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        int timeline = Integer.parseInt(matcher.group(1));
        String lsn = matcher.group(2);
        if (lsn == null) {
            return new FloorToken(timeline, Long.parseUnsignedLong(matcher.group(3), 16), false);
        }
        return timeline == 0 ? null : new FloorToken(timeline, Lsn.parse(lsn));
    }

    @Override
    public String toString() {
        return timeline + ":" + (told ? Lsn.text(lsn) : "now/" + Long.toHexString(lsn));
    }
}

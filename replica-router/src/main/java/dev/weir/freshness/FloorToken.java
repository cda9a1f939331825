package dev.weir.freshness;

import dev.weir.topology.Lsn;

import org.jspecify.annotations.Nullable;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A floor as one session hands it to another, perhaps by way of other programs: {@code
 * 1:0/3A4F5B8}, a timeline and a position on it.
 *
 * @param timeline at least 1
 * @param lsn the position, see {@link Lsn}
 */
public record FloorToken(int timeline, long lsn) {
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,9}):([0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8})");

    /** Reads what {@link #toString} writes; null if it is something else. */
    public static @Nullable FloorToken parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        int timeline = Integer.parseInt(matcher.group(1));
        return timeline == 0 ? null : new FloorToken(timeline, Lsn.parse(matcher.group(2)));
    }

    @Override
    public String toString() {
        return timeline + ":" + Lsn.text(lsn);
    }
}

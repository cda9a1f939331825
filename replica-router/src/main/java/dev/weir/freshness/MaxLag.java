package dev.weir.freshness;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a replica may be behind at most to be asked, besides that it has to show all that the
 * session has seen.
 *
 * @param millis of time; {@link Long#MAX_VALUE} if that does not matter
 * @param bytes of WAL; the same
 */
public record MaxLag(long millis, long bytes) {
    /** It does not matter. */
    public static final MaxLag OFF = new MaxLag(Long.MAX_VALUE, Long.MAX_VALUE);

    /** What {@link #parse} reads. */
    public static final String EXPECTED =
            "one of off, a time such as 500ms, an amount of WAL such as 16MB, and both with a comma";

    private static final String NAME_OF_OFF = "off";
    private static final Pattern VALUE = Pattern.compile("(\\d{1,9})\\s*([a-z]+)");
    private static final Map<String, Long> TIMES =
            Map.of("ms", 1L, "s", 1_000L, "min", 60_000L, "h", 3_600_000L);
    private static final Map<String, Long> SIZES =
            Map.of(
                    "b", 1L, "kb", 1L << 10, "mb", 1L << 20, "gb", 1L << 30, "kib", 1L << 10, "mib",
                    1L << 20, "gib", 1L << 30);

    /** Reads what people write; null if it is none. */
    public static @Nullable MaxLag parse(String text) {
        String lower = text.strip().toLowerCase(Locale.ROOT);
        if (lower.equals(NAME_OF_OFF)) {
            return OFF;
        }
        MaxLag read = OFF;
        for (String part : lower.split(",", -1)) {
            MaxLag one = one(part.strip());
            if (one == null || both(one.millis, read.millis) || both(one.bytes, read.bytes)) {
                return null;
            }
            read = new MaxLag(Math.min(read.millis, one.millis), Math.min(read.bytes, one.bytes));
        }
        return read;
    }

    private static boolean both(long now, long before) {
        return now != Long.MAX_VALUE && before != Long.MAX_VALUE;
    }

    private static @Nullable MaxLag one(String text) {
        Matcher matcher = VALUE.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        long number = Long.parseLong(matcher.group(1));
        Long time = TIMES.get(matcher.group(2));
        Long size = SIZES.get(matcher.group(2));
        if (time != null) {
            return new MaxLag(number * time, Long.MAX_VALUE);
        }
        return size == null ? null : new MaxLag(Long.MAX_VALUE, number * size);
    }

    /**
     * Whether a replica that is so far behind may be asked.
     *
     * @param lagMillis negative if it is not known
     * @param lagBytes the same
     */
    public boolean allows(long lagMillis, long lagBytes) {
        return within(millis, lagMillis) && within(bytes, lagBytes);
    }

    private static boolean within(long most, long lag) {
        return most == Long.MAX_VALUE || (lag >= 0 && lag <= most);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        if (millis == Long.MAX_VALUE && bytes == Long.MAX_VALUE) {
            return NAME_OF_OFF;
        }
        return millis == Long.MAX_VALUE
                ? size()
                : bytes == Long.MAX_VALUE ? time() : time() + ", " + size();
    }

    private String time() {
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    private String size() {
        return bytes % (1 << 20) == 0
                ? (bytes >> 20) + "MB"
                : bytes % (1 << 10) == 0 ? (bytes >> 10) + "kB" : bytes + "B";
    }
}

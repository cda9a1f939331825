package dev.weir.health;

import java.time.Duration;

/**
 * The moments at which all that watches servers looks at them: the same for everybody, so that one
 * waking of the machine is enough for all, and positions that are compared were told at one time.
 */
public final class Beat {
    /** From one to the next. */
    public static final Duration EVERY = Duration.ofMillis(250);

    private static final long NANOS = EVERY.toNanos();

    private Beat() {}

    /**
     * How long it is to the next, in nanoseconds; at least half of {@link #EVERY}, for whoever has
     * just been late.
     *
     * @param now by {@link System#nanoTime}
     */
    public static long next(long now) {
        return then(now, 1);
    }

    /**
     * How long it is to the last of so many, in nanoseconds.
     *
     * @param beats at least 1
     */
    public static long then(long now, int beats) {
        long left = NANOS - Math.floorMod(now, NANOS);
        return (left < NANOS / 2 ? left + NANOS : left) + (beats - 1) * NANOS;
    }
}

package dev.weir.health;

import dev.weir.topology.Lsn;

import java.time.Duration;

/**
 * When a primary's WAL has passed which position, as far as it was seen. What is long ago is known
 * the less exactly; an age may come out a little too great, but never too small for what was seen.
 * Any thread may use it.
 */
final class History {
    /** Enough for a minute of questions without a pause, and for hours of those now and then. */
    private static final int MOST = 4096;

    /** What was seen within that time counts as seen at once. */
    private static final long GRAIN_NANOS = Duration.ofMillis(20).toNanos();

    private final long[] nanos = new long[MOST];
    private final long[] positions = new long[MOST];
    private int size;

    /** The WAL ends at {@code position}, at a time by {@link System#nanoTime}. */
    synchronized void saw(long position, long now) {
        if (size > 0) {
            long last = positions[size - 1];
            if (last == position) {
                return;
            }
            if (Lsn.reached(last, position)) {
                // Another timeline, or another server: what was before means nothing.
                size = 0;
            } else if (now - nanos[size - 1] < GRAIN_NANOS) {
                positions[size - 1] = position;
                return;
            }
        }
        if (size == MOST) {
            thin();
        }
        nanos[size] = now;
        positions[size] = position;
        size++;
    }

    /** Of the older half, lets two stand as one each: from the first one's time to the second. */
    private void thin() {
        int half = MOST / 2;
        for (int i = 0; i < half / 2; i++) {
            nanos[i] = nanos[2 * i];
            positions[i] = positions[2 * i + 1];
        }
        System.arraycopy(nanos, half, nanos, half / 2, half);
        System.arraycopy(positions, half, positions, half / 2, half);
        size = half / 2 + half;
    }

    /** It is a primary no more. */
    synchronized void forget() {
        size = 0;
    }

    /**
     * For how long the WAL had been longer than {@code position} at {@code now}; 0 if it was not.
     * If it was longer already when it was first seen, that is since then.
     */
    synchronized long ageNanos(long position, long now) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Lsn.reached(position, positions[middle])) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == size ? 0 : Math.max(0, now - nanos[low]);
    }
}

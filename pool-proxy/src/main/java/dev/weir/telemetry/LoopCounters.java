package dev.weir.telemetry;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one event loop has counted of one pool. That loop alone may add; any thread may read, and
 * sees each number as it was a moment ago.
 *
 * <p>Perf: an addition is a load, an add and a store, without a locked instruction, as no other
 * thread writes here.
 */
public final class LoopCounters {
    /** Keeps what two loops write out of one cache line. */
    private static final int PADDING = 8;

    private static final int TIMES = PADDING + Count.values().length;
    private static final int PER_TIMING = Histogram.BUCKETS + 1;
    private static final int SIZE = TIMES + Timing.values().length * PER_TIMING + PADDING;

    private final AtomicLongArray values = new AtomicLongArray(SIZE);

    LoopCounters() {}

    /** One more. */
    public void add(Count what) {
        increase(PADDING + what.ordinal(), 1);
    }

    /** So many more. */
    public void add(Count what, long amount) {
        increase(PADDING + what.ordinal(), amount);
    }

    /** It took so long. */
    public void took(Timing what, long nanos) {
        int at = TIMES + what.ordinal() * PER_TIMING;
        increase(at + Histogram.bucket(nanos), 1);
        increase(at + Histogram.BUCKETS, Math.max(0, nanos));
    }

    private void increase(int at, long amount) {
        values.setOpaque(at, values.getPlain(at) + amount);
    }

    long get(Count what) {
        return values.getOpaque(PADDING + what.ordinal());
    }

    long bucket(Timing what, int bucket) {
        return values.getOpaque(TIMES + what.ordinal() * PER_TIMING + bucket);
    }

    long sum(Timing what) {
        return values.getOpaque(TIMES + what.ordinal() * PER_TIMING + Histogram.BUCKETS);
    }
}

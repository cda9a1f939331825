package dev.weir.telemetry;

import java.util.ArrayList;
import java.util.List;

/** What has been counted of one pool: numbers of each event loop, and what is rare. */
public final class PoolCounters {
    /** PostgreSQL has some 260 codes; an application meets a handful. */
    private static final int MOST_CODES = 48;

    private static final int MOST_REASONS = 32;

    private final LoopCounters[] loops;
    private final Tally errors = new Tally(MOST_CODES);
    private final Tally pins = new Tally(MOST_REASONS);

    /**
     * Nothing has happened yet.
     *
     * @param loopCount the number of event loops
     */
    public PoolCounters(int loopCount) {
        loops = new LoopCounters[loopCount];
        for (int i = 0; i < loopCount; i++) {
            loops[i] = new LoopCounters();
        }
    }

    /** Where the loop of that number counts. */
    public LoopCounters loop(int number) {
        return loops[number];
    }

    /** Errors that clients were told, by SQLSTATE. */
    public Tally errors() {
        return errors;
    }

    /** Times that a session had to be kept on its server connection, by reason. */
    public Tally pins() {
        return pins;
    }

    /** All loops together. */
    public long get(Count what) {
        long sum = 0;
        for (LoopCounters loop : loops) {
            sum += loop.get(what);
        }
        return sum;
    }

    /** All loops together, in nanoseconds. */
    public long sumNanos(Timing what) {
        long sum = 0;
        for (LoopCounters loop : loops) {
            sum += loop.sum(what);
        }
        return sum;
    }

    /** All loops together. */
    public Histogram histogram(Timing what) {
        List<Long> counts = new ArrayList<>(Histogram.BUCKETS);
        for (int bucket = 0; bucket < Histogram.BUCKETS; bucket++) {
            long sum = 0;
            for (LoopCounters loop : loops) {
                sum += loop.bucket(what, bucket);
            }
            counts.add(sum);
        }
        return new Histogram(counts, sumNanos(what));
    }
}

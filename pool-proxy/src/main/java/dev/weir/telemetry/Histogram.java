package dev.weir.telemetry;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Times by how long they took. The buckets are the same for all: powers of two from 66 µs to 69 s,
 * and one for what is longer.
 *
 * @param counts one for each bucket
 * @param sumNanos all times together
 */
public record Histogram(List<Long> counts, long sumNanos) {
    private static final int FIRST_SHIFT = 16;
    private static final int BOUNDS = 21;

    /** How many buckets there are; the last has no upper bound. */
    public static final int BUCKETS = BOUNDS + 1;

    /** The upper bounds of all buckets but the last, in nanoseconds. */
    private static final List<Long> BOUNDARIES =
            IntStream.range(0, BOUNDS).mapToObj(i -> 1L << (FIRST_SHIFT + i)).toList();

    public Histogram {
        counts = List.copyOf(counts);
    }

    /** The upper bounds of all buckets but the last, in nanoseconds. */
    public static List<Long> bounds() {
        return BOUNDARIES;
    }

    /** The bucket of a time; a negative one is none at all. */
    static int bucket(long nanos) {
        if (nanos <= 1L << FIRST_SHIFT) {
            return 0;
        }
        return Math.min(BOUNDS, Long.SIZE - Long.numberOfLeadingZeros(nanos - 1) - FIRST_SHIFT);
    }

    /** How many times there are. */
    public long count() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /** Both together. */
    public Histogram plus(Histogram other) {
        return new Histogram(
                IntStream.range(0, BUCKETS)
                        .mapToObj(i -> counts.get(i) + other.counts.get(i))
                        .toList(),
                sumNanos + other.sumNanos);
    }
}

package dev.weir.deploy.bench;

import java.util.Arrays;

/** Order statistics of a few rounds or of many transactions. All exact, nothing is binned. */
final class Statistics {
    private Statistics() {}

    /**
     * The middle value, or the mean of the two middle ones.
     *
     * @throws IllegalArgumentException if there is no value
     */
    static double median(double... values) {
        return quantile(0.5, values);
    }

    /**
     * The value below which the share {@code q} lies, interpolated between neighbours.
     *
     * @param q 0 to 1
     * @throws IllegalArgumentException if there is no value
     */
    static double quantile(double q, double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = q * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /**
     * The smallest of the values that is at least as large as {@code percent} of them: what "p99"
     * means. Sorts in place.
     *
     * @param length how many of the values count, at least 1
     */
    static long percentile(double percent, long[] values, int length) {
        Arrays.sort(values, 0, length);
        return values[Math.max(0, (int) Math.ceil(percent / 100 * length) - 1)];
    }
}

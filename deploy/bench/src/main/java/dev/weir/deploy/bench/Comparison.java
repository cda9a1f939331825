package dev.weir.deploy.bench;

import java.util.List;

/**
 * Weir's numbers over another contender's, round by round: neighbours on the machine slow both
 * members of a pair, so that the ratio stands still where the numbers swing.
 *
 * @param median of the ratios
 * @param low their lower quartile
 * @param high their upper quartile
 * @param pairs how many there are
 */
record Comparison(double median, double low, double high, int pairs) {
    private static final double NOISE = 0.01;

    /** How Weir stands in one metric. */
    enum Verdict {
        BETTER("better"),
        /** The middle half of the paired ratios lies on both sides of 1, or within 1 % of it. */
        EVEN("even"),
        WORSE("WORSE");

        private final String label;

        Verdict(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    /**
     * @param ratios one per pair, at least one
     */
    static Comparison of(List<Double> ratios) {
        double[] values = ratios.stream().mapToDouble(Double::doubleValue).toArray();
        return new Comparison(
                Statistics.median(values),
                Statistics.quantile(0.25, values),
                Statistics.quantile(0.75, values),
                values.length);
    }

    Verdict verdict(boolean moreIsBetter) {
        if (Math.abs(median - 1) <= NOISE || (low < 1 && high > 1)) {
            return Verdict.EVEN;
        }
        return median > 1 == moreIsBetter ? Verdict.BETTER : Verdict.WORSE;
    }
}

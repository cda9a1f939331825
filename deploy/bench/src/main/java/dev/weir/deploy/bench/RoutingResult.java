package dev.weir.deploy.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What routing did to one load.
 *
 * @param name of the load
 * @param off a sample for each round without replicas
 * @param on the same with replicas, in the same order
 * @param byHand the same without routing, the clients shared out among the replicas beforehand;
 *     empty where that makes no sense
 * @param moved which part of the reads the replicas have answered, by their own count; 0 to 1
 */
record RoutingResult(
        String name, List<Sample> off, List<Sample> on, List<Sample> byHand, double moved) {
    /** The most that Weir's processor time may be of that without routing. */
    private static final double MOST = 1.10;

    RoutingResult {
        off = List.copyOf(off);
        on = List.copyOf(on);
        byHand = List.copyOf(byHand);
    }

    static List<String> headers() {
        return List.of(
                "load",
                "TPS off",
                "on",
                "ratio",
                "Weir CPU µs/tx off",
                "on",
                "ratio",
                "by hand",
                "on to that",
                "reads on replicas",
                "primary CPU µs/tx off",
                "on",
                "ratio",
                "replicas");
    }

    List<String> cells() {
        return List.of(
                name,
                median(off, Metric.TPS),
                median(on, Metric.TPS),
                ratio(Metric.TPS),
                median(off, Metric.CPU_PER_TRANSACTION),
                median(on, Metric.CPU_PER_TRANSACTION),
                ratio(Metric.CPU_PER_TRANSACTION),
                median(byHand, Metric.CPU_PER_TRANSACTION),
                ratio(byHand, Metric.CPU_PER_TRANSACTION),
                String.format(Locale.ROOT, "%.1f %%", moved * 100),
                median(off, Metric.PRIMARY_CPU),
                median(on, Metric.PRIMARY_CPU),
                ratio(Metric.PRIMARY_CPU),
                median(on, Metric.REPLICA_CPU));
    }

    /** Whether Weir's own work grew by no more than it may. */
    boolean cheap() {
        return paired(off, Metric.CPU_PER_TRANSACTION) <= MOST;
    }

    private String ratio(Metric metric) {
        return ratio(off, metric);
    }

    private String ratio(List<Sample> before, Metric metric) {
        return before.isEmpty() ? "" : String.format(Locale.ROOT, "%.2f", paired(before, metric));
    }

    /** The median of the ratios of rounds that ran side by side. */
    private double paired(List<Sample> before, Metric metric) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(before.size(), on.size()); i++) {
            ratios.add(on.get(i).number(metric) / before.get(i).number(metric));
        }
        return ratios.isEmpty() ? Double.NaN : Comparison.of(ratios).median();
    }

    private static String median(List<Sample> samples, Metric metric) {
        return samples.isEmpty()
                ? ""
                : metric.format(
                        Statistics.median(
                                samples.stream().mapToDouble(it -> it.number(metric)).toArray()));
    }
}

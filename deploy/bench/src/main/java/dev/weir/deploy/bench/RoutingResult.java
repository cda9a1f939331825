package dev.weir.deploy.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What routing did to one load.
 *
 * @param name of the load
 * @param off a sample for each round without replicas
 * @param one the same with one replica, in the same order: as many servers answer the reads
 * @param two the same with two
 * @param byHand the same without routing, the clients shared out among the two beforehand; empty
 *     where that makes no sense
 * @param moved which part of the reads two replicas have answered, by their own count; 0 to 1
 */
record RoutingResult(
        String name,
        List<Sample> off,
        List<Sample> one,
        List<Sample> two,
        List<Sample> byHand,
        double moved) {
    /** The most that Weir's processor time may be of that without routing. */
    private static final double MOST = 1.10;

    RoutingResult {
        off = List.copyOf(off);
        one = List.copyOf(one);
        two = List.copyOf(two);
        byHand = List.copyOf(byHand);
    }

    static List<String> headers() {
        return List.of(
                "load",
                "TPS off",
                "one",
                "two",
                "Weir CPU µs/tx off",
                "one",
                "ratio",
                "two",
                "ratio",
                "by hand",
                "two to that",
                "pgbench CPU µs/tx off",
                "one",
                "ratio",
                "two",
                "ratio",
                "reads on replicas",
                "primary CPU µs/tx off",
                "two",
                "ratio",
                "replicas");
    }

    List<String> cells() {
        return List.of(
                name,
                median(off, Metric.TPS),
                median(one, Metric.TPS),
                median(two, Metric.TPS),
                median(off, Metric.CPU_PER_TRANSACTION),
                median(one, Metric.CPU_PER_TRANSACTION),
                ratio(off, one, Metric.CPU_PER_TRANSACTION),
                median(two, Metric.CPU_PER_TRANSACTION),
                ratio(off, two, Metric.CPU_PER_TRANSACTION),
                median(byHand, Metric.CPU_PER_TRANSACTION),
                ratio(byHand, two, Metric.CPU_PER_TRANSACTION),
                median(off, Metric.PGBENCH_CPU),
                median(one, Metric.PGBENCH_CPU),
                ratio(off, one, Metric.PGBENCH_CPU),
                median(two, Metric.PGBENCH_CPU),
                ratio(off, two, Metric.PGBENCH_CPU),
                String.format(Locale.ROOT, "%.1f %%", moved * 100),
                median(off, Metric.PRIMARY_CPU),
                median(two, Metric.PRIMARY_CPU),
                ratio(off, two, Metric.PRIMARY_CPU),
                median(two, Metric.REPLICA_CPU));
    }

    /** Whether Weir's own work grew by no more than it may, with as many servers at work. */
    boolean cheap() {
        return paired(off, one, Metric.CPU_PER_TRANSACTION) <= MOST;
    }

    private static String ratio(List<Sample> before, List<Sample> after, Metric metric) {
        return before.isEmpty()
                ? ""
                : String.format(Locale.ROOT, "%.2f", paired(before, after, metric));
    }

    /** The median of the ratios of rounds that ran side by side. */
    private static double paired(List<Sample> before, List<Sample> after, Metric metric) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(before.size(), after.size()); i++) {
            ratios.add(after.get(i).number(metric) / before.get(i).number(metric));
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

package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All rounds of one row. Grows while the row runs; for one thread. */
final class RowResult {
    private final Row row;
    private final Map<Contender, Map<Integer, Sample>> samples = new EnumMap<>(Contender.class);
    private final Map<Contender, List<String>> failures = new EnumMap<>(Contender.class);
    private final Set<String> remarks = new LinkedHashSet<>();

    RowResult(Row row) {
        this.row = row;
    }

    Row row() {
        return row;
    }

    void add(Contender contender, int round, Sample sample) {
        samples.computeIfAbsent(contender, c -> new TreeMap<>()).put(round, sample);
    }

    void failed(Contender contender, String sentence) {
        failures.computeIfAbsent(contender, c -> new ArrayList<>()).add(sentence);
    }

    void remark(String sentence) {
        remarks.add(sentence);
    }

    List<String> failures(Contender contender) {
        return failures.getOrDefault(contender, List.of());
    }

    boolean hasFailures() {
        return !failures.isEmpty();
    }

    Set<String> remarks() {
        return remarks;
    }

    /** How many rounds gave numbers. */
    int rounds(Contender contender) {
        return samples.getOrDefault(contender, Map.of()).size();
    }

    /** The metrics that any contender has, in the order of their declaration. */
    List<Metric> metrics() {
        return Arrays.stream(Metric.values())
                .filter(metric ->
                        samples.values().stream()
                                .flatMap(rounds -> rounds.values().stream())
                                .anyMatch(sample -> sample.value(metric) != null))
                .toList();
    }

    /** Every round's number in order, as the metric shows it. */
    List<String> everyRound(Contender contender, Metric metric) {
        return samples.getOrDefault(contender, Map.of()).values().stream()
                .map(sample -> sample.values().get(metric))
                .map(value -> value == null ? "-" : metric.format(value))
                .toList();
    }

    /** The median over the rounds, or null if there is no number. */
    @Nullable Double median(Contender contender, Metric metric) {
        double[] values =
                samples.getOrDefault(contender, Map.of()).values().stream()
                        .map(sample -> sample.values().get(metric))
                        .filter(value -> value != null)
                        .mapToDouble(Double::doubleValue)
                        .toArray();
        return values.length == 0 ? null : Statistics.median(values);
    }

    /** Weir's numbers over another's, from the rounds that both have; null if there is none. */
    @Nullable Comparison weirOver(Contender other, Metric metric) {
        List<Double> ratios = new ArrayList<>();
        pairs(
                other,
                metric,
                (weir, theirs) -> {
                    if (theirs > 0) {
                        ratios.add(weir / theirs);
                    }
                });
        return ratios.isEmpty() ? null : Comparison.of(ratios);
    }

    /** The median of Weir's number minus the other's of the same round; null if there is none. */
    @Nullable Double weirMinus(Contender other, Metric metric) {
        List<Double> differences = new ArrayList<>();
        pairs(other, metric, (weir, theirs) -> differences.add(weir - theirs));
        return differences.isEmpty()
                ? null
                : Statistics.median(
                        differences.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private void pairs(Contender other, Metric metric, PairConsumer consumer) {
        Map<Integer, Sample> theirs = samples.getOrDefault(other, Map.of());
        samples.getOrDefault(Contender.WEIR, Map.of())
                .forEach((round, sample) -> {
                    Double weir = sample.value(metric);
                    Sample pair = theirs.get(round);
                    Double their = pair == null ? null : pair.value(metric);
                    if (weir != null && their != null) {
                        consumer.accept(weir, their);
                    }
                });
    }

    private interface PairConsumer {
        void accept(double weir, double theirs);
    }
}

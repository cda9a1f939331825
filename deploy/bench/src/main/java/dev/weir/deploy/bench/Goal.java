package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Something that Weir has promised, and what the bench found.
 *
 * @param row where it shows
 * @param promise in words
 * @param found the measured value, in words
 * @param met whether it is kept
 */
record Goal(String row, String promise, String found, boolean met) {
    private static final double P50_MARGIN_MILLIS = 0.02;
    private static final double CROWD_MEBIBYTES = 256;
    private static final double FLAT_MEBIBYTES = 32;
    private static final double START_MILLIS = 500;
    private static final double CROWDED_TIMES = 3;

    /** The promises that a row can show, judged by its medians. None if it did not run. */
    static List<Goal> of(RowResult result) {
        List<Goal> goals = new ArrayList<>();
        switch (result.row()) {
            case PgbenchRow row -> pgbench(result, row, goals);
            case TransferRow _ -> {
                ratio(result, Metric.THROUGHPUT, goals);
                limit(result, Metric.MEMORY_GROWTH, FLAT_MEBIBYTES, goals);
            }
            case IdleRow row -> {
                limit(result, Metric.MEMORY, CROWD_MEBIBYTES, goals);
                Double held = result.median(Contender.WEIR, Metric.SESSIONS);
                if (held != null) {
                    goals.add(
                            new Goal(
                                    row.name(),
                                    row.asked() + " sessions held",
                                    Metric.SESSIONS.format(held),
                                    held >= row.asked()));
                }
            }
            case CrowdRow _ -> limit(result, Metric.P99_TIMES, CROWDED_TIMES, goals);
            case StartRow _ -> limit(result, Metric.FIRST_ANSWER_OF_PROGRAM, START_MILLIS, goals);
        }
        if (!result.failures(Contender.WEIR).isEmpty()) {
            goals.add(
                    new Goal(
                            result.row().name(),
                            "no error",
                            result.failures(Contender.WEIR).getFirst(),
                            false));
        }
        return goals;
    }

    private static void pgbench(RowResult result, PgbenchRow row, List<Goal> goals) {
        int clients = row.load().clients();
        if (clients == 1) {
            Double difference = result.weirMinus(Contender.PGBOUNCER, Metric.P50);
            if (difference != null) {
                goals.add(
                        new Goal(
                                row.name(),
                                "p50 at most 0.02 ms above PgBouncer's",
                                String.format(Locale.ROOT, "%+.3f ms", difference),
                                difference <= P50_MARGIN_MILLIS));
            }
        } else if (clients <= 200) {
            ratio(result, Metric.CPU_PER_TRANSACTION, goals);
            ratio(result, Metric.TPS, goals);
        } else if (result.rounds(Contender.WEIR) > 0 && result.failures(Contender.WEIR).isEmpty()) {
            goals.add(new Goal(row.name(), "no error", "none", true));
        }
    }

    private static void ratio(RowResult result, Metric metric, List<Goal> goals) {
        Comparison comparison = result.weirOver(Contender.PGBOUNCER, metric);
        if (comparison != null) {
            boolean more = metric.moreIsBetter();
            goals.add(
                    new Goal(
                            result.row().name(),
                            metric.label() + (more ? " at least" : " at most") + " PgBouncer's",
                            String.format(Locale.ROOT, "%.2f times", comparison.median()),
                            more ? comparison.median() >= 1 : comparison.median() <= 1));
        }
    }

    private static void limit(RowResult result, Metric metric, double most, List<Goal> goals) {
        @Nullable Double value = result.median(Contender.WEIR, metric);
        if (value != null) {
            goals.add(
                    new Goal(
                            result.row().name(),
                            metric.label() + " at most " + metric.format(most),
                            metric.format(value),
                            value <= most));
        }
    }
}

package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a run found, for the terminal and as a Markdown page.
 *
 * @param facts versions, machine and settings: label and value
 * @param results of the rows that ran
 * @param repeat the command line that repeats the run
 * @param isProof whether there were rounds enough of the full sizes to judge goals by
 */
record Report(Map<String, String> facts, List<RowResult> results, String repeat, boolean isProof) {
    private static final String NOTHING = "-";

    /** One short line about a row, for those who watch. */
    static String line(RowResult result) {
        List<String> parts = new ArrayList<>();
        for (Metric metric : result.metrics()) {
            Double weir = result.median(Contender.WEIR, metric);
            Double other = result.median(Contender.PGBOUNCER, metric);
            Double direct = result.median(Contender.DIRECT, metric);
            Comparison comparison = result.weirOver(Contender.PGBOUNCER, metric);
            if (comparison != null && weir != null && other != null) {
                parts.add(
                        String.format(
                                Locale.ROOT,
                                "%s %s : %s (%.2f)",
                                metric.label(),
                                metric.format(weir),
                                metric.format(other),
                                comparison.median()));
            } else {
                Double any = weir != null ? weir : other != null ? other : direct;
                parts.add(metric.label() + " " + (any == null ? NOTHING : metric.format(any)));
            }
        }
        String numbers = parts.isEmpty() ? "no numbers" : String.join(", ", parts);
        return result.row().name() + ": " + numbers + (result.hasFailures() ? " (errors)" : "");
    }

    Table table() {
        List<List<String>> lines = new ArrayList<>();
        for (RowResult result : results) {
            if (!lines.isEmpty()) {
                lines.add(List.of());
            }
            String name = result.row().name();
            for (Metric metric : result.metrics()) {
                Comparison comparison = result.weirOver(Contender.PGBOUNCER, metric);
                lines.add(
                        List.of(
                                name,
                                metric.label(),
                                cell(result, Contender.DIRECT, metric),
                                cell(result, Contender.PGBOUNCER, metric),
                                cell(result, Contender.WEIR, metric),
                                comparison == null ? NOTHING : ratio(comparison.median()),
                                comparison == null
                                        ? NOTHING
                                        : ratio(comparison.low()) + ".." + ratio(comparison.high()),
                                comparison == null ? NOTHING : metric.verdict(comparison)));
                name = "";
            }
            if (result.metrics().isEmpty()) {
                lines.add(
                        List.of(
                                name,
                                "no numbers",
                                NOTHING,
                                NOTHING,
                                NOTHING,
                                NOTHING,
                                NOTHING,
                                NOTHING));
            }
        }
        return new Table(
                List.of(
                        "row",
                        "median of",
                        Contender.DIRECT.label(),
                        Contender.PGBOUNCER.label(),
                        Contender.WEIR.label(),
                        "Weir/PgBouncer",
                        "quartiles",
                        "Weir is"),
                lines,
                2);
    }

    private static String cell(RowResult result, Contender contender, Metric metric) {
        @Nullable Double value = result.median(contender, metric);
        return value == null ? NOTHING : metric.format(value);
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private List<Goal> goals() {
        if (!isProof) {
            return List.of();
        }
        return results.stream().flatMap(result -> Goal.of(result).stream()).toList();
    }

    private Table goalTable() {
        return new Table(
                List.of("row", "goal", "found", ""),
                goals().stream()
                        .map(goal ->
                                List.of(
                                        goal.row(),
                                        goal.promise(),
                                        firstLine(goal.found()),
                                        goal.met() ? "met" : "MISSED"))
                        .toList(),
                4);
    }

    private List<String> notes() {
        // The same remark may stand at many rows.
        Set<String> remarks = new LinkedHashSet<>();
        results.forEach(result -> remarks.addAll(result.remarks()));
        List<String> notes = new ArrayList<>(remarks);
        for (RowResult result : results) {
            for (Contender contender : Contender.values()) {
                result.failures(contender).stream()
                        .distinct()
                        .forEach(failure ->
                                notes.add(
                                        result.row().name()
                                                + ": "
                                                + contender.label()
                                                + " failed: "
                                                + failure));
            }
        }
        return notes;
    }

    /** For the terminal. */
    String text() {
        StringBuilder text = new StringBuilder("\n").append(table().text());
        List<Goal> goals = goals();
        if (!goals.isEmpty()) {
            long met = goals.stream().filter(Goal::met).count();
            text.append("\nGoals: ").append(met).append(" of ").append(goals.size());
            text.append(" met\n\n").append(goalTable().text());
        }
        List<String> notes = notes();
        if (!notes.isEmpty()) {
            text.append("\nNotes\n");
            notes.forEach(note -> text.append("- ").append(note).append('\n'));
        }
        return text.toString();
    }

    /** A page for the repository. */
    String markdown() {
        StringBuilder page = new StringBuilder("# Weir beside PgBouncer and PostgreSQL alone\n\n");
        page.append("Written by `./weir bench`. To repeat it:\n\n```\n");
        page.append(repeat).append("\n```\n\n");
        List<List<String>> lines = new ArrayList<>();
        facts.forEach((label, value) -> lines.add(List.of(label, value)));
        page.append(new Table(List.of("", ""), lines, 2).markdown());
        page.append("\nThe rows:\n\n");
        for (RowResult result : results) {
            page.append("- `").append(result.row().name()).append("`: ");
            page.append(result.row().about()).append('\n');
        }
        page.append('\n').append(METHOD).append("\n## Results\n\n").append(table().markdown());
        if (!goals().isEmpty()) {
            page.append("\n## Goals\n\n").append(goalTable().markdown());
        }
        List<String> notes = notes();
        if (!notes.isEmpty()) {
            page.append("\n## Notes\n\n");
            notes.forEach(note -> page.append("- ").append(oneLine(note)).append('\n'));
        }
        page.append("\n## Every round\n\n").append(everyRound().markdown());
        return page.toString();
    }

    private Table everyRound() {
        List<List<String>> lines = new ArrayList<>();
        for (RowResult result : results) {
            for (Metric metric : result.metrics()) {
                for (Contender contender : Contender.values()) {
                    if (result.median(contender, metric) != null) {
                        lines.add(
                                List.of(
                                        result.row().name(),
                                        metric.label(),
                                        contender.label(),
                                        String.join(" ", result.everyRound(contender, metric))));
                    }
                }
            }
        }
        return new Table(List.of("row", "metric", "", "rounds in order"), lines, 4);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String oneLine(String text) {
        return String.join(" ", text.lines().map(String::strip).toList());
    }

    private static final String METHOD =
            """
            Contenders take turns in short rounds, in alternating order, so that a busy neighbour
            hits all of them; PostgreSQL alone is only a reference and runs every second round.
            Numbers are medians over the rounds. `Weir/PgBouncer` is the median of the ratios of
            the same round, `quartiles` the middle half of those; Weir is `even` where that half
            lies on both sides of 1 or the median is within 1 % of it. TPS, latencies and processor
            time are of one window: after all clients have logged in and the first 0.25 s is over,
            until pgbench's time is up. Transactions are counted in pgbench's per-transaction logs
            (which cost pgbench some time, the same for all), processor time is user and system
            time of the proxy's whole process (Weir's: with its compiler and collector threads),
            read from its process clock, which /proc/PID/stat shows in ticks.
            Latencies of the connect storm go from one transaction's end to the next one's, and so
            hold the login. Memory is resident memory (VmRSS, its peak VmHWM). Every contender is
            reached over TCP on the loopback interface, and every proxy was warmed in the row's
            query mode before its first counted round.
            """;
}

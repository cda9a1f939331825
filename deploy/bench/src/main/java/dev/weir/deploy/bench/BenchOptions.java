package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param rows to compare
 * @param contenders who takes part, if it is installed
 * @param rounds counted rounds of each row, at least 1
 * @param seconds of one pgbench round, at least 1
 * @param warmUp how long Weir practises each query mode
 * @param scale of pgbench's tables
 * @param shrink what big results and crowds are divided by, 1 for none
 * @param output the Markdown file; null for the usual place of a full run
 * @param weirCommand starts Weir; null for the launcher
 * @param standIn a second PgBouncer plays Weir's part
 * @param isFull every row, contender and round of the default run
 * @param repeat the command line that repeats this run
 */
record BenchOptions(
        List<Row> rows,
        Set<Contender> contenders,
        int rounds,
        int seconds,
        Duration warmUp,
        int scale,
        int shrink,
        @Nullable Path output,
        @Nullable String weirCommand,
        boolean standIn,
        boolean isFull,
        String repeat) {
    BenchOptions {
        rows = List.copyOf(rows);
        contenders = Set.copyOf(contenders);
    }

    /** Whether goals can be judged by such a run. */
    boolean isProof() {
        return shrink == 1 && rounds >= 3;
    }

    /** The file name of a full run's page. */
    String resultName(String revision) {
        return LocalDate.now(ZoneOffset.UTC) + "-" + revision.replaceAll("\\W.*", "") + ".md";
    }
}

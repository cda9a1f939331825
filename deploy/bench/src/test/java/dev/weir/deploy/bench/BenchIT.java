package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Tiny runs: that numbers come out and nothing stays behind, never how good they are. */
class BenchIT {
    private static BenchOptions options(
            Set<Contender> contenders, boolean standIn, String... rows) {
        return new BenchOptions(
                Rows.select(List.of(rows)),
                contenders,
                1,
                1,
                Duration.ofSeconds(1),
                1,
                50,
                null,
                null,
                standIn,
                false,
                "./weir bench");
    }

    private static Report run(BenchOptions options) throws Exception {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        try (Cleanup cleanup = Cleanup.atExit();
                PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8)) {
            return new Bench(options, out, new Progress(out, false), cleanup).run();
        } finally {
            System.out.println(told.toString(StandardCharsets.UTF_8));
        }
    }

    private static void assumeInstalled(Path program, String advice) {
        if (program == null) {
            System.out.println("skipped: " + advice);
        }
        assumeTrue(program != null, advice);
    }

    @Test
    void postgresAloneGivesNumbersInEveryKindOfRowThatItTakesPartIn() throws Exception {
        assumeInstalled(Tools.pgbench(), Tools.PGBENCH_ADVICE);

        Report report =
                run(
                        options(
                                EnumSet.of(Contender.DIRECT),
                                false,
                                "select-prepared-20",
                                "tpcb-20",
                                "result-rows",
                                "copy-in",
                                "idle-sessions",
                                "connect-storm"));

        assertThat(report.results())
                .extracting(result -> result.row().name())
                .containsExactly(
                        "select-prepared-20", "tpcb-20", "result-rows", "copy-in", "connect-storm");
        assertThat(report.results())
                .allSatisfy(result -> {
                    assertThat(result.failures(Contender.DIRECT)).isEmpty();
                    assertThat(result.rounds(Contender.DIRECT)).isEqualTo(1);
                    assertThat(result.metrics()).isNotEmpty();
                    assertThat(result.median(Contender.DIRECT, Metric.CPU_PER_TRANSACTION))
                            .isNull();
                });
        assertThat(report.facts()).containsKeys("PostgreSQL", "pgbench", "Kernel", "JDK");
        assertThat(ProcessHandle.current().descendants())
                .as("processes that are left")
                .noneMatch(process ->
                        process.info().command().orElse("").matches(".*/(pgbench|postgres)"));
    }

    @Test
    void aProxysProcessorTimeAndMemoryAreMeasuredAndTheProxyIsEnded() throws Exception {
        assumeInstalled(Tools.pgbench(), Tools.PGBENCH_ADVICE);
        assumeInstalled(Tools.pgBouncer(), Tools.PGBOUNCER_ADVICE);

        Report report =
                run(
                        options(
                                EnumSet.of(Contender.PGBOUNCER, Contender.WEIR),
                                true,
                                "select-simple-20",
                                "result-copy",
                                "idle-sessions",
                                "start-up",
                                "tls-select-prepared-20",
                                "connect-storm"));

        for (RowResult result : report.results()) {
            for (Contender contender : List.of(Contender.PGBOUNCER, Contender.WEIR)) {
                assertThat(result.failures(contender)).isEmpty();
            }
        }
        RowResult select = report.results().getFirst();
        assertThat(select.median(Contender.PGBOUNCER, Metric.CPU_PER_TRANSACTION)).isPositive();
        assertThat(select.median(Contender.PGBOUNCER, Metric.MEMORY)).isPositive();
        assertThat(select.weirOver(Contender.PGBOUNCER, Metric.TPS)).isNotNull();
        assertThat(report.results())
                .filteredOn(result -> result.row() instanceof IdleRow)
                .singleElement()
                .satisfies(idle ->
                        assertThat(idle.median(Contender.WEIR, Metric.SESSIONS)).isEqualTo(200));
        assertThat(ProcessHandle.current().descendants())
                .as("processes that are left")
                .noneMatch(process -> process.info().command().orElse("").endsWith("pgbouncer"));
    }
}

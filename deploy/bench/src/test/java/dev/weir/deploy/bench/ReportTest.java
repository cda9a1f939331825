package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

class ReportTest {
    @Test
    void columnsOfWordsAreSetLeftAndNumbersRight() {
        Table table =
                new Table(
                        List.of("row", "TPS"),
                        List.of(List.of("a", "12,345"), List.of(), List.of("longer", "1")),
                        1);
        assertThat(table.text())
                .isEqualTo(
                        """
                        row        TPS
                        ------  ------
                        a       12,345

                        longer       1
                        """);
    }

    @Test
    void markdownEscapesBarsAndHasNoGaps() {
        Table table = new Table(List.of("a", "b"), List.of(List.of("x|y", "1"), List.of()), 1);
        assertThat(table.markdown())
                .isEqualTo(
                        """
                        | a | b |
                        |---|---:|
                        | x\\|y | 1 |
                        """);
    }

    @Test
    void aLineWithAnotherNumberOfCellsIsRefused() {
        assertThatThrownBy(() -> new Table(List.of("a"), List.of(List.of("1", "2")), 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Report report(boolean isProof) {
        RowResult result =
                new RowResult(
                        new PgbenchRow(
                                "select-simple-20",
                                new PgbenchRun.Load(true, "simple", 20, false),
                                Login.TRUST));
        for (int round = 0; round < 3; round++) {
            result.add(Contender.DIRECT, round, Sample.with(Metric.TPS, 30_000).sample());
            result.add(
                    Contender.PGBOUNCER,
                    round,
                    Sample.with(Metric.TPS, 20_000).and(Metric.CPU_PER_TRANSACTION, 15).sample());
            result.add(
                    Contender.WEIR,
                    round,
                    Sample.with(Metric.TPS, 18_000).and(Metric.CPU_PER_TRANSACTION, 12).sample());
        }
        result.remark("a remark");
        return new Report(
                Map.of("Kernel", "6.1"), List.of(result), "./weir bench --only x", isProof);
    }

    @Test
    void winsAndLossesStandInTheTable() {
        String text = report(true).text();
        assertThat(text)
                .containsPattern("TPS +30,000 +20,000 +18,000 +0\\.90 +0\\.90\\.\\.0\\.90 +WORSE")
                .containsPattern("CPU µs/tx +- +15\\.0 +12\\.0 +0\\.80 +0\\.80\\.\\.0\\.80 +better")
                .contains("Goals: 1 of 2 met")
                .contains("- a remark");
    }

    @Test
    void aRunThatProvesNothingJudgesNoGoals() {
        assertThat(report(false).text()).doesNotContain("Goals");
    }

    @Test
    void thePageTellsTheMachineTheCommandAndEveryRound() {
        assertThat(report(true).markdown())
                .contains("./weir bench --only x")
                .contains("| Kernel | 6.1 |")
                .contains("| TPS at least PgBouncer's | 0.90 times | MISSED |")
                .contains("18,000 18,000 18,000");
    }

    @Test
    void aLogGetsALineForEachStepAndNoControlCharacters() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Progress progress =
                new Progress(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);
        progress.expect(Duration.ofSeconds(75));
        progress.step("first");
        progress.detail("unseen");
        progress.line("result");
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .matches("\\d+:\\d\\d of about 1:15  first\nresult\n");
    }
}

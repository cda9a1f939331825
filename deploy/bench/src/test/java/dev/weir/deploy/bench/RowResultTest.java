package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class RowResultTest {
    private static final Row ROW =
            new PgbenchRow(
                    "select-simple-20",
                    new PgbenchRun.Load(true, "simple", 20, false),
                    Login.TRUST);

    private static RowResult result(double[] pgBouncer, double[] weir) {
        RowResult result = new RowResult(ROW);
        for (int i = 0; i < pgBouncer.length; i++) {
            result.add(Contender.PGBOUNCER, i, Sample.with(Metric.TPS, pgBouncer[i]).sample());
        }
        for (int i = 0; i < weir.length; i++) {
            result.add(Contender.WEIR, i, Sample.with(Metric.TPS, weir[i]).sample());
        }
        return result;
    }

    @Test
    void ratiosAreTakenRoundByRoundBeforeTheMedian() {
        RowResult result = result(new double[] {100, 1000, 10}, new double[] {110, 900, 12});
        Comparison comparison = result.weirOver(Contender.PGBOUNCER, Metric.TPS);
        assertThat(comparison).isNotNull();
        assertThat(comparison.median()).isEqualTo(1.1);
        assertThat(comparison.pairs()).isEqualTo(3);
    }

    @Test
    void aRoundThatOneOfThemMissedIsNoPair() {
        RowResult result = result(new double[] {100}, new double[] {50, 900});
        Comparison comparison = result.weirOver(Contender.PGBOUNCER, Metric.TPS);
        assertThat(comparison).isNotNull();
        assertThat(comparison.median()).isEqualTo(0.5);
        assertThat(comparison.pairs()).isEqualTo(1);
    }

    @Test
    void withoutPairsThereIsNoComparison() {
        RowResult result = result(new double[] {}, new double[] {50});
        assertThat(result.weirOver(Contender.PGBOUNCER, Metric.TPS)).isNull();
        assertThat(result.weirMinus(Contender.PGBOUNCER, Metric.TPS)).isNull();
        assertThat(result.median(Contender.PGBOUNCER, Metric.TPS)).isNull();
        assertThat(result.median(Contender.WEIR, Metric.P50)).isNull();
    }

    @Test
    void differencesArePairedToo() {
        RowResult result = result(new double[] {1, 20, 3}, new double[] {2, 30, 5});
        assertThat(result.weirMinus(Contender.PGBOUNCER, Metric.TPS)).isEqualTo(2);
    }

    @Test
    void onlyMetricsWithNumbersAreListed() {
        assertThat(result(new double[] {1}, new double[] {1}).metrics())
                .isEqualTo(List.of(Metric.TPS));
    }

    @Test
    void lessProcessorTimeIsBetterAndFewerTransactionsAreWorse() {
        Comparison less = new Comparison(0.9, 0.85, 0.95, 5);
        assertThat(Metric.CPU_PER_TRANSACTION.verdict(less)).isEqualTo("better");
        assertThat(Metric.TPS.verdict(less)).isEqualTo("WORSE");
    }

    @Test
    void quartilesOnBothSidesOfOneAreEven() {
        assertThat(Metric.TPS.verdict(new Comparison(0.97, 0.9, 1.02, 5))).isEqualTo("even");
        assertThat(Metric.TPS.verdict(new Comparison(1.005, 1.004, 1.006, 5))).isEqualTo("even");
    }

    @Test
    void twoRoundsGiveNoVerdictExceptOnMemory() {
        Comparison few = new Comparison(2, 2, 2, 2);
        assertThat(Metric.TPS.verdict(few)).isEqualTo("(too few)");
        assertThat(Metric.MEMORY.verdict(few)).isEqualTo("WORSE");
        assertThat(Metric.MEMORY_BEFORE.verdict(few)).isEmpty();
    }

    @Test
    void goalsFollowTheMedianRatio() {
        assertThat(Goal.of(result(new double[] {100, 100, 100}, new double[] {99, 101, 102})))
                .extracting(Goal::promise, Goal::met)
                .contains(org.assertj.core.groups.Tuple.tuple("TPS at least PgBouncer's", true));
        assertThat(Goal.of(result(new double[] {100, 100, 100}, new double[] {99, 98, 102})))
                .extracting(Goal::promise, Goal::met)
                .contains(org.assertj.core.groups.Tuple.tuple("TPS at least PgBouncer's", false));
    }

    @Test
    void aFailureOfWeirIsAMissedGoal() {
        RowResult result = result(new double[] {1}, new double[] {1});
        result.failed(Contender.WEIR, "it ended");
        assertThat(Goal.of(result))
                .anyMatch(goal -> !goal.met() && goal.found().equals("it ended"));
        assertThat(result.hasFailures()).isTrue();
    }
}

package dev.weir.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Numbers that loops count, each for itself. */
class CountersTest {
    @Test
    void aTimeFallsIntoTheFirstBucketWhoseBoundItDoesNotExceed() {
        List<Long> bounds = Histogram.bounds();
        for (int i = 0; i < bounds.size(); i++) {
            assertThat(Histogram.bucket(bounds.get(i))).isEqualTo(i);
            assertThat(Histogram.bucket(bounds.get(i) + 1)).isEqualTo(i + 1);
        }
        assertThat(Histogram.bucket(0)).isZero();
        assertThat(Histogram.bucket(-5)).isZero();
        assertThat(Histogram.bucket(Long.MAX_VALUE)).isEqualTo(Histogram.BUCKETS - 1);
    }

    @Test
    void whatLoopsHaveCountedIsAddedUp() {
        PoolCounters counters = new PoolCounters(2);
        counters.loop(0).add(Count.QUERIES);
        counters.loop(1).add(Count.QUERIES, 4);
        counters.loop(0).took(Timing.QUERY, 1_000);
        counters.loop(1).took(Timing.QUERY, 1_000_000_000);

        assertThat(counters.get(Count.QUERIES)).isEqualTo(5);
        assertThat(counters.get(Count.LOGINS)).isZero();
        assertThat(counters.sumNanos(Timing.QUERY)).isEqualTo(1_000_001_000);
        assertThat(counters.histogram(Timing.QUERY).count()).isEqualTo(2);
        assertThat(counters.histogram(Timing.QUERY).counts().getFirst()).isEqualTo(1);
        assertThat(counters.histogram(Timing.WAIT).count()).isZero();
        assertThat(counters.histogram(Timing.QUERY).plus(counters.histogram(Timing.QUERY)).count())
                .isEqualTo(4);
    }

    @Test
    void whoeverInventsNamesCannotFillTheMemory() {
        Tally tally = new Tally(2);
        for (String name : List.of("22012", "23505", "XX001", "XX002", "22012")) {
            tally.add(name);
        }

        assertThat(tally.values())
                .containsEntry("22012", 2L)
                .containsEntry("23505", 1L)
                .containsEntry(Tally.OTHER, 2L)
                .hasSize(3);
        assertThat(tally.total()).isEqualTo(5);
    }
}

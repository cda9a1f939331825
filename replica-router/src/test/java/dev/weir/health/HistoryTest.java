package dev.weir.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;

/** Since when a position has been passed, by the samples that were seen. */
class HistoryTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final History history = new History();

    @Test
    void aPositionIsPassedFromTheFirstGreaterOneOn() {
        history.saw(100, 0);
        history.saw(200, SECOND);
        history.saw(200, 2 * SECOND);
        history.saw(300, 3 * SECOND);
        assertThat(history.ageNanos(100, 10 * SECOND)).isEqualTo(9 * SECOND);
        assertThat(history.ageNanos(199, 10 * SECOND)).isEqualTo(9 * SECOND);
        assertThat(history.ageNanos(200, 10 * SECOND)).isEqualTo(7 * SECOND);
        assertThat(history.ageNanos(200, 2 * SECOND)).isZero();
        assertThat(history.ageNanos(300, 10 * SECOND)).isZero();
        assertThat(history.ageNanos(50, 10 * SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void whatItKnowsOfLongAgoNeverMakesAnAgeTooSmall() {
        for (int i = 0; i < 100_000; i++) {
            history.saw(i, i * SECOND);
        }
        long now = 100_000 * SECOND;
        for (int i = 0; i < 99_999; i++) {
            long age = now - (i + 1) * SECOND;
            assertThat(history.ageNanos(i, now)).isGreaterThanOrEqualTo(age);
        }
        assertThat(history.ageNanos(99_990, now)).isEqualTo(9 * SECOND);
    }

    @Test
    void positionsThatGoBackMeanThatNothingIsKnown() {
        history.saw(500, 0);
        history.saw(100, SECOND);
        assertThat(history.ageNanos(50, 2 * SECOND)).isEqualTo(SECOND);
        history.forget();
        assertThat(history.ageNanos(50, 2 * SECOND)).isZero();
    }

    @Test
    void positionsAreUnsigned() {
        history.saw(-2, 0);
        history.saw(-1, SECOND);
        assertThat(history.ageNanos(-2, 2 * SECOND)).isEqualTo(SECOND);
    }
}

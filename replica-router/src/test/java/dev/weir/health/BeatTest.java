package dev.weir.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeatTest {
    private static final long EVERY = Beat.EVERY.toNanos();

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100_000_000, 249_999_999, 250_000_000, 12_345_678_901L, -1, -777})
    void allMeetAtTheSameMoments(long now) {
        long next = now + Beat.next(now);
        assertThat(Math.floorMod(next, EVERY)).isZero();
        assertThat(now + Beat.then(now, 4)).isEqualTo(next + 3 * EVERY);
    }

    @Test
    void whoWasLateDoesNotLookTwiceInARow() {
        for (long now = 0; now < EVERY; now += 1_000_003) {
            assertThat(Beat.next(now)).isBetween(EVERY / 2, EVERY + EVERY / 2);
        }
    }
}

package dev.weir.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class BreakerTest {
    private static Breaker breaker(Duration pause) {
        return new Breaker("10.0.0.2:5432", pause);
    }

    private static void read(Breaker breaker, Outcome outcome) {
        breaker.begun();
        breaker.ended(outcome, "a server connection was lost");
    }

    private static void fail(Breaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            read(breaker, Outcome.FAILED);
        }
    }

    @Test
    void aFewFailuresTellNothing() {
        Breaker breaker = breaker(Duration.ofHours(1));
        fail(breaker, 4);
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(breaker.allows(100)).isTrue();
    }

    @Test
    void noReadIsAllowedAfterHalfOfTheLastHaveFailed() {
        Breaker breaker = breaker(Duration.ofHours(1));
        fail(breaker, 5);
        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
        assertThat(breaker.allows(0)).isFalse();
    }

    @Test
    void whatSucceedsInBetweenMakesFailuresGood() {
        Breaker breaker = breaker(Duration.ofHours(1));
        for (int i = 0; i < 30; i++) {
            fail(breaker, 1);
            read(breaker, Outcome.ANSWERED);
            read(breaker, Outcome.ANSWERED);
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void aSessionThatIsEndedThereIsNoFailure() {
        Breaker breaker = breaker(Duration.ofHours(1));
        for (int i = 0; i < 100; i++) {
            read(breaker, Outcome.NEITHER);
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void threeTrialsDecideAfterThePause() {
        Breaker breaker = breaker(Duration.ofMillis(20));
        fail(breaker, 5);
        await().until(() -> breaker.allows(0));
        breaker.begun();
        assertThat(breaker.state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(breaker.allows(1)).isTrue();
        assertThat(breaker.allows(3)).isFalse();
        breaker.ended(Outcome.FAILED, "it does not answer");
        fail(breaker, 2);
        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);

        await().until(() -> breaker.allows(0));
        for (int i = 0; i < 3; i++) {
            read(breaker, Outcome.ANSWERED);
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }
}

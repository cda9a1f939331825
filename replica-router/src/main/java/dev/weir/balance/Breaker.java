package dev.weir.balance;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps reads away from a server at which they fail, even though it answers the probe. Any thread
 * may use it.
 */
final class Breaker {
    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    /** Reads that are looked back upon. */
    private static final int WINDOW = 20;

    /** Fewer tell nothing. */
    private static final int LEAST = 5;

    private static final float HALF = 50;

    /** Reads that try whether it is well again. */
    private static final int TRIALS = 3;

    private static final Throwable FAILURE = new Failure();

    private final Object server;
    private final CircuitBreaker breaker;

    /** How long it stays open. */
    private volatile Duration pause;

    /** Successes that are still to be noted: before the first failure they tell nothing. */
    private final AtomicInteger noting = new AtomicInteger();

    private volatile long openedNanos;
    private volatile String last = "";

    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        Failure() {
            super("a read failed", null, false, false);
        }
    }

    /**
     * A closed one.
     *
     * @param server as it is named in the log
     * @param pause how long it stays open
     */
    Breaker(Object server, Duration pause) {
        this.server = server;
        this.pause = pause;
        this.breaker =
                CircuitBreaker.of(
                        server.toString(),
                        CircuitBreakerConfig.custom()
                                .slidingWindow(
                                        WINDOW,
                                        LEAST,
                                        SlidingWindowType.COUNT_BASED,
                                        SlidingWindowSynchronizationStrategy.LOCK_FREE)
                                .failureRateThreshold(HALF)
                                .permittedNumberOfCallsInHalfOpenState(TRIALS)
                                .waitIntervalFunctionInOpenState(_ -> this.pause.toMillis())
                                .build());
        breaker.getEventPublisher()
                .onStateTransition(event -> changed(event.getStateTransition().getToState()));
    }

    /** Stays open for so long from now on. */
    void pause(Duration wanted) {
        pause = wanted;
    }

    BreakerState state() {
        return switch (breaker.getState()) {
            case CLOSED, DISABLED, METRICS_ONLY -> BreakerState.CLOSED;
            case HALF_OPEN -> BreakerState.HALF_OPEN;
            case OPEN, FORCED_OPEN -> BreakerState.OPEN;
        };
    }

    /**
     * Whether a read may be sent.
     *
     * @param outstanding reads under way there
     */
    boolean allows(int outstanding) {
        return switch (state()) {
            case CLOSED -> true;
            case OPEN -> System.nanoTime() - openedNanos >= pause.toNanos();
            case HALF_OPEN -> outstanding < TRIALS;
        };
    }

    /** A read is sent; {@link #ended} follows. */
    void begun() {
        // Two that come at once may both be sent although one trial is left: no harm is done.
        boolean _ = breaker.tryAcquirePermission();
    }

    /**
     * A read is over.
     *
     * @param why half a sentence, if it has failed
     */
    void ended(Outcome outcome, String why) {
        switch (outcome) {
            case ANSWERED -> {
                // Perf: most of the time there is nothing that a success could make good.
                if (noting.get() > 0 || breaker.getState() != CircuitBreaker.State.CLOSED) {
                    noting.decrementAndGet();
                    breaker.onSuccess(0, TimeUnit.NANOSECONDS);
                }
            }
            case FAILED -> {
                last = why;
                noting.set(WINDOW);
                breaker.onError(0, TimeUnit.NANOSECONDS, FAILURE);
            }
            case NEITHER -> breaker.releasePermission();
        }
    }

    private void changed(CircuitBreaker.State now) {
        switch (now) {
            case OPEN -> {
                openedNanos = System.nanoTime();
                LOG.warn(
                        "{} gets no reads for {} ms, for too many have failed there: {}",
                        server,
                        pause.toMillis(),
                        last);
            }
            case HALF_OPEN -> LOG.info("{} gets some reads again, as a trial", server);
            case CLOSED -> LOG.info("{} gets all its reads again", server);
            case DISABLED, METRICS_ONLY, FORCED_OPEN -> {}
        }
    }
}

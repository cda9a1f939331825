package dev.weir.net;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.netty.channel.ChannelHandler;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/**
 * How many connections one process accepts in a second, over all that it listens on. Any thread may
 * use it; nothing blocks.
 */
public final class AcceptRate {
    /** No connection waits so long: one at a time is asked for, on each of the two listeners. */
    private static final Duration LONGEST = Duration.ofDays(1);

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final IntSupplier perSecond;
    private final RateLimiter limiter;
    private final LongAdder rests = new LongAdder();
    private final LongAdder restedNanos = new LongAdder();

    /**
     * Nothing has been accepted yet.
     *
     * @param perSecond connections in each second, 0 without limit; asked each time, so that a
     *     reload is noticed
     */
    public AcceptRate(IntSupplier perSecond) {
        this.perSecond = perSecond;
        this.limiter =
                RateLimiter.of(
                        "accepts",
                        RateLimiterConfig.custom()
                                .limitForPeriod(Math.max(1, perSecond.getAsInt()))
                                .limitRefreshPeriod(SECOND)
                                .timeoutDuration(LONGEST)
                                .build());
    }

    /** What keeps one listener within this. */
    ChannelHandler gate() {
        return new AcceptGate(this);
    }

    /** Takes one more connection's turn; nanoseconds until it comes, 0 for at once. */
    long reserve() {
        int wanted = perSecond.getAsInt();
        if (wanted == 0) {
            return 0;
        }
        if (wanted != limiter.getRateLimiterConfig().getLimitForPeriod()) {
            limiter.changeLimitForPeriod(wanted);
        }
        return Math.max(0, limiter.reservePermission());
    }

    /** A listener has begun to rest. */
    void resting() {
        rests.increment();
    }

    /** A listener has rested for so long. */
    void rested(long nanos) {
        restedNanos.add(nanos);
    }

    /** How often a listener has rested so far. */
    public long rests() {
        return rests.sum();
    }

    /** How long listeners have rested so far, those that still do not included. */
    public long restedNanos() {
        return restedNanos.sum();
    }
}

package dev.weir.session;

import dev.weir.server.ServerUnavailableException;
import dev.weir.wire.SqlState;

import io.github.resilience4j.ratelimiter.RateLimiter;

import java.util.List;

/** How often one client may begin a transaction. Any thread may use it; nothing blocks. */
final class TransactionRate {
    /**
     * One limit, which other clients may share.
     *
     * @param key the key that sets it
     * @param whose what it is counted for, in words
     */
    record Limit(String key, String whose, RateLimiter limiter) {}

    private final List<Limit> limits;

    /** What all of these allow. */
    TransactionRate(List<Limit> limits) {
        this.limits = List.copyOf(limits);
    }

    /**
     * Takes the next turn.
     *
     * @return nanoseconds from now until it may begin, 0 for at once
     * @throws ServerUnavailableException if that were longer than a client may wait
     */
    long reserve() throws ServerUnavailableException {
        long wait = 0;
        for (Limit limit : limits) {
            // Negative if the turn would come too late; then none is taken, or a crowd of refused
            // clients would keep all others out.
            long turn = limit.limiter().reservePermission();
            if (turn < 0) {
                throw tooMany(limit);
            }
            wait = Math.max(wait, turn);
        }
        return wait;
    }

    private static ServerUnavailableException tooMany(Limit limit) {
        return new ServerUnavailableException(
                ServerUnavailableException.Kind.WAITED_TOO_LONG,
                SqlState.CONFIGURATION_LIMIT_EXCEEDED,
                "Too many transactions of %s: %s is %d, and the turn of this one comes after query-wait-timeout; the statement was not started."
                        .formatted(
                                limit.whose(),
                                limit.key(),
                                limit.limiter().getRateLimiterConfig().getLimitForPeriod()));
    }
}

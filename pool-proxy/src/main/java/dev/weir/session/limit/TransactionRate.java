package dev.weir.session.limit;

import dev.weir.config.LimitsConfig;
import dev.weir.config.ShareConfig;
import dev.weir.config.WeirConfig;
import dev.weir.server.ServerUnavailableException;
import dev.weir.wire.SqlState;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;

import java.time.Duration;
import java.util.List;

/** How often one client may begin a transaction. Any thread may use it; nothing blocks. */
public final class TransactionRate {
    /** How long clients wait at most where query-wait-timeout lets them wait for ever. */
    private static final Duration LONGEST = Duration.ofDays(1);

    private static final Duration SECOND = Duration.ofSeconds(1);

    /**
     * One limit, which other clients may share.
     *
     * @param key the key that sets it
     * @param whose what it is counted for, in words
     */
    public record Limit(String key, String whose, RateLimiter limiter) {}

    private static final class Kind implements LimitTable.Kind<Limit> {
        @Override
        public Limit make(String key, String whose, int max, WeirConfig config) {
            return new Limit(
                    key,
                    whose,
                    RateLimiter.of(
                            "transactions",
                            RateLimiterConfig.custom()
                                    .limitForPeriod(max)
                                    .limitRefreshPeriod(SECOND)
                                    .timeoutDuration(patience(config))
                                    .build()));
        }

        @Override
        public void change(Limit limit, int max, WeirConfig config) {
            limit.limiter().changeTimeoutDuration(patience(config));
            limit.limiter().changeLimitForPeriod(max == 0 ? Integer.MAX_VALUE : max);
        }

        private static Duration patience(WeirConfig config) {
            Duration patience = config.pool().queryWaitTimeout();
            return patience.isZero() ? LONGEST : patience;
        }
    }

    private final List<Limit> limits;

    /** What all of these allow. */
    TransactionRate(List<Limit> limits) {
        this.limits = List.copyOf(limits);
    }

    /** The limits of transactions in a second, of all clients. */
    public static LimitTable<Limit> table() {
        return new LimitTable<>(
                "transactions-per-second",
                ShareConfig::maxTransactions,
                LimitsConfig::maxAddressTransactions,
                new Kind());
    }

    /**
     * Takes the next turn.
     *
     * @return nanoseconds from now until it may begin, 0 for at once
     * @throws ServerUnavailableException if that were longer than a client may wait
     */
    public long reserve() throws ServerUnavailableException {
        long wait = 0;
        for (int i = 0; i < limits.size(); i++) {
            // Negative if the turn would come too late; then none is taken, or a crowd of refused
            // clients would keep all others out.
            long turn = limits.get(i).limiter().reservePermission();
            if (turn < 0) {
                giveBack(limits.subList(0, i));
                throw tooMany(limits.get(i));
            }
            wait = Math.max(wait, turn);
        }
        return wait;
    }

    /** Who is refused for one limit uses up nothing of the others. */
    private static void giveBack(List<Limit> taken) {
        for (Limit limit : taken) {
            // Resilience4j has no word for it: this takes one less than nothing.
            limit.limiter().reservePermission(-1);
        }
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

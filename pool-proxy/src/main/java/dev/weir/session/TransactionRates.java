package dev.weir.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.weir.config.DatabaseConfig;
import dev.weir.config.ShareConfig;
import dev.weir.config.WeirConfig;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * How often the clients of each database, user and address may begin a transaction. Any thread may
 * use it.
 *
 * <p>Only the sessions hold what is counted here: what is counted for a name of which nobody is
 * left is forgotten, and after one second it would be worth nothing anyway.
 */
final class TransactionRates {
    /** How long clients wait at most where query-wait-timeout lets them wait for ever. */
    private static final Duration LONGEST = Duration.ofDays(1);

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Cache<String, RateLimiter> databases = held();
    private final Cache<String, RateLimiter> users = held();
    private final Cache<InetAddress, RateLimiter> addresses = held();

    private static <K> Cache<K, RateLimiter> held() {
        return Caffeine.newBuilder().weakValues().build();
    }

    /**
     * What limits a client that has proved to be {@code user}; null if nothing does.
     *
     * @param address where the client is; null behind a Unix-domain socket
     */
    @Nullable TransactionRate of(
            WeirConfig config,
            DatabaseConfig database,
            String user,
            ShareConfig userShare,
            @Nullable InetAddress address) {
        int ofDatabase = database.share().maxTransactions();
        int ofUser = userShare.maxTransactions();
        int ofAddress = address == null ? 0 : config.limits().maxAddressTransactions();
        if (ofDatabase == 0 && ofUser == 0 && ofAddress == 0) {
            return null;
        }
        List<TransactionRate.Limit> limits = new ArrayList<>(3);
        if (ofAddress > 0 && address != null) {
            limits.add(
                    new TransactionRate.Limit(
                            "max-address-transactions-per-second",
                            "the clients at " + address.getHostAddress(),
                            addresses.get(address, _ -> limiter(ofAddress, config))));
        }
        if (ofUser > 0) {
            limits.add(
                    new TransactionRate.Limit(
                            "max-user-transactions-per-second",
                            "user \"%s\"".formatted(user),
                            users.get(user, _ -> limiter(ofUser, config))));
        }
        if (ofDatabase > 0) {
            String name = database.name();
            limits.add(
                    new TransactionRate.Limit(
                            "max-db-transactions-per-second",
                            "database \"%s\"".formatted(name),
                            databases.get(name, _ -> limiter(ofDatabase, config))));
        }
        return new TransactionRate(limits);
    }

    private static RateLimiter limiter(int perSecond, WeirConfig config) {
        return RateLimiter.of(
                "transactions",
                RateLimiterConfig.custom()
                        .limitForPeriod(perSecond)
                        .limitRefreshPeriod(SECOND)
                        .timeoutDuration(patience(config))
                        .build());
    }

    /**
     * Another configuration counts from now on, also for clients that are limited already.
     *
     * @param userShare what a user of that name may have
     */
    void reload(WeirConfig next, ToIntFunction<String> userShare) {
        databases
                .asMap()
                .forEach((name, limiter) -> {
                    DatabaseConfig database = next.database(name);
                    change(
                            limiter,
                            next,
                            database == null ? 0 : database.share().maxTransactions());
                });
        users.asMap().forEach((name, limiter) -> change(limiter, next, userShare.applyAsInt(name)));
        addresses
                .asMap()
                .values()
                .forEach(limiter -> change(limiter, next, next.limits().maxAddressTransactions()));
    }

    private static void change(RateLimiter limiter, WeirConfig config, int perSecond) {
        limiter.changeTimeoutDuration(patience(config));
        limiter.changeLimitForPeriod(perSecond == 0 ? Integer.MAX_VALUE : perSecond);
    }

    private static Duration patience(WeirConfig config) {
        Duration patience = config.pool().queryWaitTimeout();
        return patience.isZero() ? LONGEST : patience;
    }
}

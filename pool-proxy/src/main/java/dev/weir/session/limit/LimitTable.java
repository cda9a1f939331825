package dev.weir.session.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.weir.config.DatabaseConfig;
import dev.weir.config.LimitsConfig;
import dev.weir.config.ShareConfig;
import dev.weir.config.WeirConfig;
import dev.weir.net.ClientAddress;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * The limits of one kind, of each database, user and network that has a client. Any thread may use
 * it.
 *
 * <p>Only the sessions hold what is counted here: what is counted for a name of which nobody is
 * left is forgotten.
 *
 * @param <T> one limit
 */
public final class LimitTable<T> {
    /** What makes and changes the limits of this kind. */
    interface Kind<T> {
        /**
         * A new limit.
         *
         * @param key the key that sets it
         * @param whose what it is counted for, in words
         * @param max at least 1
         */
        T make(String key, String whose, int max, WeirConfig config);

        /**
         * Another configuration counts.
         *
         * @param max 0 for no limit any more
         */
        void change(T limit, int max, WeirConfig config);
    }

    private final String keyEnd;
    private final ToIntFunction<ShareConfig> ofShare;
    private final ToIntFunction<LimitsConfig> ofAddress;
    private final Kind<T> kind;
    private final Cache<String, T> databases = held();
    private final Cache<String, T> users = held();
    private final Cache<InetAddress, T> networks = held();

    /**
     * Nothing is counted yet.
     *
     * @param keyEnd the end of the keys' names, behind max-db- and so on
     */
    LimitTable(
            String keyEnd,
            ToIntFunction<ShareConfig> ofShare,
            ToIntFunction<LimitsConfig> ofAddress,
            Kind<T> kind) {
        this.keyEnd = keyEnd;
        this.ofShare = ofShare;
        this.ofAddress = ofAddress;
        this.kind = kind;
    }

    private static <K, V> Cache<K, V> held() {
        return Caffeine.newBuilder().weakValues().build();
    }

    /**
     * What limits a client that has proved to be {@code user}, the narrowest first; empty if
     * nothing does.
     *
     * @param address where the client is; null behind a Unix-domain socket
     */
    public List<T> of(
            WeirConfig config,
            DatabaseConfig database,
            String user,
            ShareConfig userShare,
            @Nullable InetAddress address) {
        int maxDatabase = ofShare.applyAsInt(database.share());
        int maxUser = ofShare.applyAsInt(userShare);
        int maxAddress = address == null ? 0 : ofAddress.applyAsInt(config.limits());
        if (maxDatabase == 0 && maxUser == 0 && maxAddress == 0) {
            return List.of();
        }
        List<T> limits = new ArrayList<>(3);
        if (maxAddress > 0 && address != null) {
            InetAddress network = ClientAddress.network(address);
            String whose = "the clients at " + ClientAddress.networkText(address);
            limits.add(
                    networks.get(
                            network,
                            _ -> kind.make("max-address-" + keyEnd, whose, maxAddress, config)));
        }
        if (maxUser > 0) {
            String whose = "user \"%s\"".formatted(user);
            limits.add(
                    users.get(user, _ -> kind.make("max-user-" + keyEnd, whose, maxUser, config)));
        }
        if (maxDatabase > 0) {
            String whose = "database \"%s\"".formatted(database.name());
            limits.add(
                    databases.get(
                            database.name(),
                            _ -> kind.make("max-db-" + keyEnd, whose, maxDatabase, config)));
        }
        return limits;
    }

    /**
     * Another configuration counts from now on, also for clients that are limited already.
     *
     * @param userShare what a user of that name may have
     */
    public void reload(WeirConfig next, Function<String, ShareConfig> userShare) {
        databases
                .asMap()
                .forEach((name, limit) -> {
                    DatabaseConfig database = next.database(name);
                    int max = database == null ? 0 : ofShare.applyAsInt(database.share());
                    kind.change(limit, max, next);
                });
        users.asMap()
                .forEach((name, limit) ->
                        kind.change(limit, ofShare.applyAsInt(userShare.apply(name)), next));
        networks.asMap()
                .values()
                .forEach(limit -> kind.change(limit, ofAddress.applyAsInt(next.limits()), next));
    }
}

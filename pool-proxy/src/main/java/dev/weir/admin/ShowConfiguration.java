package dev.weir.admin;

import dev.weir.config.DatabaseConfig;
import dev.weir.config.KeyValue;
import dev.weir.config.PoolConfig;
import dev.weir.config.ShareConfig;
import dev.weir.config.UserConfig;
import dev.weir.config.WeirConfig;
import dev.weir.pool.Hold;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** SHOW CONFIG, DATABASES and USERS, with PgBouncer's columns. */
final class ShowConfiguration {
    private static final List<Column> CONFIG =
            Column.list("ssss", "key", "value", "default", "changeable");

    private static final List<Column> DATABASES =
            Column.list(
                    "ssissiiiissiiiiii",
                    "name",
                    "host",
                    "port",
                    "database",
                    "force_user",
                    "pool_size",
                    "min_pool_size",
                    "reserve_pool_size",
                    "server_lifetime",
                    "pool_mode",
                    "load_balance_hosts",
                    "max_connections",
                    "current_connections",
                    "max_client_connections",
                    "current_client_connections",
                    "paused",
                    "disabled");

    private static final List<Column> USERS =
            Column.list(
                    "ssssiiii",
                    "name",
                    "pool_size",
                    "reserve_pool_size",
                    "pool_mode",
                    "max_user_connections",
                    "current_connections",
                    "max_user_client_connections",
                    "current_client_connections");

    private final Supplier<WeirConfig> config;
    private final Pools pools;

    ShowConfiguration(Supplier<WeirConfig> config, Pools pools) {
        this.config = config;
        this.pools = pools;
    }

    Map<String, Command> commands() {
        return Map.of(
                "config", new Show(CONFIG, this::config),
                "databases", new Show(DATABASES, this::databases),
                "users", new Show(USERS, this::users));
    }

    private List<Row> config() {
        return KeyValue.of(config.get()).stream()
                .map(it ->
                        Row.of(it.key(), it.value(), it.preset(), it.changeable() ? "yes" : "no"))
                .toList();
    }

    private List<Row> databases() {
        Map<String, DatabaseConfig> known = new TreeMap<>(config.get().databases());
        // What "*" has become for those who have come.
        for (Pool pool : pools.all()) {
            String name = pool.key().database();
            DatabaseConfig meant = config.get().database(name);
            if (meant != null) {
                known.putIfAbsent(name, meant);
            }
        }
        return known.values().stream().map(this::database).toList();
    }

    private Row database(DatabaseConfig database) {
        String name = database.name();
        PoolConfig pool = database.pool();
        Predicate<PoolKey> its = key -> key.database().equals(name);
        boolean paused = pools.everywhere() == Hold.PAUSED || pools.paused(name);
        return Row.of(
                name,
                database.host(),
                database.port(),
                database.serverDatabase(),
                database.user(),
                pool.defaultPoolSize(),
                pool.minPoolSize(),
                pool.reservePoolSize(),
                pool.serverLifetime().toSeconds(),
                ShowPools.mode(pool),
                null,
                database.share().maxServers(),
                servers(its),
                database.share().maxClients(),
                clients(its),
                paused ? 1 : 0,
                pools.disabled(name) ? 1 : 0);
    }

    private long servers(Predicate<PoolKey> which) {
        return pools.all().stream()
                .filter(pool -> which.test(pool.key()))
                .mapToLong(pool -> pool.status().size())
                .sum();
    }

    private long clients(Predicate<PoolKey> which) {
        return pools.all().stream()
                .filter(pool -> which.test(pool.key()))
                .mapToLong(pool -> pool.status().clients())
                .sum();
    }

    private List<Row> users() {
        Map<String, UserConfig> known = config.get().users();
        Set<String> names = new TreeSet<>(known.keySet());
        pools.all().forEach(pool -> names.add(pool.key().user()));
        return names.stream().map(name -> user(name, known.get(name))).toList();
    }

    private Row user(String name, @Nullable UserConfig user) {
        PoolConfig usual = config.get().pool();
        PoolConfig own = user == null ? usual : user.pool().applyTo(usual);
        ShareConfig share = user == null ? config.get().limits().userShare() : user.share();
        Predicate<PoolKey> its = key -> key.user().equals(name);
        return Row.of(
                name,
                own.defaultPoolSize() == usual.defaultPoolSize() ? "" : own.defaultPoolSize(),
                own.reservePoolSize() == usual.reservePoolSize() ? "" : own.reservePoolSize(),
                own.mode() == usual.mode() ? null : ShowPools.mode(own),
                share.maxServers(),
                servers(its),
                share.maxClients(),
                clients(its));
    }
}

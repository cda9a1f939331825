package dev.weir.session;

import com.zaxxer.hikari.HikariDataSource;

import dev.weir.balance.Replica;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.WeirConfig;
import dev.weir.failover.Promotion;
import dev.weir.net.PostgresSource;
import dev.weir.router.Router;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/** The routers of those databases that have replicas. Any thread may use it. */
public final class Routers implements AutoCloseable {
    /** One connection asks for the position; on the primary another reads the catalog. */
    private static final int CONNECTIONS = 2;

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** An operator's session is opened and asked within that, or the node does not count. */
    private static final Duration OPERATOR_PATIENCE = Duration.ofSeconds(5);

    private record Watched(
            DatabaseConfig database,
            Router router,
            @Nullable Promotion promotion,
            List<HikariDataSource> sources) {
        void close() {
            Promotion open = promotion;
            if (open != null) {
                open.close();
            }
            router.close();
            sources.forEach(HikariDataSource::close);
        }
    }

    private final Consumer<Replica> onSilence;
    private final ConcurrentMap<String, RouteCounters> counters = new ConcurrentHashMap<>();
    private final Consumer<String> onPrimary;

    /** Replaced as a whole. */
    private volatile Map<String, Watched> watched = Map.of();

    /**
     * Watches nothing yet.
     *
     * @param onPrimary hears the name of a database whose primary is another, or is back; on any
     *     thread
     * @param onSilence hears of a replica that has fallen silent, see {@link Router#onSilence}
     */
    Routers(Consumer<String> onPrimary, Consumer<Replica> onSilence) {
        this.onPrimary = onPrimary;
        this.onSilence = onSilence;
    }

    /** Watches what has replicas in {@code config}; leaves alone what is the same as before. */
    synchronized void reload(WeirConfig config) {
        Map<String, Watched> next = new TreeMap<>();
        for (DatabaseConfig database : config.databases().values()) {
            if (database.routed()) {
                Watched known = watched.get(database.name());
                next.put(
                        database.name(),
                        known != null && known.database().equals(database)
                                ? known
                                : watch(config, database));
            }
        }
        Map<String, Watched> before = watched;
        watched = Map.copyOf(next);
        before.values().stream().filter(it -> !next.containsValue(it)).forEach(Watched::close);
        for (Watched now : next.values()) {
            if (!before.containsValue(now)) {
                String name = now.database().name();
                now.router().onPrimary(_ -> onPrimary.accept(name));
            }
        }
    }

    private Watched watch(WeirConfig config, DatabaseConfig database) {
        List<HikariDataSource> sources = new ArrayList<>();
        Router router =
                new Router(
                        new Node(database.host(), database.port()),
                        database.routing().replicas(),
                        database.routing().rules(),
                        node -> {
                            HikariDataSource source = source(config, database, node);
                            sources.add(source);
                            return source;
                        });
        router.onSilence(onSilence);
        return new Watched(
                database, router, promotion(config, database, router), List.copyOf(sources));
    }

    private static @Nullable Promotion promotion(
            WeirConfig config, DatabaseConfig database, Router router) {
        String role = database.routing().operator();
        if (!database.routing().promotion().automatic() || role == null) {
            return null;
        }
        Set<Node> nodes = new LinkedHashSet<>();
        nodes.add(new Node(database.host(), database.port()));
        database.routing().replicas().forEach(it -> nodes.add(it.node()));
        return new Promotion(
                router.leadership(),
                List.copyOf(nodes),
                node ->
                        // All must ask in the same database, for locks are taken within one.
                        PostgresSource.simple(
                                        new PostgresSource.Account(
                                                node.host(),
                                                node.port(),
                                                "postgres",
                                                role,
                                                config.serverPassword(role),
                                                database.tls()),
                                        "weir promotion",
                                        OPERATOR_PATIENCE)
                                .getConnection(),
                database.routing().promotion().after());
    }

    private static HikariDataSource source(WeirConfig config, DatabaseConfig database, Node node) {
        String role = database.routing().user();
        if (role == null) {
            throw new IllegalStateException(
                    "replicas without a router-user have passed the checks");
        }
        PostgresSource.Account account =
                new PostgresSource.Account(
                        node.host(),
                        node.port(),
                        database.serverDatabase(),
                        role,
                        config.serverPassword(role),
                        database.tls());
        return PostgresSource.pooled(
                PostgresSource.simple(account, "weir router", PATIENCE),
                "weir-router " + node,
                CONNECTIONS,
                PATIENCE);
    }

    /** Who routes the reads of a database; null if they all go to its primary. */
    @Nullable Router of(String database) {
        Watched known = watched.get(database);
        return known == null ? null : known.router();
    }

    /**
     * Where a question about a database is best asked that any node could answer: at its primary,
     * or at a replica while that is away; null if it has no replicas.
     */
    @Nullable Node whereToAsk(DatabaseConfig database) {
        Router router = of(database.name());
        if (router == null) {
            return null;
        }
        Node primary = router.primary().node();
        return router.leadership().settled()
                ? primary
                : router.replicas().stream()
                        .filter(router::takes)
                        .map(Replica::node)
                        .findFirst()
                        .orElse(primary);
    }

    /** Who promotes replicas of a database without an order; null if Weir does not. */
    public @Nullable Promotion promotion(String database) {
        Watched known = watched.get(database);
        return known == null ? null : known.promotion();
    }

    /** What has become of the statements of that database; kept over reloads. */
    RouteCounters counters(String database) {
        return counters.computeIfAbsent(database, _ -> new RouteCounters());
    }

    /** The same, by the names of databases that have, or had, replicas. */
    public Map<String, RouteCounters> counters() {
        return counters;
    }

    /** All routers, by the name of their database, in the order of the names. */
    public Map<String, Router> all() {
        Map<String, Router> all = new TreeMap<>();
        watched.forEach((name, it) -> all.put(name, it.router()));
        return all;
    }

    @Override
    public synchronized void close() {
        watched.values().forEach(Watched::close);
        watched = Map.of();
    }
}

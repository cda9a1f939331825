package dev.weir.session;

import com.zaxxer.hikari.HikariDataSource;

import dev.weir.balance.Replica;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.Secret;
import dev.weir.config.ServerTlsConfig;
import dev.weir.config.WeirConfig;
import dev.weir.failover.Promotion;
import dev.weir.net.PostgresSource;
import dev.weir.router.Router;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The routers of those databases that have replicas. Any thread may use it. */
public final class Routers implements AutoCloseable {
    /**
     * One asks for the position, one for the standbys; on the primary another reads the catalog.
     */
    private static final int CONNECTIONS = 3;

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** An operator's session is opened and asked within that, or the node does not count. */
    private static final Duration OPERATOR_PATIENCE = Duration.ofSeconds(5);

    /** As whom, and how, the nodes of a database are asked. */
    private record Access(
            String database, String role, @Nullable Secret password, ServerTlsConfig tls) {
        PostgresSource.Account to(Node node) {
            return new PostgresSource.Account(
                    node.host(), node.port(), database, role, password, tls);
        }
    }

    /** What promotes a replica by itself, and when. */
    private record Promoter(List<Node> nodes, Access access, Duration after) {}

    private record Watched(
            Node primary,
            Access access,
            Router router,
            @Nullable Promoter promoter,
            @Nullable Promotion promotion,
            Set<HikariDataSource> sources) {
        void close() {
            stopPromoting();
            router.close();
            sources.forEach(HikariDataSource::close);
        }

        void stopPromoting() {
            Promotion open = promotion;
            if (open != null) {
                open.close();
            }
        }

        /** Whether copies of the same server are meant, and asked in the same way. */
        boolean goesOn(Node now, Access asked) {
            return access.equals(asked) && (primary.equals(now) || router.has(now));
        }
    }

    private final Consumer<Replica> onSilence;
    private final ConcurrentMap<String, RouteCounters> counters = new ConcurrentHashMap<>();
    private final Consumer<String> onPrimary;
    private final BiConsumer<String, Node> onGone;

    /** Replaced as a whole. */
    private volatile Map<String, Watched> watched = Map.of();

    /**
     * Watches nothing yet.
     *
     * @param onPrimary hears the name of a database whose primary is another, or is back; on any
     *     thread
     * @param onGone hears the name of a database that has lost a node, and the node; the same
     * @param onSilence hears of a replica that has fallen silent, see {@link Router#onSilence}
     */
    Routers(
            Consumer<String> onPrimary,
            BiConsumer<String, Node> onGone,
            Consumer<Replica> onSilence) {
        this.onPrimary = onPrimary;
        this.onGone = onGone;
        this.onSilence = onSilence;
    }

    /**
     * Watches what has replicas in {@code config}. A router goes on with other nodes and rules as
     * long as it asks in the same way, so that sessions which have it notice nothing.
     */
    synchronized void reload(WeirConfig config) {
        Map<String, Watched> before = watched;
        Map<String, Watched> next = new TreeMap<>();
        for (DatabaseConfig database : config.databases().values()) {
            if (database.routed()) {
                Watched known = before.get(database.name());
                Access access = access(config, database);
                next.put(
                        database.name(),
                        known != null && known.goesOn(primary(database), access)
                                ? relisted(known, config, database)
                                : watch(config, database, access));
            }
        }
        watched = Map.copyOf(next);
        before.forEach((name, it) -> {
            Watched now = next.get(name);
            if (now == null || now.router() != it.router()) {
                it.close();
            } else if (now.promotion() != it.promotion()) {
                it.stopPromoting();
            }
        });
        next.forEach((name, it) -> {
            Watched was = before.get(name);
            if (was == null || was.router() != it.router()) {
                it.router().onPrimary(_ -> onPrimary.accept(name));
            }
        });
    }

    private Watched watch(WeirConfig config, DatabaseConfig database, Access access) {
        Set<HikariDataSource> sources = ConcurrentHashMap.newKeySet();
        Router router =
                new Router(
                        primary(database),
                        database.routing().replicas(),
                        database.routing().rules(),
                        node -> {
                            HikariDataSource source = source(access.to(node), node);
                            sources.add(source);
                            return source;
                        });
        router.onSilence(onSilence);
        router.onGone((node, source) -> {
            if (source instanceof HikariDataSource pool && sources.remove(pool)) {
                // It waits for whoever asks at the moment.
                Thread.ofVirtual().start(pool::close);
            }
            onGone.accept(database.name(), node);
        });
        router.search(database.routing().search());
        Promoter promoter = promoter(config, database);
        return new Watched(
                primary(database), access, router, promoter, promotion(promoter, router), sources);
    }

    private static Watched relisted(Watched known, WeirConfig config, DatabaseConfig database) {
        Promoter promoter = promoter(config, database);
        known.router()
                .list(primary(database), database.routing().replicas(), database.routing().rules());
        known.router().search(database.routing().search());
        return new Watched(
                primary(database),
                known.access(),
                known.router(),
                promoter,
                Objects.equals(promoter, known.promoter())
                        ? known.promotion()
                        : promotion(promoter, known.router()),
                known.sources());
    }

    private static Node primary(DatabaseConfig database) {
        return new Node(database.host(), database.port());
    }

    private static @Nullable Promoter promoter(WeirConfig config, DatabaseConfig database) {
        String role = database.routing().operator();
        if (!database.routing().promotion().automatic() || role == null) {
            return null;
        }
        Set<Node> nodes = new LinkedHashSet<>();
        nodes.add(primary(database));
        database.routing().replicas().forEach(it -> nodes.add(it.node()));
        return new Promoter(
                List.copyOf(nodes),
                // All must ask in the same database, for locks are taken within one.
                new Access("postgres", role, config.serverPassword(role), database.tls()),
                database.routing().promotion().after());
    }

    private static @Nullable Promotion promotion(@Nullable Promoter promoter, Router router) {
        return promoter == null
                ? null
                : new Promotion(
                        router.leadership(),
                        promoter.nodes(),
                        node ->
                                PostgresSource.simple(
                                                promoter.access().to(node),
                                                "weir promotion",
                                                OPERATOR_PATIENCE)
                                        .getConnection(),
                        promoter.after());
    }

    private static Access access(WeirConfig config, DatabaseConfig database) {
        String role = database.routing().user();
        if (role == null) {
            throw new IllegalStateException(
                    "replicas without a router-user have passed the checks");
        }
        return new Access(
                database.serverDatabase(), role, config.serverPassword(role), database.tls());
    }

    private static HikariDataSource source(PostgresSource.Account account, Node node) {
        return PostgresSource.pooled(
                PostgresSource.simple(account, "weir router", PATIENCE),
                "weir-router " + node,
                CONNECTIONS,
                PATIENCE);
    }

    /** The node of that name, as it is shown; null if the database has none such. */
    @Nullable Node node(String database, String name) {
        return nodes(database).stream()
                .filter(it -> it.toString().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The nodes of a database that has replicas, its primary too; else none. */
    List<Node> nodes(String database) {
        Router router = of(database);
        return router == null ? List.of() : router.nodes();
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

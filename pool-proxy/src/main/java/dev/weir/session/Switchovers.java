package dev.weir.session;

import dev.weir.balance.Replica;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.WeirConfig;
import dev.weir.failover.Switchover;
import dev.weir.failover.Switchover.Step;
import dev.weir.failover.SwitchoverException;
import dev.weir.net.PostgresSource;
import dev.weir.pool.Pool;
import dev.weir.pool.Pools;
import dev.weir.router.Router;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Replaces primaries on order, one at a time. For threads that may block. */
public final class Switchovers {
    /** Longer than any single step of it. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Supplier<WeirConfig> config;
    private final Routers routers;
    private final Pools pools;
    private final AtomicBoolean underWay = new AtomicBoolean();

    Switchovers(Supplier<WeirConfig> config, Routers routers, Pools pools) {
        this.config = config;
        this.routers = routers;
        this.pools = pools;
    }

    /**
     * Makes a replica the primary of all databases that it is a replica of.
     *
     * @param name {@code host:port}, as it is shown
     * @param force whether transactions that do not end in time are ended
     * @return what was done, and what is left to do
     */
    public List<Step> run(String name, boolean force) throws SwitchoverException {
        if (!underWay.compareAndSet(false, true)) {
            throw new SwitchoverException("Another switchover is under way.");
        }
        try {
            return carryOut(name, force);
        } finally {
            underWay.set(false);
        }
    }

    private List<Step> carryOut(String name, boolean force) throws SwitchoverException {
        Map<String, Router> affected = affected(name);
        Router router = affected.values().iterator().next();
        Node old = router.primary().node();
        Node target = node(router, name);
        requireAll(affected, old, name);
        DatabaseConfig database = first(affected.keySet());
        List<Node> others =
                router.replicas().stream()
                        .map(Replica::node)
                        .filter(it -> !it.equals(target))
                        .toList();
        String command = database.routing().switchoverCommand();
        List<Step> steps =
                new ArrayList<>(
                        new Switchover(
                                        router.leadership(),
                                        target,
                                        others,
                                        node ->
                                                source(database, affected.keySet(), node)
                                                        .getConnection(),
                                        new HeldTraffic(pools, Set.copyOf(affected.keySet())),
                                        database.routing().switchoverWait(),
                                        force,
                                        command == null
                                                ? null
                                                : (from, to) ->
                                                        ClusterCommand.run(command, from, to))
                                .run());
        if (command == null) {
            steps.add(demote(database.routing().demoteCommand(), old, target));
        }
        return steps;
    }

    /** The old primary becomes a standby, or somebody is told to make it one. */
    private static Step demote(@Nullable String command, Node old, Node target) {
        if (command == null) {
            return new Step(
                    "%s is fenced: stop it, and make it a standby of %s (pg_rewind)"
                            .formatted(old, target),
                    0);
        }
        long begun = System.nanoTime();
        String outcome;
        try {
            ClusterCommand.run(command, old, target);
            outcome = "demote-command has made a standby of " + old;
        } catch (SwitchoverException e) {
            outcome = "%s stays fenced, for demote-command failed: %s".formatted(old, e.sentence());
        }
        return new Step(outcome, (System.nanoTime() - begun) / 1_000_000);
    }

    private Map<String, Router> affected(String name) throws SwitchoverException {
        Map<String, Router> affected = new TreeMap<>();
        Set<String> known = new TreeSet<>();
        routers.all()
                .forEach((database, router) -> {
                    for (Replica replica : router.replicas()) {
                        known.add(replica.node().toString());
                        if (replica.node().toString().equals(name)) {
                            affected.put(database, router);
                        }
                    }
                });
        if (affected.isEmpty()) {
            throw new SwitchoverException(
                    known.isEmpty()
                            ? "No database has replicas."
                            : "%s is no replica of any database; there are %s."
                                    .formatted(name, String.join(", ", known)));
        }
        return affected;
    }

    private static Node node(Router router, String name) {
        return router.replicas().stream()
                .map(Replica::node)
                .filter(it -> it.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Nobody may be left behind on the old primary. */
    private void requireAll(Map<String, Router> affected, Node old, String name)
            throws SwitchoverException {
        for (Map.Entry<String, Router> one : affected.entrySet()) {
            if (!one.getValue().primary().node().equals(old)) {
                throw new SwitchoverException(
                        "%s is a replica of two primaries: of %s for database \"%s\", and of %s."
                                .formatted(
                                        name, one.getValue().primary().node(), one.getKey(), old));
            }
        }
        for (Pool pool : pools.all()) {
            boolean there =
                    pool.target().host().equals(old.host())
                            && pool.target().port() == old.port()
                            && !affected.containsKey(pool.key().database());
            if (there && (pool.status().size() > 0 || pool.status().clients() > 0)) {
                throw new SwitchoverException(
                        "Database \"%s\" has clients on %s, too, who would not follow: list %s among its replicas."
                                .formatted(pool.key().database(), old, name));
            }
        }
    }

    private DatabaseConfig first(Set<String> names) throws SwitchoverException {
        for (String name : names) {
            DatabaseConfig database = config.get().database(name);
            if (database != null
                    && (database.routing().operator() != null
                            || database.routing().switchoverCommand() != null)) {
                return database;
            }
        }
        throw new SwitchoverException(
                "None of the databases %s has a switchover-user, a superuser to act as."
                        .formatted(names));
    }

    private org.postgresql.ds.PGSimpleDataSource source(
            DatabaseConfig database, Set<String> names, Node node) {
        String role = database.routing().operator();
        if (role == null) {
            throw new IllegalStateException("no operator");
        }
        // It must not be one that is fenced.
        boolean taken =
                names.stream()
                        .map(config.get()::database)
                        .anyMatch(it -> it != null && it.serverDatabase().equals("postgres"));
        return PostgresSource.simple(
                new PostgresSource.Account(
                        node.host(),
                        node.port(),
                        taken ? "template1" : "postgres",
                        role,
                        config.get().serverPassword(role),
                        database.tls()),
                "weir switchover",
                PATIENCE);
    }
}

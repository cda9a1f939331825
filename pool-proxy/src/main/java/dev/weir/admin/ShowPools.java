package dev.weir.admin;

import dev.weir.config.PoolConfig;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;
import dev.weir.server.ServerView;
import dev.weir.session.ClientView;
import dev.weir.session.Sessions;
import dev.weir.session.state.Pin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** SHOW POOLS, with PgBouncer's columns, and what only Weir has: PINS and STATEMENTS. */
final class ShowPools {
    private static final List<Column> POOLS =
            Column.list(
                    "ssiiiiiiiiiiiiiss",
                    "database",
                    "user",
                    "cl_active",
                    "cl_waiting",
                    "cl_active_cancel_req",
                    "cl_waiting_cancel_req",
                    "sv_active",
                    "sv_active_cancel",
                    "sv_being_canceled",
                    "sv_idle",
                    "sv_used",
                    "sv_tested",
                    "sv_login",
                    "maxwait",
                    "maxwait_us",
                    "pool_mode",
                    "load_balance_hosts");

    private static final List<Column> PINS =
            Column.list("sssqqs", "database", "user", "reason", "clients", "total", "meaning");

    private static final List<Column> STATEMENTS =
            Column.list(
                    "ssqqqqq",
                    "database",
                    "user",
                    "client_names",
                    "server_statements",
                    "client_parses",
                    "server_parses",
                    "binds");

    private final Pools pools;
    private final Sessions sessions;
    private final ShowSockets sockets;

    ShowPools(Pools pools, Sessions sessions, ShowSockets sockets) {
        this.pools = pools;
        this.sessions = sessions;
        this.sockets = sockets;
    }

    Map<String, Command> commands() {
        return Map.of(
                "pools", new Show(POOLS, this::pools),
                "pins", new Show(PINS, this::pins),
                "statements", new Show(STATEMENTS, this::statements));
    }

    private List<Pool> sorted() {
        return pools.all().stream()
                .sorted(
                        Comparator.comparing((Pool pool) -> pool.key().database())
                                .thenComparing(pool -> pool.key().user()))
                .toList();
    }

    private Map<PoolKey, List<ServerView>> servers() {
        Map<PoolKey, List<ServerView>> servers = new HashMap<>();
        sockets.looked()
                .forEach(owned ->
                        servers.computeIfAbsent(owned.pool(), _ -> new ArrayList<>())
                                .add(owned.server()));
        return servers;
    }

    private List<Row> pools() {
        Map<PoolKey, List<ServerView>> servers = servers();
        return sorted().stream()
                .map(pool -> pool(pool, servers.getOrDefault(pool.key(), List.of())))
                .toList();
    }

    private static Row pool(Pool pool, List<ServerView> servers) {
        Map<ServerView.State, Integer> states = new EnumMap<>(ServerView.State.class);
        servers.forEach(server -> states.merge(server.state(), 1, Integer::sum));
        long waiting = pool.status().waiting();
        long waited = TimeUnit.NANOSECONDS.toMicros(pool.status().longestWaitNanos());
        long second = TimeUnit.SECONDS.toMicros(1);
        return Row.of(
                pool.key().database(),
                pool.key().user(),
                // As in PgBouncer, who is idle counts as active.
                Math.max(0, pool.status().clients() - waiting),
                waiting,
                0,
                0,
                states.getOrDefault(ServerView.State.ACTIVE, 0),
                0,
                states.getOrDefault(ServerView.State.BEING_CANCELED, 0),
                states.getOrDefault(ServerView.State.IDLE, 0),
                states.getOrDefault(ServerView.State.USED, 0),
                states.getOrDefault(ServerView.State.TESTED, 0),
                pool.status().connecting(),
                waited / second,
                waited % second,
                mode(pool.config()),
                null);
    }

    static String mode(PoolConfig config) {
        return config.mode().name().toLowerCase(Locale.ROOT);
    }

    private List<Row> pins() {
        Map<PoolKey, Map<Pin, Long>> held = new HashMap<>();
        for (ClientView client : sessions.roster().views()) {
            Map<Pin, Long> reasons =
                    held.computeIfAbsent(client.pool(), _ -> new EnumMap<>(Pin.class));
            client.pins().forEach(pin -> reasons.merge(pin, 1L, Long::sum));
        }
        List<Row> rows = new ArrayList<>();
        for (Pool pool : sorted()) {
            Map<Pin, Long> now = held.getOrDefault(pool.key(), Map.of());
            Map<String, Long> ever = pool.counters().pins().values();
            for (Pin pin : Pin.values()) {
                long total = ever.getOrDefault(pin.key(), 0L);
                if (total > 0) {
                    rows.add(
                            Row.of(
                                    pool.key().database(),
                                    pool.key().user(),
                                    pin.key(),
                                    now.getOrDefault(pin, 0L),
                                    total,
                                    pin.reason()));
                }
            }
        }
        return rows;
    }

    private List<Row> statements() {
        Map<PoolKey, Long> names = new HashMap<>();
        sessions.roster()
                .views()
                .forEach(client ->
                        names.merge(client.pool(), (long) client.preparedStatements(), Long::sum));
        Map<PoolKey, List<ServerView>> servers = servers();
        List<Row> rows = new ArrayList<>();
        for (Pool pool : sorted()) {
            DatabaseStats.Totals counted = DatabaseStats.Totals.of(pool.counters());
            rows.add(
                    Row.of(
                            pool.key().database(),
                            pool.key().user(),
                            names.getOrDefault(pool.key(), 0L),
                            servers.getOrDefault(pool.key(), List.of()).stream()
                                    .mapToLong(ServerView::preparedStatements)
                                    .sum(),
                            counted.clientParses(),
                            counted.serverParses(),
                            counted.binds()));
        }
        return rows;
    }
}

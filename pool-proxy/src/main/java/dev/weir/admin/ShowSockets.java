package dev.weir.admin;

import dev.weir.net.Look;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;
import dev.weir.server.ServerView;
import dev.weir.session.ClientView;
import dev.weir.session.Sessions;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * SHOW CLIENTS, SERVERS, SOCKETS and ACTIVE_SOCKETS, with PgBouncer's columns. What its debug
 * columns tell of buffers has no counterpart here, and is 0.
 */
final class ShowSockets {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private static final List<Column> COLUMNS =
            Column.list(
                    "ssssssisissiiississii",
                    "type",
                    "user",
                    "database",
                    "replication",
                    "state",
                    "addr",
                    "port",
                    "local_addr",
                    "local_port",
                    "connect_time",
                    "request_time",
                    "wait",
                    "wait_us",
                    "close_needed",
                    "ptr",
                    "link",
                    "remote_pid",
                    "tls",
                    "application_name",
                    "prepared_statements",
                    "id");

    private static final List<Column> DEBUG =
            Column.list(
                    "iiiiiii",
                    "recv_pos",
                    "pkt_pos",
                    "pkt_remain",
                    "send_pos",
                    "send_remain",
                    "pkt_avail",
                    "send_avail");

    /** A server connection and whose it is. */
    record Owned(PoolKey pool, ServerView server) {}

    private final Pools pools;
    private final Sessions sessions;

    ShowSockets(Pools pools, Sessions sessions) {
        this.pools = pools;
        this.sessions = sessions;
    }

    Map<String, Command> commands() {
        List<Column> all = Stream.concat(COLUMNS.stream(), DEBUG.stream()).toList();
        return Map.of(
                "clients", new Show(COLUMNS, () -> clients(false).toList()),
                "servers", new Show(COLUMNS, () -> servers(false).toList()),
                "sockets", new Show(all, this::sockets),
                "active_sockets", new Show(all, this::activeSockets));
    }

    /** All server connections, each as it is now. Not on a loop. */
    List<Owned> looked() {
        long now = System.nanoTime();
        List<Owned> found = new ArrayList<>();
        for (Pool pool : pools.all()) {
            Look.at(pool.status().servers(), server -> server.loop(), server -> server.view(now))
                    .forEach(view -> found.add(new Owned(pool.key(), view)));
        }
        return found;
    }

    private List<Row> sockets() {
        return Stream.concat(clients(true), servers(true)).toList();
    }

    /** Those with something under way. */
    private List<Row> activeSockets() {
        return sockets().stream()
                .filter(row -> !String.valueOf(row.values().get(4)).endsWith("_idle"))
                .toList();
    }

    private Stream<Row> clients(boolean debug) {
        return sessions.roster().views().stream()
                .sorted(Comparator.comparingLong(ClientView::id))
                .map(client -> client(client, debug));
    }

    private static Row client(ClientView client, boolean debug) {
        long since = TimeUnit.NANOSECONDS.toMicros(client.sinceNanos());
        Instant requested = Instant.now().minusNanos(client.sinceNanos());
        String state = client.state().name().toLowerCase(Locale.ROOT);
        return row(
                debug,
                "C",
                client.pool(),
                debug ? "cl_" + state : state,
                client.remote(),
                client.local(),
                TIME.format(Instant.ofEpochMilli(client.connectedMillis())),
                since == 0 ? "" : TIME.format(requested),
                since,
                0,
                "c" + client.id(),
                client.server() == 0 ? "" : "s" + client.server(),
                0,
                client.tls(),
                client.applicationName(),
                client.preparedStatements(),
                client.id());
    }

    private Stream<Row> servers(boolean debug) {
        return looked().stream()
                .sorted(Comparator.comparingLong(owned -> owned.server().id()))
                .map(owned -> server(owned, debug));
    }

    private static Row server(Owned owned, boolean debug) {
        ServerView server = owned.server();
        Instant opened = Instant.now().minusNanos(System.nanoTime() - server.openedNanos());
        String state = server.state().name().toLowerCase(Locale.ROOT);
        return row(
                debug,
                "S",
                owned.pool(),
                debug ? "sv_" + state : state,
                server.remote(),
                server.local(),
                TIME.format(opened),
                "",
                0,
                server.retiring() ? 1 : 0,
                "s" + server.id(),
                server.client() == 0 ? "" : "c" + server.client(),
                server.pid(),
                server.tls(),
                server.applicationName(),
                server.preparedStatements(),
                server.id());
    }

    private static Row row(
            boolean debug,
            String type,
            PoolKey pool,
            String state,
            SocketAddress remote,
            SocketAddress local,
            String connected,
            String requested,
            long waitMicros,
            int closeNeeded,
            String ptr,
            String link,
            int pid,
            String tls,
            String applicationName,
            int preparedStatements,
            long id) {
        long second = TimeUnit.SECONDS.toMicros(1);
        List<Object> values =
                new ArrayList<>(
                        List.of(
                                type,
                                pool.user(),
                                pool.database(),
                                "none",
                                state,
                                host(remote),
                                port(remote),
                                host(local),
                                port(local),
                                connected,
                                requested,
                                waitMicros / second,
                                waitMicros % second,
                                closeNeeded,
                                ptr,
                                link,
                                pid,
                                tls,
                                applicationName,
                                preparedStatements,
                                id));
        if (debug) {
            DEBUG.forEach(_ -> values.add(0));
        }
        return Row.of(values.toArray());
    }

    private static String host(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? internet.getAddress() == null
                        ? internet.getHostString()
                        : internet.getAddress().getHostAddress()
                : "unix";
    }

    private static int port(SocketAddress address) {
        return address instanceof InetSocketAddress internet ? internet.getPort() : 0;
    }
}

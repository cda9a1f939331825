package dev.weir.admin;

import dev.weir.config.WeirConfig;
import dev.weir.net.EventLoops;
import dev.weir.pool.Hold;
import dev.weir.pool.Pool;
import dev.weir.pool.Pools;
import dev.weir.session.Sessions;
import dev.weir.wire.SqlState;

import io.netty.buffer.PooledByteBufAllocator;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * What PgBouncer shows of the process itself: with its columns, also where nothing stands in them.
 */
final class ShowProcess {
    private final Pools pools;
    private final Sessions sessions;
    private final EventLoops loops;
    private final String version;

    ShowProcess(Pools pools, Sessions sessions, EventLoops loops, String version) {
        this.pools = pools;
        this.sessions = sessions;
        this.loops = loops;
        this.version = version;
    }

    Map<String, Command> commands() {
        Map<String, Command> commands = new HashMap<>();
        commands.put(
                "version",
                new Show(Column.list("s", "version"), () -> List.of(Row.of("Weir " + version))));
        commands.put("lists", new Show(Column.list("si", "list", "items"), this::lists));
        commands.put("state", new Show(Column.list("ss", "key", "value"), this::state));
        commands.put(
                "mem",
                new Show(
                        Column.list("sqqqq", "name", "size", "used", "free", "memtotal"),
                        this::memory));
        commands.put(
                "hosts",
                new Show(
                        Column.list("siiqq", "host", "port", "pools", "servers", "clients"),
                        this::hosts));
        commands.put(
                "errors",
                new Show(
                        Column.list("sssq", "database", "user", "sqlstate", "count"),
                        this::errors));
        commands.put(
                "peers",
                new Show(Column.list("isii", "peer_id", "host", "port", "pool_size"), this::peers));
        commands.put(
                "peer_pools",
                new Show(
                        Column.list(
                                "iiiii",
                                "peer_id",
                                "cl_active_cancel_req",
                                "cl_waiting_cancel_req",
                                "sv_active_cancel",
                                "sv_login"),
                        List::of));
        commands.put(
                "dns_hosts", new Show(Column.list("sqs", "hostname", "ttl", "addrs"), List::of));
        commands.put(
                "dns_zones", new Show(Column.list("sqi", "zonename", "serial", "count"), List::of));
        commands.put("fds", new NoDescriptors());
        return commands;
    }

    /** PgBouncer hands its descriptors to a successor by SHOW FDS. */
    private record NoDescriptors() implements Command {
        @Override
        public Access access() {
            return Access.ORDER;
        }

        @Override
        public Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned)
                throws ConsoleException {
            throw new ConsoleException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "Weir passes no descriptors on",
                    "With so-reuseport a second process takes over the port, and SHUTDOWN"
                            + " WAIT_FOR_CLIENTS ends this one.");
        }
    }

    private List<Row> lists() {
        WeirConfig config = sessions.config();
        TreeSet<String> users = new TreeSet<>(config.users().keySet());
        long loggedIn = 0;
        long idle = 0;
        long servers = 0;
        for (Pool pool : pools.all()) {
            users.add(pool.key().user());
            loggedIn += pool.status().clients();
            idle += pool.status().idle();
            servers += pool.status().size();
        }
        long clients = sessions.clients();
        Map<String, Long> lists = new java.util.LinkedHashMap<>();
        lists.put("databases", (long) config.databases().size());
        lists.put("users", (long) users.size());
        lists.put("peers", (long) config.peering().peers().size());
        lists.put("pools", (long) pools.all().size());
        lists.put("peer_pools", 0L);
        lists.put("free_clients", Math.max(0, config.limits().maxClientConn() - clients));
        lists.put("used_clients", loggedIn);
        lists.put("login_clients", Math.max(0, clients - loggedIn));
        lists.put("free_servers", idle);
        lists.put("used_servers", Math.max(0, servers - idle));
        lists.put("dns_names", 0L);
        lists.put("dns_zones", 0L);
        lists.put("dns_queries", 0L);
        lists.put("dns_pending", 0L);
        List<Row> rows = new ArrayList<>();
        lists.forEach((name, items) -> rows.add(Row.of(name, items)));
        return rows;
    }

    /** No connection is kept to a peer: each cancel request has its own. */
    private List<Row> peers() {
        List<Row> rows = new ArrayList<>();
        new TreeMap<>(sessions.config().peering().peers())
                .forEach((id, peer) -> rows.add(Row.of(id, peer.host(), peer.port(), 0)));
        return rows;
    }

    private List<Row> state() {
        Hold hold = pools.everywhere();
        return List.of(
                Row.of("active", yes(hold == Hold.NONE)),
                Row.of("paused", yes(hold == Hold.PAUSED)),
                Row.of("suspended", yes(hold == Hold.SUSPENDED)));
    }

    private static String yes(boolean it) {
        return it ? "yes" : "no";
    }

    private List<Row> memory() {
        List<Row> rows = new ArrayList<>();
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        rows.add(memory("heap", heap));
        rows.add(memory("non_heap", ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage()));
        if (loops.allocator() instanceof PooledByteBufAllocator pooled) {
            long used = pooled.pinnedDirectMemory();
            long total = pooled.metric().usedDirectMemory();
            rows.add(Row.of("network_buffers", total, used, Math.max(0, total - used), total));
        }
        return rows;
    }

    private static Row memory(String name, MemoryUsage usage) {
        return Row.of(
                name,
                usage.getCommitted(),
                usage.getUsed(),
                Math.max(0, usage.getCommitted() - usage.getUsed()),
                usage.getCommitted());
    }

    private List<Row> hosts() {
        record Load(int pools, long servers, long clients) {
            Load plus(Load other) {
                return new Load(
                        pools + other.pools, servers + other.servers, clients + other.clients);
            }
        }
        record Host(String name, int port) {}
        Map<Host, Load> hosts =
                new TreeMap<>(
                        java.util.Comparator.comparing(Host::name).thenComparingInt(Host::port));
        for (Pool pool : pools.all()) {
            hosts.merge(
                    new Host(pool.target().host(), pool.target().port()),
                    new Load(1, pool.status().size(), pool.status().clients()),
                    Load::plus);
        }
        List<Row> rows = new ArrayList<>();
        hosts.forEach((host, load) ->
                rows.add(
                        Row.of(
                                host.name(),
                                host.port(),
                                load.pools(),
                                load.servers(),
                                load.clients())));
        return rows;
    }

    private List<Row> errors() {
        List<Row> rows = new ArrayList<>();
        for (Pool pool : pools.all()) {
            pool.counters()
                    .errors()
                    .values()
                    .forEach((code, count) ->
                            rows.add(
                                    Row.of(pool.key().database(), pool.key().user(), code, count)));
        }
        return rows;
    }
}

package dev.weir.config;

import dev.weir.discovery.Search;
import dev.weir.topology.Member;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/** Finds values that are right alone and wrong together. */
final class Contradictions {
    private final Section top;
    private final Map<String, Section> databases;
    private final Map<String, Section> users;
    private final Problems problems;
    private final LoginContradictions logins;
    private final PoolContradictions pools;

    Contradictions(
            Section top,
            Map<String, Section> databases,
            Map<String, Section> users,
            Problems problems) {
        this.top = top;
        this.databases = databases;
        this.users = users;
        this.problems = problems;
        this.logins = new LoginContradictions(top, databases, users, problems);
        this.pools = new PoolContradictions(top, databases.values(), problems);
    }

    void find() {
        ports();
        readOnly();
        new TlsContradictions(top, databases.values(), problems).find();
        unixSockets();
        pools.settings(top);
        if (databases.isEmpty()) {
            problems.add(
                    0,
                    "there are no databases; expected at least one entry below `databases:`, such"
                            + " as `shop: { host: 127.0.0.1 }`");
        }
        databases.forEach(this::database);
        logins.find();
        users.forEach((name, section) -> {
            logins.user(name, section);
            pools.overrides(section);
        });
    }

    private void routing(String name, Section section) {
        List<Member> replicas =
                section.isSound(DatabaseKeys.REPLICAS)
                        ? section.get(DatabaseKeys.REPLICAS)
                        : List.of();
        String role = section.find(DatabaseKeys.ROUTER_USER);
        if (role != null) {
            logins.role(section, role, DatabaseKeys.ROUTER_USER);
        }
        String operator = section.find(DatabaseKeys.SWITCHOVER_USER);
        if (operator != null) {
            logins.role(section, operator, DatabaseKeys.SWITCHOVER_USER);
        }
        if (section.isSound(DatabaseKeys.REPLICAS)) {
            promotion(section, replicas);
        }
        Key<?, ?> first = firstOfReplicas(section);
        if (first == null) {
            return;
        }
        if (role == null) {
            problems.add(
                    section.line(first),
                    "`%s` stands without `router-user`; expected the role that asks the servers how far they are"
                            .formatted(first));
        }
        if (name.equals(WeirConfig.ANY_DATABASE)) {
            problems.add(
                    section.line(first),
                    "`%s` stands in the entry for all names; expected an entry of its own for each database with replicas"
                            .formatted(first));
        }
        if (section.isSound(PoolKeys.POOL_MODE)
                && section.get(PoolKeys.POOL_MODE) == PoolConfig.Mode.SESSION) {
            problems.add(
                    section.line(first),
                    "`%s` stands where `pool-mode` is session, in which a session keeps one server connection; expected transaction or statement"
                            .formatted(first));
        }
    }

    /** The key by which a database has replicas; null if it has none. */
    private static @Nullable Key<?, ?> firstOfReplicas(Section section) {
        for (Key<DatabaseConfig, List<Member>> list :
                List.of(DatabaseKeys.REPLICAS, DatabaseKeys.REPLICAS_FROM_DNS)) {
            if (section.isSound(list) && !section.get(list).isEmpty()) {
                return list;
            }
        }
        return section.isSound(DatabaseKeys.REPLICAS_FROM_PRIMARY)
                        && section.get(DatabaseKeys.REPLICAS_FROM_PRIMARY) != Search.Standbys.OFF
                ? DatabaseKeys.REPLICAS_FROM_PRIMARY
                : null;
    }

    private void promotion(Section section, List<Member> replicas) {
        if (!section.isSound(DatabaseKeys.PROMOTE)
                || section.get(DatabaseKeys.PROMOTE) != PromotionConfig.Mode.AUTOMATIC) {
            return;
        }
        if (!section.names(DatabaseKeys.SWITCHOVER_USER)) {
            problems.add(
                    section.line(DatabaseKeys.PROMOTE),
                    "`promote` is automatic without a `switchover-user`; expected the superuser as whom replicas are promoted");
        }
        if (replicas.size() < 2) {
            problems.add(
                    section.line(DatabaseKeys.PROMOTE),
                    "`promote` is automatic with fewer than two `replicas`, where those that are left without the primary are not most of the nodes; expected two or more");
        }
    }

    private void ports() {
        if (!top.isSound(ListenKeys.LISTEN_PORT) || !top.isSound(OperatorKeys.HTTP_PORT)) {
            return;
        }
        int port = top.get(ListenKeys.LISTEN_PORT);
        Integer second = top.find(ListenKeys.READ_ONLY_PORT);
        if (second != null && second != 0 && second == port) {
            problems.add(
                    top.line(ListenKeys.READ_ONLY_PORT),
                    "`read-only-port` and `listen-port` are both %d; expected two ports"
                            .formatted(port));
        }
        String addr = top.get(ListenKeys.LISTEN_ADDR);
        String httpAddr = top.get(OperatorKeys.HTTP_ADDR);
        boolean overlap = addr.equals(httpAddr) || addr.equals("*") || httpAddr.equals("*");
        if (port != 0 && port == top.get(OperatorKeys.HTTP_PORT) && overlap) {
            problems.add(
                    Math.max(top.line(ListenKeys.LISTEN_PORT), top.line(OperatorKeys.HTTP_PORT)),
                    "`listen-port` and `http-port` are both %d; expected two ports"
                            .formatted(port));
        }
    }

    /** Sessions that only read need replicas, and lend their server connections. */
    private void readOnly() {
        boolean replicas =
                databases.values().stream()
                        .anyMatch(it ->
                                !it.isSound(DatabaseKeys.REPLICAS)
                                        || !it.isSound(DatabaseKeys.REPLICAS_FROM_DNS)
                                        || !it.isSound(DatabaseKeys.REPLICAS_FROM_PRIMARY)
                                        || firstOfReplicas(it) != null);
        if (top.names(ListenKeys.READ_ONLY_PORT) && !replicas) {
            problems.add(
                    top.line(ListenKeys.READ_ONLY_PORT),
                    "`read-only-port` stands where no database has `replicas`, which answer there; expected some");
        }
        users.forEach((name, user) -> {
            if (!Boolean.TRUE.equals(user.find(UserKeys.USER_READ_ONLY))) {
                return;
            }
            if (!replicas) {
                problems.add(
                        user.line(UserKeys.USER_READ_ONLY),
                        "user %s is `read-only` where no database has `replicas`, which answer such a user; expected some"
                                .formatted(Shown.name(name)));
            }
            if (user.find(PoolKeys.POOL_MODE) == PoolConfig.Mode.SESSION) {
                problems.add(
                        user.line(UserKeys.USER_READ_ONLY),
                        "user %s is `read-only` with `pool-mode: session`, in which a session keeps one server connection; expected transaction or statement"
                                .formatted(Shown.name(name)));
            }
        });
    }

    private void unixSockets() {
        boolean uring =
                top.isSound(ListenKeys.TRANSPORT)
                        && top.get(ListenKeys.TRANSPORT) == ListenConfig.Transport.IO_URING;
        boolean used = top.names(ListenKeys.UNIX_SOCKET_DIR);
        for (Section database : databases.values()) {
            String host = database.find(DatabaseKeys.HOST);
            used |= host != null && host.startsWith("/");
        }
        if (uring && used) {
            problems.add(
                    top.line(ListenKeys.TRANSPORT),
                    "`transport` is io_uring, which has no Unix-domain sockets, and the configuration names some; expected auto, epoll or nio");
        }
    }

    private void database(String name, Section section) {
        if (WeirConfig.OWN_DATABASES.contains(name)) {
            problems.add(
                    section.line(),
                    "database %s is Weir's own console; expected another name, and `dbname: %s` below it"
                            .formatted(Shown.name(name), name));
        }
        routing(name, section);
        if (!section.names(DatabaseKeys.HOST)) {
            problems.add(
                    section.line(),
                    "database %s has no `host`; expected the IP address or host name of PostgreSQL"
                            .formatted(Shown.name(name)));
        }
        if (section.has(DatabaseKeys.DATABASE_PASSWORD) && !section.names(DatabaseKeys.USER)) {
            problems.add(
                    section.line(DatabaseKeys.DATABASE_PASSWORD),
                    "`password` stands without `user`; expected the role whose password it is, or the password in the entry of each user (`server-password`)");
        }
        logins.clear(section, DatabaseKeys.DATABASE_PASSWORD);
        logins.lookup(section);
        pools.settings(section);
    }
}

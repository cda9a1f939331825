package dev.weir.config;

import dev.weir.config.LoginConfig.AuthType;
import dev.weir.discovery.Search;
import dev.weir.topology.Member;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Finds values that are right alone and wrong together. */
final class Contradictions {
    /** What PostgreSQL stores under password_encryption = scram-sha-256. */
    private static final String VERIFIER_PREFIX = "SCRAM-SHA-256$";

    private static final Pattern VERIFIER =
            Pattern.compile(
                    "SCRAM-SHA-256\\$[1-9][0-9]{0,6}:[A-Za-z0-9+/]+=*\\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=");

    private static final Pattern MD5_HASH = Pattern.compile("md5[0-9a-fA-F]{32}");

    private final Section top;
    private final Map<String, Section> databases;
    private final Map<String, Section> users;
    private final Problems problems;

    Contradictions(
            Section top,
            Map<String, Section> databases,
            Map<String, Section> users,
            Problems problems) {
        this.top = top;
        this.databases = databases;
        this.users = users;
        this.problems = problems;
    }

    void find() {
        ports();
        readOnly();
        new TlsContradictions(top, databases.values(), problems).find();
        unixSockets();
        pool(top);
        if (databases.isEmpty()) {
            problems.add(
                    0,
                    "there are no databases; expected at least one entry below `databases:`, such"
                            + " as `shop: { host: 127.0.0.1 }`");
        }
        databases.forEach(this::database);
        hba();
        boolean asksForPasswords =
                top.isSound(LoginKeys.AUTH_TYPE)
                        && top.get(LoginKeys.AUTH_TYPE) != AuthType.TRUST
                        && top.get(LoginKeys.AUTH_TYPE) != AuthType.CERT
                        && top.get(LoginKeys.AUTH_TYPE) != AuthType.HBA;
        authQuery(top);
        boolean looksUp =
                top.names(LoginKeys.AUTH_USER)
                        || databases.values().stream()
                                .anyMatch(it -> it.names(LoginKeys.AUTH_USER));
        if (asksForPasswords && users.isEmpty() && !looksUp) {
            problems.add(
                    top.line(LoginKeys.AUTH_TYPE),
                    "nobody can log in: `auth-type` is %s and there are no users; expected at least one entry below `users:`, such as `app: { password: … }`"
                            .formatted(authType()));
        }
        users.forEach((name, section) -> user(name, section, asksForPasswords && !looksUp));
    }

    private void hba() {
        if (!top.isSound(LoginKeys.AUTH_TYPE)) {
            return;
        }
        boolean wanted = top.get(LoginKeys.AUTH_TYPE) == AuthType.HBA;
        if (wanted && !top.names(LoginKeys.AUTH_HBA_FILE)) {
            problems.add(
                    top.line(LoginKeys.AUTH_TYPE),
                    "`auth-type` is hba and there is no `auth-hba-file`; expected the path of a file with rules");
        } else if (!wanted && top.names(LoginKeys.AUTH_HBA_FILE)) {
            problems.add(
                    top.line(LoginKeys.AUTH_HBA_FILE),
                    "`auth-hba-file` does not count where `auth-type` is %s; expected `auth-type: hba`"
                            .formatted(authType()));
        }
        if (top.names(LoginKeys.AUTH_IDENT_FILE) && !top.names(LoginKeys.AUTH_HBA_FILE)) {
            problems.add(
                    top.line(LoginKeys.AUTH_IDENT_FILE),
                    "`auth-ident-file` stands without `auth-hba-file`; expected the rules that name its maps");
        }
    }

    private void routing(String name, Section section) {
        List<Member> replicas =
                section.isSound(DatabaseKeys.REPLICAS)
                        ? section.get(DatabaseKeys.REPLICAS)
                        : List.of();
        String role = section.find(DatabaseKeys.ROUTER_USER);
        if (role != null) {
            lookupRole(section, role, DatabaseKeys.ROUTER_USER);
        }
        String operator = section.find(DatabaseKeys.SWITCHOVER_USER);
        if (operator != null) {
            lookupRole(section, operator, DatabaseKeys.SWITCHOVER_USER);
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

    private void authQuery(Section section) {
        String role = section.inherited(LoginKeys.AUTH_USER);
        for (Key<?, ?> key : List.of(LoginKeys.AUTH_QUERY, LoginKeys.AUTH_DBNAME)) {
            if (section.has(key) && role == null && !usedBelow(section)) {
                problems.add(
                        section.line(key),
                        "`%s` stands without `auth-user`; expected the role that looks passwords up"
                                .formatted(key));
            }
        }
        String dbname = section.find(LoginKeys.AUTH_DBNAME);
        if (dbname != null
                && !databases.containsKey(dbname)
                && !databases.containsKey(WeirConfig.ANY_DATABASE)) {
            problems.add(
                    section.line(LoginKeys.AUTH_DBNAME),
                    "`auth-dbname`: %s is not among the databases; expected the name of one"
                            .formatted(Shown.name(dbname)));
        }
        if (section.has(LoginKeys.AUTH_USER) && role != null) {
            lookupRole(section, role, LoginKeys.AUTH_USER);
        }
    }

    private void lookupRole(Section section, String role, Key<?, ?> key) {
        Section lookup = users.get(role);
        Secret shown = lookup == null ? null : lookup.find(UserKeys.SERVER_PASSWORD);
        if (lookup != null && shown == null) {
            shown = lookup.find(UserKeys.USER_PASSWORD);
        }
        if (shown != null
                && (shown.value().startsWith(VERIFIER_PREFIX)
                        || MD5_HASH.matcher(shown.value()).matches())) {
            problems.add(
                    section.line(key),
                    "`%s`: of the password of user %s there is only a hash, with which it cannot log in at PostgreSQL; expected the password itself, as its `server-password`"
                            .formatted(key, Shown.name(role)));
        }
    }

    /** Whether what stands at the top level counts in a database that looks passwords up. */
    private boolean usedBelow(Section section) {
        return section == top
                && databases.values().stream().anyMatch(it -> it.names(LoginKeys.AUTH_USER));
    }

    private String authType() {
        return LoginKeys.AUTH_TYPE.type().format(top.get(LoginKeys.AUTH_TYPE));
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
        clear(section, DatabaseKeys.DATABASE_PASSWORD);
        authQuery(section);
        pool(section);
    }

    private void user(String name, Section section, boolean needsPassword) {
        boolean hasPassword =
                section.names(UserKeys.USER_PASSWORD) || section.names(UserKeys.USER_PASSWORD_FILE);
        if (needsPassword && !hasPassword) {
            problems.add(
                    section.line(),
                    "user %s has no `password`; expected one, as `auth-type` is %s"
                            .formatted(Shown.name(name), authType()));
        }
        Secret password = section.find(UserKeys.USER_PASSWORD);
        if (password != null) {
            verifier(password.value(), section.line(UserKeys.USER_PASSWORD));
        }
        clear(section, UserKeys.SERVER_PASSWORD);
        overrides(section);
    }

    private void verifier(String secret, int line) {
        boolean scram =
                top.isSound(LoginKeys.AUTH_TYPE)
                        && top.get(LoginKeys.AUTH_TYPE) == AuthType.SCRAM_SHA_256;
        if (secret.startsWith(VERIFIER_PREFIX) && !VERIFIER.matcher(secret).matches()) {
            problems.add(
                    line,
                    "`password` begins as a SCRAM verifier and is none; expected the whole rolpassword from pg_authid");
        } else if (scram && MD5_HASH.matcher(secret).matches()) {
            problems.add(
                    line,
                    "`password` is an md5 hash, which cannot serve where `auth-type` is scram-sha-256; expected the password or a SCRAM verifier, or `auth-type: md5`");
        }
    }

    /** PostgreSQL is shown passwords; a verifier proves nothing. */
    private void clear(Section section, Key<?, Secret> key) {
        Secret secret = section.find(key);
        if (secret != null && secret.value().startsWith(VERIFIER_PREFIX)) {
            problems.add(
                    section.line(key),
                    "`%s` is a SCRAM verifier, with which nobody can log in at PostgreSQL; expected the password itself"
                            .formatted(key));
        }
    }

    /** A user's pool settings must fit to each database, and to the top level. */
    private void overrides(Section user) {
        PoolOverrides overrides = user.poolOverrides();
        if (overrides.isEmpty()) {
            return;
        }
        for (Section base : databases.isEmpty() ? List.of(top) : databases.values()) {
            boolean sound =
                    PoolKeys.POOL.keys().stream()
                            .allMatch(key -> base.isSound(key) && user.isSound(key));
            if (sound && fault(Records.pool(base)) == null) {
                Fault fault = fault(overrides.applyTo(Records.pool(base)));
                if (fault != null) {
                    problems.add(fault.line(user), fault.message);
                    return;
                }
            }
        }
    }

    private void pool(Section section) {
        boolean sound = PoolKeys.POOL.keys().stream().allMatch(section::isSound);
        boolean says = section == top || PoolKeys.POOL.keys().stream().anyMatch(section::has);
        if (sound && says) {
            Fault fault = fault(Records.pool(section));
            boolean inherited = fault != null && section != top && !fault.touches(section);
            if (fault != null && !inherited) {
                problems.add(fault.line(section), fault.message);
            }
        }
    }

    /** Two keys that do not go together; the first is the more likely mistake. */
    private record Fault(Key<?, ?> first, Key<?, ?> second, String message) {
        boolean touches(Section section) {
            return section.has(first) || section.has(second);
        }

        int line(Section section) {
            return section.line(section.has(first) ? first : second);
        }
    }

    private static @Nullable Fault fault(PoolConfig pool) {
        if (pool.minPoolSize() > pool.defaultPoolSize()) {
            return new Fault(
                    PoolKeys.MIN_POOL_SIZE,
                    PoolKeys.DEFAULT_POOL_SIZE,
                    "`min-pool-size` (%d) is greater than `default-pool-size` (%d); expected at most that"
                            .formatted(pool.minPoolSize(), pool.defaultPoolSize()));
        }
        if (pool.reservePoolSize() > 0
                && !pool.queryWaitTimeout().isZero()
                && pool.reservePoolTimeout().compareTo(pool.queryWaitTimeout()) >= 0) {
            return new Fault(
                    PoolKeys.RESERVE_POOL_TIMEOUT,
                    PoolKeys.QUERY_WAIT_TIMEOUT,
                    "`reserve-pool-timeout` (%s) is not shorter than `query-wait-timeout` (%s), so that the reserve would never be used; expected less"
                            .formatted(
                                    written(
                                            PoolKeys.RESERVE_POOL_TIMEOUT,
                                            pool.reservePoolTimeout()),
                                    written(PoolKeys.QUERY_WAIT_TIMEOUT, pool.queryWaitTimeout())));
        }
        return null;
    }

    private static String written(Key<?, Duration> key, Duration value) {
        return key.type().format(value);
    }
}

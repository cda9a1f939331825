package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;
import static dev.weir.config.Key.Change.RESTART;

import dev.weir.classify.Route;
import dev.weir.freshness.MaxLag;
import dev.weir.topology.Member;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The key table. Parsing, the sample file, the reference page and the printed configuration all
 * come from here: a new setting is one entry, and a component of the record that its users see.
 */
final class Keys {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration MOMENT = Duration.ofMillis(1);
    private static final int MANY = 1_000_000;
    private static final int GIB = 1 << 30;

    // ---- the process ----

    static final Group<ListenConfig> LISTEN = new Group<>("Where clients connect");

    static final Key<ListenConfig, String> LISTEN_ADDR =
            LISTEN.key(
                    "listen-addr",
                    Types.listenAddress(),
                    "127.0.0.1",
                    RESTART,
                    ListenConfig::addr,
                    "The address that clients connect to; \"*\" is every interface.");
    static final Key<ListenConfig, Integer> LISTEN_PORT =
            LISTEN.key(
                    "listen-port",
                    Types.integer(0, 65_535),
                    "6432",
                    RESTART,
                    ListenConfig::port,
                    "The port that clients connect to; 0 takes any free one and logs it.");
    static final Key<ListenConfig, Integer> READ_ONLY_PORT =
            LISTEN.optional(
                    "read-only-port",
                    Types.integer(0, 65_535),
                    RESTART,
                    ListenConfig::readOnlyPort,
                    "A second port, where no session can write: replicas answer. Without it there is"
                            + " none.");
    static final Key<ListenConfig, Integer> LISTEN_BACKLOG =
            LISTEN.key(
                    "listen-backlog",
                    Types.integer(1, 65_535),
                    "1024",
                    RESTART,
                    ListenConfig::backlog,
                    "Connections that the kernel may hold until Weir accepts them.");
    static final Key<ListenConfig, Integer> EVENT_LOOPS =
            LISTEN.key(
                    "event-loops",
                    Types.integer(0, 256),
                    "0",
                    RESTART,
                    ListenConfig::eventLoops,
                    "Threads that move bytes; 0 takes one for each two cores.");
    static final Key<ListenConfig, ListenConfig.Transport> TRANSPORT =
            LISTEN.key(
                    "transport",
                    Types.choice(ListenConfig.Transport.class, "auto", "io_uring", "epoll", "nio"),
                    "auto",
                    RESTART,
                    ListenConfig::transport,
                    "How the kernel is asked; auto takes the first of the others that works here."
                            + " io_uring has no Unix-domain sockets.");
    static final Key<ListenConfig, Boolean> SO_REUSEPORT =
            LISTEN.key(
                    "so-reuseport",
                    Types.flag(),
                    "false",
                    RESTART,
                    ListenConfig::reusePort,
                    "Whether a second process may listen on the same port, to take it over.");
    static final Key<ListenConfig, Path> UNIX_SOCKET_DIR =
            LISTEN.optional(
                    "unix-socket-dir",
                    TlsTypes.file(),
                    RESTART,
                    listen -> listen.unixSocket().folder(),
                    "A folder for the Unix-domain socket .s.PGSQL.PORT, where clients on this host"
                            + " connect besides; without it there is none.");
    static final Key<ListenConfig, Integer> UNIX_SOCKET_MODE =
            LISTEN.key(
                    "unix-socket-mode",
                    Types.fileMode(),
                    "0777",
                    RESTART,
                    listen -> listen.unixSocket().mode(),
                    "The permissions of that socket; who may not write to it may not connect.");

    static final Key<ListenConfig, Networks> PROXY_PROTOCOL_FROM =
            LISTEN.optional(
                    "proxy-protocol-from",
                    Types.networks(),
                    RELOAD,
                    ListenConfig::proxyFrom,
                    "Proxies that begin each connection with a PROXY header (version 1 or 2), which"
                            + " tells where the client is; from nobody else is it taken.");

    static final Group<TcpConfig> TCP =
            new Group<>("How TCP connections are watched, on both sides");

    static final Key<TcpConfig, Boolean> TCP_KEEPALIVE =
            TCP.key(
                    "tcp-keepalive",
                    Types.flag(),
                    "true",
                    RESTART,
                    TcpConfig::keepalive,
                    "Whether the kernel asks silent connections for a sign of life.");
    static final Key<TcpConfig, Duration> TCP_KEEPIDLE =
            TCP.key(
                    "tcp-keepidle",
                    Types.duration(Duration.ZERO, DAY),
                    "0",
                    RESTART,
                    TcpConfig::keepidle,
                    "The silence before it asks, in whole seconds; 0 is the kernel's default.");
    static final Key<TcpConfig, Duration> TCP_KEEPINTVL =
            TCP.key(
                    "tcp-keepintvl",
                    Types.duration(Duration.ZERO, DAY),
                    "0",
                    RESTART,
                    TcpConfig::keepintvl,
                    "The time between two questions, in whole seconds; 0 is the kernel's default.");
    static final Key<TcpConfig, Integer> TCP_KEEPCNT =
            TCP.key(
                    "tcp-keepcnt",
                    Types.integer(0, 127),
                    "0",
                    RESTART,
                    TcpConfig::keepcnt,
                    "Questions without an answer before the connection is given up; 0 is the"
                            + " kernel's default.");
    static final Key<TcpConfig, Duration> TCP_USER_TIMEOUT =
            TCP.key(
                    "tcp-user-timeout",
                    Types.duration(Duration.ZERO, DAY),
                    "0",
                    RESTART,
                    TcpConfig::userTimeout,
                    "How long the other side may leave data without acknowledgement; 0 is the"
                            + " kernel's default, about a quarter of an hour. The transport nio"
                            + " cannot set it.");

    static final Group<PeeringConfig> PEERING = new Group<>("Several processes behind one address");

    static final Key<PeeringConfig, Integer> PEER_ID =
            PEERING.key(
                    "peer-id",
                    Types.integer(0, PeeringConfig.MAX_ID),
                    "0",
                    RESTART,
                    PeeringConfig::id,
                    "The number of this process among those that share an address, so that cancel"
                            + " requests find their way (peers); 0 is alone.");

    static final Group<HttpConfig> HTTP = new Group<>("Where operators look");

    static final Key<HttpConfig, String> HTTP_ADDR =
            HTTP.key(
                    "http-addr",
                    Types.listenAddress(),
                    "127.0.0.1",
                    RESTART,
                    HttpConfig::addr,
                    "The address of the HTTP port; whoever reaches it may look.");
    static final Key<HttpConfig, Integer> HTTP_PORT =
            HTTP.key(
                    "http-port",
                    Types.integer(0, 65_535),
                    "6433",
                    RESTART,
                    HttpConfig::port,
                    "The port of /observe/health and /metrics; 0 is none.");
    static final Key<HttpConfig, String> OTLP_ENDPOINT =
            HTTP.key(
                    "otlp-endpoint",
                    Types.url(),
                    "",
                    RESTART,
                    HttpConfig::otlpEndpoint,
                    "Where metrics are pushed to by OTLP over HTTP, such as"
                            + " http://127.0.0.1:4318/v1/metrics.");
    static final Key<HttpConfig, Duration> OTLP_INTERVAL =
            HTTP.key(
                    "otlp-interval",
                    Types.duration(Duration.ofSeconds(1), DAY),
                    "1m",
                    RESTART,
                    HttpConfig::otlpInterval,
                    "How often metrics are pushed there.");

    static final Group<AdminConfig> ADMIN = new Group<>("What operators may do");

    static final Key<AdminConfig, List<String>> ADMIN_USERS =
            ADMIN.key(
                    "admin-users",
                    Types.names("a list of users with commas between them"),
                    "",
                    RELOAD,
                    AdminConfig::adminUsers,
                    "Who may order anything on the console: the database `weir` of Weir itself.");
    static final Key<AdminConfig, List<String>> STATS_USERS =
            ADMIN.key(
                    "stats-users",
                    Types.names("a list of users with commas between them"),
                    "",
                    RELOAD,
                    AdminConfig::statsUsers,
                    "Who may look at what the console shows, and order nothing.");
    static final Key<AdminConfig, Duration> STATS_PERIOD =
            ADMIN.key(
                    "stats-period",
                    Types.duration(Duration.ofSeconds(1), DAY),
                    "1m",
                    RELOAD,
                    AdminConfig::statsPeriod,
                    "The time over which the console's averages are taken.");
    static final Key<AdminConfig, Duration> SHUTDOWN_TIMEOUT =
            ADMIN.key(
                    "shutdown-timeout",
                    Types.duration(Duration.ZERO, DAY),
                    "20s",
                    RELOAD,
                    AdminConfig::shutdownTimeout,
                    "How long transactions under way may take after SIGTERM; then they are cut"
                            + " off.");

    static final Group<LoginConfig> LOGIN = new Group<>("How clients log in");

    static final Key<LoginConfig, LoginConfig.AuthType> AUTH_TYPE =
            LOGIN.key(
                    "auth-type",
                    Types.choice(
                            LoginConfig.AuthType.class,
                            "trust",
                            "password",
                            "md5",
                            "scram-sha-256",
                            "cert",
                            "hba"),
                    "scram-sha-256",
                    RELOAD,
                    LoginConfig::authType,
                    "What clients are asked for, in PostgreSQL's words; trust believes everybody,"
                            + " cert wants a certificate in the user's name, and hba asks as the rules"
                            + " in auth-hba-file say.");
    static final Key<LoginConfig, String> AUTH_HBA_FILE =
            LOGIN.optional(
                    "auth-hba-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    LoginConfig::hbaFile,
                    "Rules in the form of PostgreSQL's pg_hba.conf, of which the first that fits"
                            + " counts.");
    static final Key<LoginConfig, String> AUTH_IDENT_FILE =
            LOGIN.optional(
                    "auth-ident-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    LoginConfig::identFile,
                    "Which role the name in a certificate may be, in the form of PostgreSQL's"
                            + " pg_ident.conf, for rules with map=.");
    static final Key<LoginConfig, Duration> CLIENT_LOGIN_TIMEOUT =
            LOGIN.key(
                    "client-login-timeout",
                    Types.duration(MOMENT, DAY),
                    "1m",
                    RELOAD,
                    LoginConfig::clientLoginTimeout,
                    "A client that has not logged in by then is disconnected.");

    static final Key<LoginConfig, Duration> FAILED_LOGIN_DELAY =
            LOGIN.key(
                    "failed-login-delay",
                    Types.duration(Duration.ZERO, DAY),
                    "10s",
                    RELOAD,
                    LoginConfig::failedLoginDelay,
                    "The longest that the answer to a failed login is held back; it grows with the"
                            + " failures from one address. 0 is never.");

    // ---- password look-up: at the top level, in a database ----

    static final Group<AuthQueryConfig> AUTH_QUERIES =
            new Group<>("Where the passwords of other users are looked up");

    static final Key<AuthQueryConfig, String> AUTH_USER =
            AUTH_QUERIES.optional(
                    "auth-user",
                    Types.text("the name of a role"),
                    RELOAD,
                    AuthQueryConfig::user,
                    "The role that looks up in PostgreSQL the password of a user who is not among"
                            + " users; its own password stands there.");
    static final Key<AuthQueryConfig, String> AUTH_QUERY =
            AUTH_QUERIES.optional(
                    "auth-query",
                    Types.authQuery(),
                    RELOAD,
                    AuthQueryConfig::query,
                    "What auth-user asks: a row of the name and password of user $1. Without it"
                            + " pg_authid, honouring LOGIN and VALID UNTIL.");
    static final Key<AuthQueryConfig, String> AUTH_DBNAME =
            AUTH_QUERIES.optional(
                    "auth-dbname",
                    Types.text("the name of an entry of databases"),
                    RELOAD,
                    AuthQueryConfig::dbname,
                    "The entry of databases where it asks; without it the one that the client asks"
                            + " for.");
    static final Key<AuthQueryConfig, Duration> AUTH_QUERY_CACHE_TIME =
            AUTH_QUERIES.key(
                    "auth-query-cache-time",
                    Types.duration(Duration.ZERO, DAY),
                    "10s",
                    RELOAD,
                    AuthQueryConfig::cacheTime,
                    "How long an answer counts; 0 asks at each login.");

    static final Group<LimitsConfig> LIMITS = new Group<>("What one process may hold");

    static final Key<LimitsConfig, Integer> MAX_CLIENT_CONN =
            LIMITS.key(
                    "max-client-conn",
                    Types.integer(1, MANY),
                    "1000",
                    RELOAD,
                    LimitsConfig::maxClientConn,
                    "Client connections; one more is refused with SQLSTATE 53300.");
    static final Key<LimitsConfig, Integer> MAX_ACCEPT_RATE =
            LIMITS.key(
                    "max-accept-rate",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    LimitsConfig::maxAcceptRate,
                    "Connections accepted in each second; the kernel holds those that come beyond"
                            + " it, up to listen-backlog. 0 is no limit.");
    static final Key<LimitsConfig, Integer> MAX_MESSAGE_SIZE =
            LIMITS.key(
                    "max-message-size",
                    Types.size(1024, GIB),
                    "1GiB",
                    RELOAD,
                    LimitsConfig::maxMessageSize,
                    "The longest message that a client may send; the default is PostgreSQL's own"
                            + " bound.");
    static final Key<LimitsConfig, Long> MAX_CLIENT_MEMORY =
            LIMITS.key(
                    "max-client-memory",
                    Types.memory(1024L * GIB),
                    "0",
                    RELOAD,
                    LimitsConfig::maxClientMemory,
                    "What the buffers of all connections may take together. Beyond it new clients"
                            + " are refused with SQLSTATE 53200, and those that wait are not read"
                            + " from. 0 is no limit.");
    static final Key<LimitsConfig, Integer> MAX_PREPARED_STATEMENTS =
            LIMITS.key(
                    "max-prepared-statements",
                    Types.integer(1, MANY),
                    "200",
                    RELOAD,
                    LimitsConfig::maxPreparedStatements,
                    "Named statements kept on each server connection; the one unused for longest"
                            + " goes first.");
    static final Key<LimitsConfig, Integer> MAX_STATEMENT_SIZE =
            LIMITS.key(
                    "max-statement-size",
                    Types.size(1024, GIB),
                    "1MiB",
                    RELOAD,
                    LimitsConfig::maxStatementSize,
                    "The longest text of a named prepared statement.");
    static final Key<LimitsConfig, Duration> CANCEL_WAIT_TIMEOUT =
            LIMITS.key(
                    "cancel-wait-timeout",
                    Types.duration(MOMENT, DAY),
                    "10s",
                    RELOAD,
                    LimitsConfig::cancelWaitTimeout,
                    "How long it may take to pass a cancel request on.");
    static final Key<LimitsConfig, Duration> CLIENT_GONE_TIMEOUT =
            LIMITS.key(
                    "client-gone-timeout",
                    Types.duration(MOMENT, DAY),
                    "10s",
                    RELOAD,
                    LimitsConfig::clientGoneTimeout,
                    "How long the clean-up behind a client that left in mid-transaction may take;"
                            + " then its server connection is closed.");

    static final Key<LimitsConfig, Integer> MAX_SERVER_CONNECTIONS =
            LIMITS.key(
                    "max-server-connections",
                    Types.integer(0, MANY),
                    "0",
                    RESTART,
                    LimitsConfig::maxServerConnections,
                    "Server connections of all pools together; 0 is no limit.");
    static final Key<LimitsConfig, Integer> MAX_ADDRESS_TRANSACTIONS =
            LIMITS.key(
                    "max-address-transactions-per-second",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    LimitsConfig::maxAddressTransactions,
                    "Transactions in each second of all clients at one address; one more waits for"
                            + " the next second. 0 is no limit.");
    static final Key<LimitsConfig, Integer> MAX_ADDRESS_CONCURRENT =
            LIMITS.key(
                    "max-address-concurrent-transactions",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    LimitsConfig::maxAddressConcurrent,
                    "Transactions under way at once of all clients at one address; one more waits."
                            + " 0 is no limit.");

    // ---- shares: at the top level, in a database or a user ----

    static final Group<ShareConfig> DATABASE_SHARE =
            new Group<>("What one database may have, over all its users");

    static final Key<ShareConfig, Integer> MAX_DB_CLIENT_CONNECTIONS =
            DATABASE_SHARE.key(
                    "max-db-client-connections",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxClients,
                    "Clients of one database; one more is refused with SQLSTATE 53300. 0 is no"
                            + " limit.");
    static final Key<ShareConfig, Integer> MAX_DB_CONNECTIONS =
            DATABASE_SHARE.key(
                    "max-db-connections",
                    Types.integer(0, MANY),
                    "0",
                    RESTART,
                    ShareConfig::maxServers,
                    "Server connections of one database; a client waits for one more. 0 is no"
                            + " limit.");
    static final Key<ShareConfig, Integer> MAX_DB_TRANSACTIONS =
            DATABASE_SHARE.key(
                    "max-db-transactions-per-second",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxTransactions,
                    "Transactions of one database in each second; one more waits for the next"
                            + " second. 0 is no limit.");
    static final Key<ShareConfig, Integer> MAX_DB_CONCURRENT =
            DATABASE_SHARE.key(
                    "max-db-concurrent-transactions",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxConcurrent,
                    "Transactions of one database under way at once; one more waits."
                            + " 0 is no limit.");

    static final Group<ShareConfig> USER_SHARE =
            new Group<>("What one user may have, over all databases");

    static final Key<ShareConfig, Integer> MAX_USER_CLIENT_CONNECTIONS =
            USER_SHARE.key(
                    "max-user-client-connections",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxClients,
                    "Clients of one user; one more is refused with SQLSTATE 53300. 0 is no limit.");
    static final Key<ShareConfig, Integer> MAX_USER_CONNECTIONS =
            USER_SHARE.key(
                    "max-user-connections",
                    Types.integer(0, MANY),
                    "0",
                    RESTART,
                    ShareConfig::maxServers,
                    "Server connections of one user; a client waits for one more. 0 is no limit.");
    static final Key<ShareConfig, Integer> MAX_USER_TRANSACTIONS =
            USER_SHARE.key(
                    "max-user-transactions-per-second",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxTransactions,
                    "Transactions of one user in each second; one more waits for the next second."
                            + " 0 is no limit.");
    static final Key<ShareConfig, Integer> MAX_USER_CONCURRENT =
            USER_SHARE.key(
                    "max-user-concurrent-transactions",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxConcurrent,
                    "Transactions of one user under way at once; one more waits."
                            + " 0 is no limit.");

    // ---- pools: at the top level, in a database, in a user ----

    static final Group<PoolConfig> POOL = new Group<>("How a pool behaves");

    static final Key<PoolConfig, PoolConfig.Mode> POOL_MODE =
            POOL.key(
                    "pool-mode",
                    Types.choice(PoolConfig.Mode.class, "session", "transaction", "statement"),
                    "transaction",
                    RELOAD,
                    PoolConfig::mode,
                    "When a server connection goes back: when the client leaves, when the"
                            + " transaction ends, or after each statement.");
    static final Key<PoolConfig, Integer> DEFAULT_POOL_SIZE =
            POOL.key(
                    "default-pool-size",
                    Types.integer(1, MANY),
                    "20",
                    RELOAD,
                    PoolConfig::defaultPoolSize,
                    "Server connections of each pair of database and user at most.");
    static final Key<PoolConfig, Integer> MIN_POOL_SIZE =
            POOL.key(
                    "min-pool-size",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    PoolConfig::minPoolSize,
                    "Server connections kept open even if nobody uses them.");
    static final Key<PoolConfig, Integer> RESERVE_POOL_SIZE =
            POOL.key(
                    "reserve-pool-size",
                    Types.integer(0, MANY),
                    "0",
                    RELOAD,
                    PoolConfig::reservePoolSize,
                    "Server connections beyond default-pool-size, for when clients have waited for"
                            + " reserve-pool-timeout.");
    static final Key<PoolConfig, Duration> RESERVE_POOL_TIMEOUT =
            POOL.key(
                    "reserve-pool-timeout",
                    Types.duration(Duration.ZERO, DAY),
                    "5s",
                    RELOAD,
                    PoolConfig::reservePoolTimeout,
                    "How long a client waits before the reserve is touched.");
    static final Key<PoolConfig, Duration> QUERY_WAIT_TIMEOUT =
            POOL.key(
                    "query-wait-timeout",
                    Types.duration(Duration.ZERO, YEAR),
                    "2m",
                    RELOAD,
                    PoolConfig::queryWaitTimeout,
                    "How long a client may wait for a server connection; 0 is for ever.");
    static final Key<PoolConfig, Duration> QUERY_WAIT_NOTIFY =
            POOL.key(
                    "query-wait-notify",
                    Types.duration(Duration.ZERO, YEAR),
                    "5s",
                    RELOAD,
                    pool -> pool.timeouts().queryWaitNotify(),
                    "A client that has waited so long for a server connection gets a notice; 0 is never.");
    static final Key<PoolConfig, Duration> QUERY_TIMEOUT =
            POOL.key(
                    "query-timeout",
                    Types.duration(Duration.ZERO, YEAR),
                    "0",
                    RELOAD,
                    pool -> pool.timeouts().query(),
                    "A statement that runs longer is cancelled, with SQLSTATE 57014; 0 is never.");
    static final Key<PoolConfig, Duration> TRANSACTION_TIMEOUT =
            POOL.key(
                    "transaction-timeout",
                    Types.duration(Duration.ZERO, YEAR),
                    "0",
                    RELOAD,
                    pool -> pool.timeouts().transaction(),
                    "A client whose transaction lasts longer is disconnected, with 25P04; 0 is never.");
    static final Key<PoolConfig, Duration> IDLE_TRANSACTION_TIMEOUT =
            POOL.key(
                    "idle-transaction-timeout",
                    Types.duration(Duration.ZERO, YEAR),
                    "0",
                    RELOAD,
                    pool -> pool.timeouts().idleTransaction(),
                    "A client that does nothing within its transaction for so long is disconnected, with 25P03; 0 is never.");
    static final Key<PoolConfig, Duration> CLIENT_IDLE_TIMEOUT =
            POOL.key(
                    "client-idle-timeout",
                    Types.duration(Duration.ZERO, YEAR),
                    "0",
                    RELOAD,
                    pool -> pool.timeouts().clientIdle(),
                    "A client that does nothing outside of a transaction for so long is disconnected, with 57P05; 0 is never.");
    static final Key<PoolConfig, Duration> CLIENT_STALL_TIMEOUT =
            POOL.key(
                    "client-stall-timeout",
                    Types.duration(Duration.ZERO, YEAR),
                    "10m",
                    RELOAD,
                    pool -> pool.timeouts().clientStall(),
                    "A client that sends nothing for so long in the middle of a message, a COPY or a pipeline without its Sync is disconnected, with 08006; 0 is never.");
    static final Key<PoolConfig, List<String>> STATEFUL_FUNCTIONS =
            POOL.key(
                    "stateful-functions",
                    Types.names("a list of functions with commas between them, without schema"),
                    "",
                    RELOAD,
                    PoolConfig::statefulFunctions,
                    "Functions that set something, lock or make temporary tables for the session that calls them, which no SELECT tells: the session keeps its server connection from then on.");
    static final Key<PoolConfig, Duration> SERVER_IDLE_TIMEOUT =
            POOL.key(
                    "server-idle-timeout",
                    Types.duration(Duration.ZERO, YEAR),
                    "10m",
                    RELOAD,
                    PoolConfig::serverIdleTimeout,
                    "A server connection that nobody has used for so long is closed; 0 is never.");
    static final Key<PoolConfig, Duration> SERVER_LIFETIME =
            POOL.key(
                    "server-lifetime",
                    Types.duration(Duration.ZERO, YEAR),
                    "1h",
                    RELOAD,
                    PoolConfig::serverLifetime,
                    "A server connection of this age is closed when it comes back; 0 is never.");
    static final Key<PoolConfig, Duration> SERVER_LIFETIME_JITTER =
            POOL.key(
                    "server-lifetime-jitter",
                    Types.duration(Duration.ZERO, YEAR),
                    "5m",
                    RELOAD,
                    PoolConfig::serverLifetimeJitter,
                    "Up to this, but at most half of server-lifetime, is taken off each lifetime,"
                            + " so that server connections do not all end at once.");
    static final Key<PoolConfig, Duration> SERVER_CONNECT_TIMEOUT =
            POOL.key(
                    "server-connect-timeout",
                    Types.duration(MOMENT, DAY),
                    "15s",
                    RELOAD,
                    PoolConfig::serverConnectTimeout,
                    "How long PostgreSQL may take to accept a connection and its login.");
    static final Key<PoolConfig, Duration> SERVER_LOGIN_RETRY =
            POOL.key(
                    "server-login-retry",
                    Types.duration(MOMENT, DAY),
                    "1s",
                    RELOAD,
                    PoolConfig::serverLoginRetry,
                    "Pause after a failed attempt to connect; until then clients are told why at"
                            + " once.");

    // ---- entries ----

    static final Group<DatabaseConfig> DATABASE = new Group<>("A database");

    static final Key<DatabaseConfig, String> HOST =
            DATABASE.optional(
                    "host",
                    Types.host(),
                    RELOAD,
                    DatabaseConfig::host,
                    "Where PostgreSQL is; with a / at the beginning, the folder of its Unix-domain"
                            + " socket. Required.");
    static final Key<DatabaseConfig, Integer> PORT =
            DATABASE.key(
                    "port",
                    Types.integer(1, 65_535),
                    "5432",
                    RELOAD,
                    DatabaseConfig::port,
                    "PostgreSQL's port.");
    static final Key<DatabaseConfig, String> DBNAME =
            DATABASE.optional(
                    "dbname",
                    Types.text("the name of a database"),
                    RELOAD,
                    DatabaseConfig::dbname,
                    "Its name on the server, if clients ask for it under another.");
    static final Key<DatabaseConfig, String> USER =
            DATABASE.optional(
                    "user",
                    Types.text("the name of a role"),
                    RELOAD,
                    DatabaseConfig::user,
                    "Server connections log in as this role, whoever the client is; without it as"
                            + " the client's user.");
    static final Key<DatabaseConfig, Secret> DATABASE_PASSWORD =
            DATABASE.optional(
                    "password",
                    Types.secret(),
                    RELOAD,
                    DatabaseConfig::password,
                    "The password of that role.");
    static final Key<DatabaseConfig, String> DATABASE_PASSWORD_FILE =
            DATABASE.optional(
                    "password-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    null,
                    "A file whose first line is the password.");

    static final Key<DatabaseConfig, List<Member>> REPLICAS =
            DATABASE.key(
                    "replicas",
                    new MemberType(),
                    "",
                    RELOAD,
                    database -> database.routed() ? database.routing().replicas() : null,
                    "Streaming replicas of it, which answer reads as soon as they show all that the"
                            + " session may have seen. Behind each may stand `weight=` with what it can"
                            + " do compared with others, 1 to 1000 (100 if it is not said), and `zone=`"
                            + " with where it is.");
    static final Key<DatabaseConfig, String> ROUTER_USER =
            DATABASE.optional(
                    "router-user",
                    Types.text("the name of a role"),
                    RELOAD,
                    database -> database.routing().user(),
                    "The role that asks primary and replicas how far they are, and reads the"
                            + " catalog; its own password stands among users. It needs no privilege.");
    static final Key<DatabaseConfig, Duration> REPLICA_WAIT =
            DATABASE.key(
                    "replica-wait",
                    Types.duration(Duration.ZERO, Duration.ofSeconds(10)),
                    "10ms",
                    RELOAD,
                    database -> database.routed() ? database.routing().patience() : null,
                    "How long a read waits for a replica that is nearly fresh enough; then it goes"
                            + " to the primary.");

    static final Key<DatabaseConfig, Boolean> READ_ONLY_ON_PRIMARY =
            DATABASE.key(
                    "read-only-on-primary",
                    Types.flag(),
                    "true",
                    RELOAD,
                    database -> database.routed() ? database.routing().readOnlyOnPrimary() : null,
                    "Whether the primary answers single reads of read-only sessions (read-only-port,"
                            + " or read-only of a user) while no replica can; else they wait and fail.");
    static final Key<DatabaseConfig, Duration> FAILOVER_WAIT =
            DATABASE.key(
                    "failover-wait",
                    Types.duration(Duration.ZERO, Duration.ofHours(1)),
                    "30s",
                    RELOAD,
                    database -> database.routed() ? database.routing().failoverWait() : null,
                    "How long a statement that has not been started waits when the primary of a"
                            + " database with replicas does not answer, for it or for the replica"
                            + " that is promoted; then it fails.");
    static final Key<DatabaseConfig, String> SWITCHOVER_USER =
            DATABASE.optional(
                    "switchover-user",
                    Types.text("the name of a role"),
                    RELOAD,
                    database -> database.routing().operator(),
                    "The superuser as whom SWITCHOVER at the console fences the primary and promotes"
                            + " a replica; its own password stands among users.");
    static final Key<DatabaseConfig, Duration> SWITCHOVER_WAIT =
            DATABASE.key(
                    "switchover-wait",
                    Types.duration(Duration.ZERO, Duration.ofHours(1)),
                    "10s",
                    RELOAD,
                    database -> database.routed() ? database.routing().switchoverWait() : null,
                    "How long SWITCHOVER waits for running transactions to end; then it gives up, or"
                            + " ends them if it is forced.");
    static final Key<DatabaseConfig, String> SWITCHOVER_COMMAND =
            DATABASE.optional(
                    "switchover-command",
                    Types.text("a command of the shell"),
                    RELOAD,
                    database -> database.routing().switchoverCommand(),
                    "What carries a switchover out while Weir holds the transactions, instead of SQL:"
                            + " that of the tool that manages the nodes. It finds them in"
                            + " WEIR_OLD_HOST, WEIR_OLD_PORT, WEIR_NEW_HOST and WEIR_NEW_PORT.");
    static final Key<DatabaseConfig, String> DEMOTE_COMMAND =
            DATABASE.optional(
                    "demote-command",
                    Types.text("a command of the shell"),
                    RELOAD,
                    database -> database.routing().demoteCommand(),
                    "What makes a standby of the old primary after a switchover; same environment."
                            + " Without one it stays fenced.");

    static final Key<DatabaseConfig, PromotionConfig.Mode> PROMOTE =
            DATABASE.key(
                    "promote",
                    Types.choice(PromotionConfig.Mode.class, "never", "automatic"),
                    "never",
                    RELOAD,
                    database -> database.routed() ? database.routing().promotion().mode() : null,
                    "Whether Weir promotes the most advanced replica, as switchover-user, when the"
                            + " primary is lost: not where Patroni, repmgr or the like do. It takes at"
                            + " least two replicas.");
    static final Key<DatabaseConfig, Duration> PROMOTE_AFTER =
            DATABASE.key(
                    "promote-after",
                    Types.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
                    "10s",
                    RELOAD,
                    database -> database.routed() ? database.routing().promotion().after() : null,
                    "How long the primary must not have answered before a replica is promoted.");

    static final Key<DatabaseConfig, Route> ROUTE =
            DATABASE.key(
                    "route",
                    Types.route(),
                    "auto",
                    RELOAD,
                    database -> database.routed() ? database.routing().usual().route() : null,
                    "Where its sessions want to be answered: auto is wherever it may be, replica"
                            + " also what is not certain to only read. SET weir.route says otherwise.");
    static final Key<DatabaseConfig, MaxLag> MAX_LAG =
            DATABASE.key(
                    "max-lag",
                    Types.maxLag(),
                    "off",
                    RELOAD,
                    database -> database.routed() ? database.routing().usual().maxLag() : null,
                    "How far a replica may be behind at most to answer its sessions, besides that it"
                            + " shows all that they have seen. SET weir.max_lag says otherwise.");

    static final Group<UserConfig> USER_ENTRY = new Group<>("A user");

    static final Key<UserConfig, Secret> USER_PASSWORD =
            USER_ENTRY.optional(
                    "password",
                    Types.secret(),
                    RELOAD,
                    UserConfig::password,
                    "What the client must prove: the password, or what PostgreSQL stores of it"
                            + " (SCRAM-SHA-256$… or md5…).");
    static final Key<UserConfig, String> USER_PASSWORD_FILE =
            USER_ENTRY.optional(
                    "password-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    null,
                    "A file whose first line is that.");
    static final Key<UserConfig, Secret> SERVER_PASSWORD =
            USER_ENTRY.optional(
                    "server-password",
                    Types.secret(),
                    RELOAD,
                    UserConfig::serverPassword,
                    "What Weir shows to PostgreSQL for this user; without it the password, if that"
                            + " is one.");
    static final Key<UserConfig, String> SERVER_PASSWORD_FILE =
            USER_ENTRY.optional(
                    "server-password-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    null,
                    "A file whose first line is that.");

    static final Key<UserConfig, Boolean> USER_READ_ONLY =
            USER_ENTRY.optional(
                    "read-only",
                    Types.flag(),
                    RELOAD,
                    user -> user.readOnly() ? true : null,
                    "Whether this user's sessions cannot write, whatever they say: replicas answer"
                            + " them.");
    static final Key<UserConfig, Route> USER_ROUTE =
            USER_ENTRY.optional(
                    "route",
                    Types.route(),
                    RELOAD,
                    user -> user.routing().route(),
                    "Where this user's sessions want to be answered, instead of what the database"
                            + " says.");
    static final Key<UserConfig, MaxLag> USER_MAX_LAG =
            USER_ENTRY.optional(
                    "max-lag",
                    Types.maxLag(),
                    RELOAD,
                    user -> user.routing().maxLag(),
                    "How far a replica may be behind at most to answer this user's sessions, instead"
                            + " of what the database says.");

    /** The map of databases, by the name that clients ask for. */
    static final String DATABASES = "databases";

    static final Group<PeeringConfig.Peer> PEER = new Group<>("Another process");

    static final Key<PeeringConfig.Peer, String> PEER_HOST =
            PEER.optional(
                    "host",
                    Types.host(),
                    RELOAD,
                    PeeringConfig.Peer::host,
                    "Where it alone is, not the address that all share. Required.");
    static final Key<PeeringConfig.Peer, Integer> PEER_PORT =
            PEER.key(
                    "port",
                    Types.integer(1, 65_535),
                    "6432",
                    RELOAD,
                    PeeringConfig.Peer::port,
                    "Its port there.");

    /** The map of other processes, by number. */
    static final String PEERS = "peers";

    /** The map of users, by name. */
    static final String USERS = "users";

    /** The groups whose keys stand at the top level, in the order of the sample file. */
    static final List<Group<?>> TOP_LEVEL =
            List.of(
                    LISTEN,
                    TCP,
                    TlsKeys.CLIENT,
                    PEERING,
                    HTTP,
                    ADMIN,
                    LOGIN,
                    AUTH_QUERIES,
                    LIMITS,
                    DATABASE_SHARE,
                    USER_SHARE,
                    TlsKeys.SERVER,
                    POOL,
                    ReplicaKeys.REPLICA);

    private Keys() {}
}

package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;

import java.time.Duration;
import java.util.List;

/**
 * The part of the key table that says how a pool behaves: at the top level, in a database, in a
 * user.
 */
final class PoolKeys {
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
                    Types.integer(1, Bounds.MANY),
                    "20",
                    RELOAD,
                    PoolConfig::defaultPoolSize,
                    "Server connections of each pair of database and user at most.");
    static final Key<PoolConfig, Integer> MIN_POOL_SIZE =
            POOL.key(
                    "min-pool-size",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    PoolConfig::minPoolSize,
                    "Server connections kept open even if nobody uses them.");
    static final Key<PoolConfig, Integer> RESERVE_POOL_SIZE =
            POOL.key(
                    "reserve-pool-size",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    PoolConfig::reservePoolSize,
                    "Server connections beyond default-pool-size, for when clients have waited for"
                            + " reserve-pool-timeout.");
    static final Key<PoolConfig, Duration> RESERVE_POOL_TIMEOUT =
            POOL.key(
                    "reserve-pool-timeout",
                    Types.duration(Duration.ZERO, Bounds.DAY),
                    "5s",
                    RELOAD,
                    PoolConfig::reservePoolTimeout,
                    "How long a client waits before the reserve is touched.");
    static final Key<PoolConfig, Duration> QUERY_WAIT_TIMEOUT =
            POOL.key(
                    "query-wait-timeout",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "2m",
                    RELOAD,
                    PoolConfig::queryWaitTimeout,
                    "How long a client may wait for a server connection; 0 is for ever.");
    static final Key<PoolConfig, Duration> QUERY_WAIT_NOTIFY =
            POOL.key(
                    "query-wait-notify",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "5s",
                    RELOAD,
                    pool -> pool.timeouts().queryWaitNotify(),
                    "A client that has waited so long for a server connection gets a notice; 0 is never.");
    static final Key<PoolConfig, Duration> QUERY_TIMEOUT =
            POOL.key(
                    "query-timeout",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "0",
                    RELOAD,
                    pool -> pool.timeouts().query(),
                    "A statement that runs longer is cancelled, with SQLSTATE 57014; 0 is never.");
    static final Key<PoolConfig, Duration> TRANSACTION_TIMEOUT =
            POOL.key(
                    "transaction-timeout",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "0",
                    RELOAD,
                    pool -> pool.timeouts().transaction(),
                    "A client whose transaction lasts longer is disconnected, with 25P04; 0 is never.");
    static final Key<PoolConfig, Duration> IDLE_TRANSACTION_TIMEOUT =
            POOL.key(
                    "idle-transaction-timeout",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "0",
                    RELOAD,
                    pool -> pool.timeouts().idleTransaction(),
                    "A client that does nothing within its transaction for so long is disconnected, with 25P03; 0 is never.");
    static final Key<PoolConfig, Duration> CLIENT_IDLE_TIMEOUT =
            POOL.key(
                    "client-idle-timeout",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "0",
                    RELOAD,
                    pool -> pool.timeouts().clientIdle(),
                    "A client that does nothing outside of a transaction for so long is disconnected, with 57P05; 0 is never.");
    static final Key<PoolConfig, Duration> CLIENT_STALL_TIMEOUT =
            POOL.key(
                    "client-stall-timeout",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
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
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "10m",
                    RELOAD,
                    PoolConfig::serverIdleTimeout,
                    "A server connection that nobody has used for so long is closed; 0 is never.");
    static final Key<PoolConfig, Duration> SERVER_LIFETIME =
            POOL.key(
                    "server-lifetime",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "1h",
                    RELOAD,
                    PoolConfig::serverLifetime,
                    "A server connection of this age is closed when it comes back; 0 is never.");
    static final Key<PoolConfig, Duration> SERVER_LIFETIME_JITTER =
            POOL.key(
                    "server-lifetime-jitter",
                    Types.duration(Duration.ZERO, Bounds.YEAR),
                    "5m",
                    RELOAD,
                    PoolConfig::serverLifetimeJitter,
                    "Up to this, but at most half of server-lifetime, is taken off each lifetime,"
                            + " so that server connections do not all end at once.");
    static final Key<PoolConfig, Duration> SERVER_CONNECT_TIMEOUT =
            POOL.key(
                    "server-connect-timeout",
                    Types.duration(Bounds.MOMENT, Bounds.DAY),
                    "15s",
                    RELOAD,
                    PoolConfig::serverConnectTimeout,
                    "How long PostgreSQL may take to accept a connection and its login.");
    static final Key<PoolConfig, Duration> SERVER_LOGIN_RETRY =
            POOL.key(
                    "server-login-retry",
                    Types.duration(Bounds.MOMENT, Bounds.DAY),
                    "1s",
                    RELOAD,
                    PoolConfig::serverLoginRetry,
                    "Pause after a failed attempt to connect; until then clients are told why at"
                            + " once.");

    private PoolKeys() {}
}

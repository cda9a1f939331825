package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;
import static dev.weir.config.Key.Change.RESTART;

import java.time.Duration;

/** The part of the key table that says what one process, one database or one user may have. */
final class LimitKeys {
    static final Group<LimitsConfig> LIMITS = new Group<>("What one process may hold");

    static final Key<LimitsConfig, Integer> MAX_CLIENT_CONN =
            LIMITS.key(
                    "max-client-conn",
                    Types.integer(1, Bounds.MANY),
                    "1000",
                    RELOAD,
                    LimitsConfig::maxClientConn,
                    "Client connections; one more is refused with SQLSTATE 53300.");
    static final Key<LimitsConfig, Integer> MAX_ACCEPT_RATE =
            LIMITS.key(
                    "max-accept-rate",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    LimitsConfig::maxAcceptRate,
                    "Connections accepted in each second; the kernel holds those that come beyond"
                            + " it, up to listen-backlog. 0 is no limit.");
    static final Key<LimitsConfig, Integer> MAX_MESSAGE_SIZE =
            LIMITS.key(
                    "max-message-size",
                    Types.size(1024, Bounds.GIB),
                    "1GiB",
                    RELOAD,
                    LimitsConfig::maxMessageSize,
                    "The longest message that a client may send; the default is PostgreSQL's own"
                            + " bound.");
    static final Key<LimitsConfig, Long> MAX_CLIENT_MEMORY =
            LIMITS.key(
                    "max-client-memory",
                    Types.memory(1024L * Bounds.GIB),
                    "0",
                    RELOAD,
                    LimitsConfig::maxClientMemory,
                    "What the buffers of all connections may take together. Beyond it new clients"
                            + " are refused with SQLSTATE 53200, and those that wait are not read"
                            + " from. 0 is no limit.");
    static final Key<LimitsConfig, Integer> MAX_PREPARED_STATEMENTS =
            LIMITS.key(
                    "max-prepared-statements",
                    Types.integer(1, Bounds.MANY),
                    "200",
                    RELOAD,
                    LimitsConfig::maxPreparedStatements,
                    "Named statements kept on each server connection; the one unused for longest"
                            + " goes first.");
    static final Key<LimitsConfig, Integer> MAX_STATEMENT_SIZE =
            LIMITS.key(
                    "max-statement-size",
                    Types.size(1024, Bounds.GIB),
                    "1MiB",
                    RELOAD,
                    LimitsConfig::maxStatementSize,
                    "The longest text of a prepared statement that is prepared again where it is"
                            + " lacking. A longer one cannot have a name, and without one it is there"
                            + " for the batch or the transaction of its Parse.");
    static final Key<LimitsConfig, Duration> CANCEL_WAIT_TIMEOUT =
            LIMITS.key(
                    "cancel-wait-timeout",
                    Types.duration(Bounds.MOMENT, Bounds.DAY),
                    "10s",
                    RELOAD,
                    LimitsConfig::cancelWaitTimeout,
                    "How long it may take to pass a cancel request on.");
    static final Key<LimitsConfig, Duration> CLIENT_GONE_TIMEOUT =
            LIMITS.key(
                    "client-gone-timeout",
                    Types.duration(Bounds.MOMENT, Bounds.DAY),
                    "10s",
                    RELOAD,
                    LimitsConfig::clientGoneTimeout,
                    "How long the clean-up behind a client that left in mid-transaction may take;"
                            + " then its server connection is closed.");
    static final Key<LimitsConfig, Integer> MAX_SERVER_CONNECTIONS =
            LIMITS.key(
                    "max-server-connections",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RESTART,
                    LimitsConfig::maxServerConnections,
                    "Server connections of all pools together; 0 is no limit.");
    static final Key<LimitsConfig, Integer> MAX_ADDRESS_TRANSACTIONS =
            LIMITS.key(
                    "max-address-transactions-per-second",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    LimitsConfig::maxAddressTransactions,
                    "Transactions in each second of all clients at one address; one more waits for"
                            + " the next second. 0 is no limit.");
    static final Key<LimitsConfig, Integer> MAX_ADDRESS_CONCURRENT =
            LIMITS.key(
                    "max-address-concurrent-transactions",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    LimitsConfig::maxAddressConcurrent,
                    "Transactions under way at once of all clients at one address; one more waits."
                            + " 0 is no limit.");

    static final Group<ShareConfig> DATABASE_SHARE =
            new Group<>("What one database may have, over all its users");

    static final Key<ShareConfig, Integer> MAX_DB_CLIENT_CONNECTIONS =
            DATABASE_SHARE.key(
                    "max-db-client-connections",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxClients,
                    "Clients of one database; one more is refused with SQLSTATE 53300. 0 is no"
                            + " limit.");
    static final Key<ShareConfig, Integer> MAX_DB_CONNECTIONS =
            DATABASE_SHARE.key(
                    "max-db-connections",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RESTART,
                    ShareConfig::maxServers,
                    "Server connections of one database; a client waits for one more. 0 is no"
                            + " limit.");
    static final Key<ShareConfig, Integer> MAX_DB_TRANSACTIONS =
            DATABASE_SHARE.key(
                    "max-db-transactions-per-second",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxTransactions,
                    "Transactions of one database in each second; one more waits for the next"
                            + " second. 0 is no limit.");
    static final Key<ShareConfig, Integer> MAX_DB_CONCURRENT =
            DATABASE_SHARE.key(
                    "max-db-concurrent-transactions",
                    Types.integer(0, Bounds.MANY),
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
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxClients,
                    "Clients of one user; one more is refused with SQLSTATE 53300. 0 is no limit.");
    static final Key<ShareConfig, Integer> MAX_USER_CONNECTIONS =
            USER_SHARE.key(
                    "max-user-connections",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RESTART,
                    ShareConfig::maxServers,
                    "Server connections of one user; a client waits for one more. 0 is no limit.");
    static final Key<ShareConfig, Integer> MAX_USER_TRANSACTIONS =
            USER_SHARE.key(
                    "max-user-transactions-per-second",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxTransactions,
                    "Transactions of one user in each second; one more waits for the next second."
                            + " 0 is no limit.");
    static final Key<ShareConfig, Integer> MAX_USER_CONCURRENT =
            USER_SHARE.key(
                    "max-user-concurrent-transactions",
                    Types.integer(0, Bounds.MANY),
                    "0",
                    RELOAD,
                    ShareConfig::maxConcurrent,
                    "Transactions of one user under way at once; one more waits."
                            + " 0 is no limit.");

    private LimitKeys() {}
}

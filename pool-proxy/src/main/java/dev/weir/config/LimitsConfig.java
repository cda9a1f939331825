package dev.weir.config;

import java.time.Duration;

/**
 * What one process may hold.
 *
 * @param maxClientConn client connections, at least 1; one more is refused with 53300
 * @param maxMessageSize bytes of one client message, at most 1 GiB as in PostgreSQL
 * @param maxPreparedStatements named statements kept on one server connection, at least 1
 * @param maxStatementSize bytes of one prepared statement's text that Weir remembers
 * @param cancelWaitTimeout how long a cancel request may take to be passed on
 * @param clientGoneTimeout how long the clean-up behind a client that left may take before its
 *     server connection is closed instead
 * @param maxClientMemory bytes that the buffers of all connections may take, 0 without limit
 * @param maxAcceptRate connections accepted in one second, 0 without limit
 * @param maxServerConnections server connections of all pools together, 0 without limit
 * @param maxAddressTransactions transactions of all clients at one address that may begin in one
 *     second, 0 without limit
 * @param maxAddressConcurrent transactions of all clients at one address that may be under way at
 *     once, 0 without limit
 * @param databaseShare what one database may have that does not say otherwise
 * @param userShare what one user may have that does not say otherwise
 */
public record LimitsConfig(
        int maxClientConn,
        int maxMessageSize,
        int maxPreparedStatements,
        int maxStatementSize,
        Duration cancelWaitTimeout,
        Duration clientGoneTimeout,
        long maxClientMemory,
        int maxAcceptRate,
        int maxServerConnections,
        int maxAddressTransactions,
        int maxAddressConcurrent,
        ShareConfig databaseShare,
        ShareConfig userShare) {
    /** Nobody's share is limited. */
    public LimitsConfig(
            int maxClientConn,
            int maxMessageSize,
            int maxPreparedStatements,
            int maxStatementSize,
            Duration cancelWaitTimeout,
            Duration clientGoneTimeout) {
        this(
                maxClientConn,
                maxMessageSize,
                maxPreparedStatements,
                maxStatementSize,
                cancelWaitTimeout,
                clientGoneTimeout,
                0,
                0,
                0,
                0,
                0,
                ShareConfig.UNLIMITED,
                ShareConfig.UNLIMITED);
    }
}

package dev.weir.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How one pool, that of a database and a user, behaves.
 *
 * @param mode when a server connection goes back
 * @param defaultPoolSize server connections at most, at least 1
 * @param minPoolSize server connections kept open, 0 to {@code defaultPoolSize}
 * @param reservePoolSize server connections beyond {@code defaultPoolSize} once a client has waited
 *     for {@code reservePoolTimeout}
 * @param reservePoolTimeout see {@code reservePoolSize}
 * @param queryWaitTimeout how long a client may wait for a server connection, zero for ever
 * @param serverIdleTimeout an idle server connection is closed after this, zero for never
 * @param serverLifetime a server connection is not lent again after this, zero for ever
 * @param serverLifetimeJitter up to this is taken off each connection's lifetime, so that they do
 *     not all end at once
 * @param serverConnectTimeout from the first packet to PostgreSQL's first ReadyForQuery
 * @param serverLoginRetry pause after a failed connection attempt
 * @param timeouts how long its clients may take
 * @param statefulFunctions those that leave something behind in the session that calls them; lower
 *     case
 */
public record PoolConfig(
        Mode mode,
        int defaultPoolSize,
        int minPoolSize,
        int reservePoolSize,
        Duration reservePoolTimeout,
        Duration queryWaitTimeout,
        Duration serverIdleTimeout,
        Duration serverLifetime,
        Duration serverLifetimeJitter,
        Duration serverConnectTimeout,
        Duration serverLoginRetry,
        TimeoutsConfig timeouts,
        List<String> statefulFunctions) {
    public PoolConfig {
        statefulFunctions =
                statefulFunctions.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    /** When a server connection goes back to its pool. */
    public enum Mode {
        /** When the client leaves. */
        SESSION,
        /** When the transaction ends. */
        TRANSACTION,
        /** After each statement; transaction blocks are refused. */
        STATEMENT
    }
}

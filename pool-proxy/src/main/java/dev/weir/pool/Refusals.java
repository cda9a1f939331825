package dev.weir.pool;

import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerUnavailableException.Kind;
import dev.weir.wire.SqlState;

import java.time.Duration;

/** What clients are told that a pool gives no server connection, although PostgreSQL is there. */
final class Refusals {
    private Refusals() {}

    static ServerUnavailableException waitedTooLong(PoolKey key, Duration queryWaitTimeout) {
        return new ServerUnavailableException(
                Kind.WAITED_TOO_LONG,
                SqlState.TOO_MANY_CONNECTIONS,
                "No server connection of %s became free within query-wait-timeout (%d ms); the statement was not started."
                        .formatted(key, queryWaitTimeout.toMillis()));
    }

    static ServerUnavailableException shuttingDown() {
        return new ServerUnavailableException(
                Kind.CLOSING, SqlState.ADMIN_SHUTDOWN, "Weir is shutting down.");
    }

    /** The database has been taken out of the configuration. */
    static ServerUnavailableException withdrawn(PoolKey key) {
        return new ServerUnavailableException(
                Kind.CLOSING,
                SqlState.ADMIN_SHUTDOWN,
                "The configuration of Weir has no %s any more.".formatted(key));
    }
}

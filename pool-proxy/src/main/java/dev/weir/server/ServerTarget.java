package dev.weir.server;

import dev.weir.config.Secret;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * Where and as whom server connections are opened.
 *
 * @param host IP address or host name
 * @param port 1 to 65535
 * @param database the name on the server
 * @param user the role on the server
 * @param password null if the server is expected to ask for none
 * @param connectTimeout from the first packet to the first ReadyForQuery
 * @param maxPreparedStatements named statements to keep on each server connection
 */
public record ServerTarget(
        String host,
        int port,
        String database,
        String user,
        @Nullable Secret password,
        Duration connectTimeout,
        int maxPreparedStatements) {
    /** The same target with another patience. */
    public ServerTarget withConnectTimeout(Duration timeout) {
        return new ServerTarget(
                host, port, database, user, password, timeout, maxPreparedStatements);
    }

    /** As it is named in messages and logs. */
    public String address() {
        return host + ":" + port;
    }
}

package dev.weir.server;

import dev.weir.auth.ServerCredential;
import dev.weir.config.ServerTlsConfig;
import dev.weir.net.UnixSocket;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where and as whom server connections are opened.
 *
 * @param host IP address or host name, or the folder of a Unix-domain socket
 * @param port 1 to 65535
 * @param database the name on the server
 * @param user the role on the server
 * @param credential null if the server is expected to ask for none
 * @param tls whether and how the connection is encrypted
 * @param connectTimeout from the first packet to the first ReadyForQuery
 * @param maxPreparedStatements named statements to keep on each server connection
 * @param standby whether it stands in for a primary as whose part clients see it
 */
public record ServerTarget(
        String host,
        int port,
        String database,
        String user,
        @Nullable ServerCredential credential,
        ServerTlsConfig tls,
        Duration connectTimeout,
        int maxPreparedStatements,
        boolean standby) {
    /** A server that is taken as it is. */
    public ServerTarget(
            String host,
            int port,
            String database,
            String user,
            @Nullable ServerCredential credential,
            ServerTlsConfig tls,
            Duration connectTimeout,
            int maxPreparedStatements) {
        this(
                host,
                port,
                database,
                user,
                credential,
                tls,
                connectTimeout,
                maxPreparedStatements,
                false);
    }

    /** A replica of the same server, elsewhere. */
    public ServerTarget replica(String elsewhere, int itsPort) {
        return at(elsewhere, itsPort, true);
    }

    /** The same database and role on another node. */
    public ServerTarget at(String elsewhere, int itsPort) {
        return at(elsewhere, itsPort, standby);
    }

    private ServerTarget at(String elsewhere, int itsPort, boolean standsIn) {
        return new ServerTarget(
                elsewhere,
                itsPort,
                database,
                user,
                credential,
                tls,
                connectTimeout,
                maxPreparedStatements,
                standsIn);
    }

    /** The same target with another patience. */
    public ServerTarget withConnectTimeout(Duration timeout) {
        return new ServerTarget(
                host,
                port,
                database,
                user,
                credential,
                tls,
                timeout,
                maxPreparedStatements,
                standby);
    }

    /** The same target with another proof of who Weir is. */
    public ServerTarget withCredential(@Nullable ServerCredential other) {
        return new ServerTarget(
                host,
                port,
                database,
                user,
                other,
                tls,
                connectTimeout,
                maxPreparedStatements,
                standby);
    }

    /** Whether PostgreSQL is met at a Unix-domain socket. */
    public boolean isLocal() {
        return host.startsWith("/");
    }

    /** That socket. */
    Path socket() {
        return UnixSocket.in(Path.of(host), port);
    }

    /** As it is named in messages and logs. */
    public String address() {
        if (isLocal()) {
            return socket().toString();
        }
        return host + ":" + port;
    }
}

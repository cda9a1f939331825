package dev.weir.session;

import dev.weir.pool.PoolKey;
import dev.weir.session.state.Pin;

import java.net.SocketAddress;
import java.util.List;

/**
 * One client as it was at a moment, for those who look.
 *
 * @param id its number, from 1; never given again while the process lives
 * @param pool whose client it is
 * @param state what it does
 * @param remote where it comes from
 * @param local where it has come to
 * @param connectedMillis when it logged in, since 1970
 * @param sinceNanos for how long it has been asking for something; 0 if it is not
 * @param server the number of the server connection that it is lent; 0 for none
 * @param tls protocol and cipher of its TLS session; an empty text without one
 * @param applicationName what it calls itself, or an empty text
 * @param preparedStatements names that it has prepared
 * @param pins why it keeps its server connection; empty if it need not
 */
public record ClientView(
        long id,
        PoolKey pool,
        State state,
        SocketAddress remote,
        SocketAddress local,
        long connectedMillis,
        long sinceNanos,
        long server,
        String tls,
        String applicationName,
        int preparedStatements,
        List<Pin> pins) {
    /** What a client does, in PgBouncer's words. */
    public enum State {
        /** It has a server connection. */
        ACTIVE,
        /** It waits for one. */
        WAITING,
        /** It needs none. */
        IDLE
    }

    public ClientView {
        pins = List.copyOf(pins);
    }
}

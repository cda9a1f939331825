package dev.weir.server;

import java.net.SocketAddress;

/**
 * One server connection as it was at a moment, for those who look.
 *
 * @param id its number, from 1; never given again while the process lives
 * @param state what is done with it
 * @param remote where PostgreSQL is
 * @param local the near end
 * @param openedNanos when it was opened, on the scale of System.nanoTime
 * @param retiring whether it is to be replaced when it comes back
 * @param client the number of the client that it is lent to; 0 for none
 * @param pid PostgreSQL's process number of it
 * @param tls protocol and cipher of its TLS session; an empty text without one
 * @param applicationName what was last set there, or an empty text
 * @param preparedStatements named statements that it has
 */
public record ServerView(
        long id,
        State state,
        SocketAddress remote,
        SocketAddress local,
        long openedNanos,
        boolean retiring,
        long client,
        int pid,
        String tls,
        String applicationName,
        int preparedStatements) {
    /** What is done with a server connection, in PgBouncer's words. */
    public enum State {
        /** A client has it. */
        ACTIVE,
        /** Nobody has it. */
        IDLE,
        /** It is being cleaned before the next client gets it. */
        TESTED,
        /** It is being closed. */
        USED,
        /** A cancel request for it is under way. */
        BEING_CANCELED
    }
}

package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerView;
import dev.weir.telemetry.Count;
import dev.weir.wire.Backend;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * What a session hears from the server connection that it is lent: bytes, room for statements, and
 * its end. On the client's loop.
 */
final class ServerEnd implements ServerConnection.Holder {
    private final ClientSession session;
    private final FlowControl flow;
    private final Lending lending;
    private final @Nullable ReplicaFallback fallback;
    private final Departure departure;

    /**
     * The server has sent a FATAL error, which the client has seen; the end of the connection
     * follows.
     */
    private boolean goodbye;

    private long transactions;

    /**
     * Of a new session.
     *
     * @param fallback null where all goes to the primary
     */
    ServerEnd(
            ClientSession session,
            FlowControl flow,
            Lending lending,
            @Nullable ReplicaFallback fallback,
            Departure departure) {
        this.session = session;
        this.flow = flow;
        this.lending = lending;
        this.fallback = fallback;
        this.departure = departure;
    }

    /** Transactions so far. */
    long transactions() {
        return transactions;
    }

    // ---- bytes ----

    @Override
    public void serverRead(ServerConnection from, ByteBuf bytes) {
        session.stopwatch().counters().add(Count.SENT, bytes.readableBytes());
        boolean waited = session.waitsForReplies();
        try {
            session.serverStream().read(from, bytes);
        } catch (ProtocolException e) {
            from.poison();
            session.farewell(
                    SqlState.PROTOCOL_VIOLATION.code(),
                    "The server connection was given up: " + e.getMessage() + ".");
            return;
        }
        if (session.replies().isEmpty()) {
            drained(from);
        } else if (waited && !session.replies().isFull() && !session.gone()) {
            session.proceed();
        }
    }

    /** Nothing is owed any more: the server connection goes back if the transaction is over. */
    private void drained(ServerConnection lent) {
        if (lending.server() != lent) {
            return;
        }
        if (lent.status() == Backend.IDLE) {
            transactions++;
        }
        if (session.gone()) {
            departure.drained(lent);
        } else if (session.greets()) {
            session.leaseStart().greetOn(lent);
        } else if (!session.leaseStart().brought(lent)
                || (!session.hasTerminated() && session.leaseEnd().refuses(lent))) {
            return;
        } else if (session.hasTerminated()) {
            session.answered();
        } else if (session.leaseEnd().ends(lent)) {
            session.notifications().deliver();
            if (session.clientStream().heldBytes() > 0) {
                session.proceed();
            }
        }
    }

    @Override
    public void serverReadComplete(ServerConnection from) {
        flow.regulateAnswers();
        session.output().flush();
        session.flushServer();
    }

    @Override
    public void serverWritabilityChanged(ServerConnection from) {
        if (!session.gone()) {
            flow.regulateClient();
        }
    }

    // ---- the end ----

    /**
     * The server's last words have passed by.
     *
     * @param heard whether the client has seen them
     */
    void saidGoodbye(boolean heard) {
        goodbye = heard;
        ServerConnection lent = lending.server();
        if (lent != null) {
            lent.poison();
        }
    }

    /** Whether the client has seen the server's last words. */
    boolean goodbyeSeen() {
        return goodbye;
    }

    /** What was asked is asked again, of another server, which has said nothing yet. */
    void asksAgain() {
        goodbye = false;
    }

    @Override
    public void serverClosed(ServerConnection from) {
        if (lending.server() != from) {
            return;
        }
        if (fallback != null && fallback.closed(from, goodbye)) {
            return;
        }
        String address = lending.lender().target().address();
        lending.lost();
        session.serverStream().release();
        departure.over();
        String lost =
                "PostgreSQL at %s closed the server connection unexpectedly; the statement may or may not have been carried out."
                        .formatted(address);
        if (session.state().replaceable(from) && !session.gone()) {
            session.leaseStart().lostUnused(lost);
        } else if (goodbye) {
            session.answered();
        } else {
            session.farewell(SqlState.CONNECTION_FAILURE.code(), lost);
        }
    }

    // ---- for those who look ----

    @Override
    public ServerView.State purpose() {
        return ServerView.State.ACTIVE;
    }

    @Override
    public long client() {
        return session.id();
    }
}

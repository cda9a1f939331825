package dev.weir.session;

import dev.weir.config.PoolConfig;
import dev.weir.server.ServerConnection;
import dev.weir.session.state.StateTracker;
import dev.weir.wire.Backend;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

/**
 * Whether a server connection can go back to its pool: once its transaction is over and nothing is
 * under way on it in either direction, unless the session has left something there that ties it.
 * Confined to the client's loop.
 */
final class LeaseEnd {
    private final ClientSession session;
    private final Lending lending;
    private final StateTracker state;
    private final @Nullable Routing routing;

    LeaseEnd(
            ClientSession session, Lending lending, StateTracker state, @Nullable Routing routing) {
        this.session = session;
        this.lending = lending;
        this.state = state;
        this.routing = routing;
    }

    /** Whether nothing is under way on the server connection, in either direction. */
    boolean returnable(ServerConnection lent) {
        ClientStream client = session.clientStream();
        return session.mode() != PoolConfig.Mode.SESSION
                && lent.status() == Backend.IDLE
                && !state.busy()
                && !client.batchOpen()
                && !client.skipping()
                && !client.midMessage()
                && !session.copy().open()
                && session.serverStream().betweenMessages()
                && !session.serverEnd().goodbyeSeen();
    }

    /** Whether nothing is lost for the client if the server connection ends now. */
    boolean needsNoMore(ServerConnection lent) {
        return (routing != null && routing.unsent())
                || (returnable(lent) && !state.pinned() && !state.mustCapture(lent));
    }

    /**
     * Gives the server connection back, if nothing is under way and the session's state does not
     * tie it to this one; that may have to be looked at first.
     *
     * @return false if the look is under way
     */
    boolean ends(ServerConnection lent) {
        if (!returnable(lent)) {
            return true;
        }
        // The client's answer goes out before anybody else's statement goes in.
        session.output().flush();
        if (state.mustCapture(lent)) {
            state.capture(lent);
            lent.flush();
            return false;
        }
        if (!state.pinned()) {
            lending.giveBack();
        } else if (!state.restore().bring(lent)) {
            lent.flush();
            return false;
        }
        return true;
    }

    /**
     * Why the session cannot go on although its statement was answered: what it asks of the server
     * connection cannot be. Ends it then.
     *
     * @return whether it has ended
     */
    boolean refuses(ServerConnection lent) {
        if (tiedToReplica(lent)) {
            session.farewell(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE.code(), tied());
            return true;
        }
        if (session.mode() == PoolConfig.Mode.STATEMENT && lent.status() != Backend.IDLE) {
            session.farewell(
                    SqlState.FEATURE_NOT_SUPPORTED.code(),
                    "Transaction blocks are not allowed in pool-mode statement.");
            return true;
        }
        return false;
    }

    /** Whether the session would have to stay on a replica, although its transaction is over. */
    private boolean tiedToReplica(ServerConnection lent) {
        if (routing == null || !(routing.onReplica() || routing.readOnly())) {
            return false;
        }
        if (routing.onReplica()) {
            routing.goesOn();
        }
        return state.pinned() && lent.status() == Backend.IDLE && !state.busy();
    }

    private String tied() {
        boolean readOnly = session.readOnly();
        return "%s was carried out by the replica %s and has left something there that cannot be moved (%s).%s"
                .formatted(
                        readOnly ? "A statement" : "A READ ONLY transaction",
                        lending.lender().target().address(),
                        state.pins(),
                        readOnly
                                ? " This session is read-only."
                                : " Put /* weir: primary */ in front of its BEGIN.");
    }
}

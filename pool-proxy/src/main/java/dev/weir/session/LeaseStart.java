package dev.weir.session;

import dev.weir.config.PoolConfig;
import dev.weir.pool.Pool;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.SessionState;
import dev.weir.session.state.StateTracker;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

/**
 * What happens from the wish for a server connection to the client's first message on it: it is
 * made what the session left behind, whatever its last session has made of it, and hears of the
 * transaction that the client takes for begun. Confined to the client's loop.
 */
final class LeaseStart {
    /** Server connections that may be tried before a client hears that its state is refused. */
    private static final int MAX_UNFIT = 3;

    private final ClientSession session;
    private final Pool pool;
    private final Lending lending;
    private final StateTracker state;
    private final Greeting greeting;
    private final Stopwatch stopwatch;
    private final @Nullable Routing routing;

    /** Server connections in a row that could not be brought to this session's state. */
    private int unfit;

    LeaseStart(
            ClientSession session,
            Pool pool,
            Lending lending,
            StateTracker state,
            Greeting greeting,
            Stopwatch stopwatch,
            @Nullable Routing routing) {
        this.session = session;
        this.pool = pool;
        this.lending = lending;
        this.state = state;
        this.greeting = greeting;
        this.stopwatch = stopwatch;
        this.routing = routing;
    }

    // ---- the greeting ----

    /**
     * Ends the login: tells the client the server's parameters, which may take a server connection
     * to find out.
     */
    void greet() {
        SessionState known = greeting.atOnce();
        if (known != null) {
            state.startedAs(known);
            return;
        }
        ServerConnection lent = lending.acquire();
        ServerUnavailableException refusal = lending.takeRefusal();
        if (lent != null) {
            granted(lent);
        } else if (refusal != null) {
            refused(refusal);
        }
    }

    /** One more step is done of what the greeting waits for. */
    void greetOn(ServerConnection lent) {
        ErrorFields refused = state.restore().takeRefused();
        if (refused != null) {
            session.farewell(refused.sqlState(), refused.message());
        } else if (state.restore().takeFresh()) {
            state.captureStartup(lent);
            lent.flush();
        } else {
            state.startedAs(lent.label());
            greeting.from(lent);
            stopwatch.abandoned();
            lending.giveBack();
            session.proceed();
        }
    }

    // ---- the wait is over ----

    void granted(ServerConnection lent) {
        if (outdated()) {
            session.proceed();
        } else if (!ready(lent)) {
            session.flushServer();
        } else if (greeting.over()) {
            session.proceed();
        } else {
            greetOn(lent);
        }
    }

    /** Gives what is lent back, unused, if it leads to a replica that has been away meanwhile. */
    boolean outdated() {
        Routing known = routing;
        if (known == null || !known.outdated()) {
            return false;
        }
        known.refused();
        stopwatch.abandoned();
        lending.giveBack();
        return true;
    }

    /** There will be none. */
    void refused(ServerUnavailableException reason) {
        if (!greeting.over()) {
            session.farewell(reason.sqlState(), reason.sentence());
            return;
        }
        if (routing != null && routing.triesOn(reason)) {
            routing.retry(reason);
            session.proceed();
            return;
        }
        try {
            session.clientStream().refuse(reason);
        } catch (ProtocolException e) {
            session.farewell(e.sqlState(), String.valueOf(e.getMessage()));
        }
        session.settle();
    }

    /** The server connection that was to come has gone; nothing was sent to it. */
    void lost() {
        if (routing != null && routing.onReplica() && greeting.over()) {
            routing.retry(false);
            session.proceed();
        } else if (!greeting.over()) {
            greet();
        } else {
            unfit(
                    SqlState.CONNECTION_FAILURE.code(),
                    "PostgreSQL at %s closed one server connection after the other before a statement could be sent."
                            .formatted(pool.target().address()));
        }
    }

    /**
     * The server connection has gone while it was made fit: the client's statement was never sent.
     *
     * @param lost what to tell the client if that goes on
     */
    void lostUnused(String lost) {
        state.restore().lost();
        session.replies().clear();
        if (routing != null) {
            routing.openingLost();
        }
        unfit(SqlState.CONNECTION_FAILURE.code(), lost);
    }

    /** The server connection could not be made fit; another one may. */
    private void unfit(String sqlState, String message) {
        unfit++;
        if (unfit < MAX_UNFIT && greeting.over()) {
            session.proceed();
        } else {
            session.farewell(sqlState, message);
        }
    }

    // ---- making it fit ----

    /**
     * Makes a server connection just lent fit for the client's message.
     *
     * @return false if that takes until later
     */
    boolean ready(ServerConnection lent) {
        if (session.mode() == PoolConfig.Mode.SESSION) {
            // The session may do as it likes with it; nothing of that is for the next one.
            lent.markDirty();
        }
        if (!state.restore().bring(lent)) {
            session.wroteToServer(true);
            return false;
        }
        if (opens(lent)) {
            return false;
        }
        session.output().wrote(greeting.tell(lent.parameters()));
        return true;
    }

    /** Begins on {@code lent} what the client takes for begun; false if there is nothing. */
    private boolean opens(ServerConnection lent) {
        byte[] opening = routing == null ? null : routing.takeOpening();
        if (routing == null || opening == null) {
            return false;
        }
        state.restore().open(lent, opening, routing.openingFails());
        session.wroteToServer(true);
        return true;
    }

    /**
     * After the server connection was made fit for the client's message, sends that.
     *
     * @return false if something is owed again, or the server connection is another
     */
    boolean brought(ServerConnection lent) {
        ErrorFields refused = state.restore().takeRefused();
        if (refused != null) {
            cannotBring(refused);
            return false;
        }
        if (!state.restore().restart(lent)) {
            lent.flush();
            return false;
        }
        if (!state.restore().takeFresh()) {
            return true;
        }
        if (opens(lent)) {
            session.flushServer();
            return false;
        }
        if (routing != null) {
            routing.opened();
        }
        unfit = 0;
        session.output().wrote(greeting.tell(lent.parameters()));
        session.proceed();
        return session.replies().isEmpty() && lending.server() == lent;
    }

    private void cannotBring(ErrorFields refused) {
        boolean elsewhere = routing != null && routing.onReplica() && !routing.readOnly();
        session.abandonServer();
        if (routing != null && elsewhere) {
            routing.never();
            session.proceed();
            return;
        }
        if (routing != null) {
            routing.openingLost();
        }
        unfit(refused.sqlState(), refused.message());
    }
}

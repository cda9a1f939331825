package dev.weir.session.state;

import dev.weir.pool.Pool;
import dev.weir.server.ServerConnection;
import dev.weir.server.SessionState;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.wire.Backend;
import dev.weir.wire.ErrorFields;

import org.jspecify.annotations.Nullable;

/**
 * Makes a lent server connection what its session left behind, before the client's next message
 * meets it: the state, the transaction that the client takes for begun, and the settings that a
 * RESET has lost. Confined to the client's loop.
 *
 * <p>The client's message has to wait for the answer. Were it sent right behind, it would run in
 * whatever state there is if the change failed: in somebody else's.
 */
public final class StateRestore {
    /** A lent server connection is being brought from one state to the other. */
    public record Bring(SessionState from, SessionState to) {}

    /** The settings that a RESET has lost are being set again within the transaction. */
    public record Restart() {}

    /**
     * A transaction is being begun that the client takes for begun.
     *
     * @param fails whether it is begun as a failed one
     */
    public record Open(boolean fails) {}

    private final StateTracker state;
    private final Pool pool;
    private final ReplyQueue replies;

    /** Who has used a server connection last: only the identity counts. */
    private final Object owner;

    private boolean bringing;

    /** Set while the client's first message has not followed the bringing. */
    private boolean fresh;

    private @Nullable ErrorFields refused;

    /** A RESET is on its way; the client's next message must meet the startup packet's settings. */
    private boolean resetting;

    StateRestore(StateTracker state, Pool pool, ReplyQueue replies, Object owner) {
        this.state = state;
        this.pool = pool;
        this.replies = replies;
        this.owner = owner;
    }

    // ---- what there is to do ----

    /**
     * Makes {@code lent} what the session left behind.
     *
     * @return true if it is so already; false if the client has to wait
     */
    public boolean bring(ServerConnection lent) {
        SessionState label = lent.label();
        SessionState wanted = state.wanted();
        boolean same = label == wanted || label.equals(wanted);
        boolean sequences = pool.sequencesWatched() && lent.lastOwner() != owner;
        lent.lastOwner(owner);
        state.reportsFrom(lent.parameters());
        if (same && !sequences) {
            return true;
        }
        String sql = (sequences ? "DISCARD SEQUENCES;" : "") + label.changeTo(wanted);
        replies.add(Reply.OWN_QUERY, new Bring(label, wanted));
        lent.query(sql);
        bringing = true;
        return false;
    }

    /**
     * Begins the client's transaction on {@code lent}, which is as the session left it. The client
     * has to wait: were its message sent right behind, it would be carried out for good if the
     * beginning failed.
     */
    public void open(ServerConnection lent, byte[] sql, boolean fails) {
        replies.add(Reply.OWN_QUERY, new Open(fails));
        lent.query(sql);
        bringing = true;
    }

    /** A RESET has been sent that may take settings to the server's default. */
    void resetSent() {
        resetting = !state.startup().settings().isEmpty();
    }

    /**
     * All that was sent is answered: sets again, within the transaction, what a RESET has taken to
     * the server's default where the session had begun with something else.
     *
     * @return false if the client has to wait for that
     */
    public boolean restart(ServerConnection lent) {
        if (!resetting) {
            return true;
        }
        resetting = false;
        if (lent.status() != Backend.IN_TRANSACTION) {
            // Outside of a transaction the next lending sees to it.
            return true;
        }
        replies.add(Reply.OWN_QUERY, new Restart());
        lent.query(state.startup().restart());
        bringing = true;
        return false;
    }

    /** Whether the server connection is being made what it must be. */
    public boolean bringing() {
        return bringing;
    }

    /** Whether the client has to wait for that, also if it has not begun. */
    boolean busy() {
        return bringing || resetting;
    }

    // ---- what has come of it ----

    /** The server has answered; {@link #takeRefused} says whether it was a no. */
    public void brought(ServerConnection lent, Bring bring) {
        bringing = false;
        fresh = true;
        if (refused == null) {
            lent.labelled(bring.to());
            lent.reportedAs(pool.profiles().shared(lent.parameters()));
            state.reportsFrom(lent.parameters());
        } else {
            lent.poison();
        }
    }

    /** The server has answered; {@link #takeRefused} says whether it was a no. */
    public void opened(ServerConnection lent) {
        bringing = false;
        fresh = true;
        if (refused != null) {
            lent.poison();
        }
    }

    /** The settings are back, or the transaction has failed. */
    public void restarted() {
        bringing = false;
        fresh = true;
    }

    /** The server connection has gone before it was as wanted. */
    public void lost() {
        bringing = false;
        refused = null;
    }

    /** The server has refused the state, or to begin the transaction. */
    public void refused(ErrorFields fields) {
        refused = fields;
    }

    /** The error with which the server has refused, once; null if it has not. */
    public @Nullable ErrorFields takeRefused() {
        ErrorFields fields = refused;
        refused = null;
        return fields;
    }

    /** Whether the server connection was brought for a message that has not been sent; once. */
    public boolean takeFresh() {
        boolean was = fresh;
        fresh = false;
        return was;
    }
}

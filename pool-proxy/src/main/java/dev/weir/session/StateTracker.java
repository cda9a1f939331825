package dev.weir.session;

import dev.weir.pool.Pool;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerParameters;
import dev.weir.server.SessionState;
import dev.weir.wire.Backend;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps one session's state apart from the server connections that it is lent: brings each to that
 * state before the client's first statement, and finds out afterwards what a statement has changed
 * and what cannot be moved. Confined to the client's loop.
 *
 * <p>The server is the only witness: {@link Effects} tell when to ask it, and its answer counts,
 * whatever has been rolled back, released or refused in between. Nothing is asked while no
 * statement has touched anything.
 */
final class StateTracker {
    /** A lent server connection is being brought from one state to the other. */
    record Bring(SessionState from, SessionState to) {}

    /** The settings that a RESET has lost are being set again within the transaction. */
    record Restart() {}

    /**
     * A transaction is being begun that the client takes for begun.
     *
     * @param fails whether it is begun as a failed one
     */
    record Open(boolean fails) {}

    private final Pool pool;
    private final ReplyQueue replies;
    private final CustomSettings custom;

    /** Who has used a server connection last: only the identity counts. */
    private final Object owner;

    /** What RESET goes back to: the startup packet's settings, as the server writes them. */
    private SessionState startup;

    /** What the next server connection must be like. */
    private SessionState wanted;

    /** What statements may have touched since the server was last asked. */
    private int effects;

    /** What the statements may do that the session has prepared by SQL. */
    private int preparedEffects;

    /** What the server would not tell; asked for again after the next statement. */
    private int unknown;

    private Set<Pin> pins = Collections.emptySet();
    private @Nullable StateCapture capture;
    private boolean bringing;

    /** Set while the client's first message has not followed the bringing. */
    private boolean fresh;

    private @Nullable ErrorFields refused;

    /** A RESET is on its way; the client's next message must meet the startup packet's settings. */
    private boolean resetting;

    /** What the server reported when it was as wanted. */
    private @Nullable ServerParameters reportedBefore;

    /** It has reported something since. */
    private boolean reported;

    /** A RESET, of whatever, has been sent since the server was last asked. */
    private boolean resetSent;

    StateTracker(
            Pool pool,
            ReplyQueue replies,
            CustomSettings custom,
            SessionState startup,
            Object owner) {
        this.pool = pool;
        this.replies = replies;
        this.custom = custom;
        startup.settings().keySet().forEach(custom::add);
        this.startup = startup;
        this.wanted = startup;
        this.owner = owner;
    }

    /** The startup packet's settings in the server's own words. */
    void startedAs(SessionState canonical) {
        startup = canonical;
        wanted = canonical;
        pins = Collections.emptySet();
        unknown = Effects.NONE;
    }

    /**
     * Lets the session have settings that its client did not ask for, where it does not have them:
     * RESET goes back to them.
     */
    void define(Map<String, String> settings) {
        settings.keySet().forEach(custom::add);
        SessionState more = SessionState.of(settings);
        startup = pool.profiles().shared(startup.onTopOf(more));
        wanted = pool.profiles().shared(wanted.onTopOf(more));
    }

    /** Lets the session have a setting of that value, up to its client's next SET. */
    void assign(String name, String value) {
        custom.add(name);
        wanted = pool.profiles().shared(wanted.with(name, value));
    }

    SessionState startup() {
        return startup;
    }

    /** The state that the session's next statement will meet, as far as it is known. */
    SessionState wanted() {
        return wanted;
    }

    /** Whether settings may have changed since they were last looked at. */
    boolean settingsTouched() {
        return (effects & (Effects.SETTINGS | Effects.LOCAL)) != 0;
    }

    Set<Pin> pins() {
        return pins;
    }

    boolean pinned() {
        return !pins.isEmpty();
    }

    /** A statement with these {@link Effects} goes to the server. */
    void touched(int bits) {
        if (bits == Effects.NONE && unknown == Effects.NONE) {
            return;
        }
        int all = bits | unknown;
        if ((bits & Effects.PREPARED) != 0) {
            preparedEffects |= bits;
        }
        if ((bits & Effects.EXECUTE) != 0) {
            all |= preparedEffects;
        }
        if ((bits & Effects.DROP) != 0) {
            all |= StateCapture.partsOf(pins);
        }
        if ((bits & Effects.SEQUENCE) != 0) {
            pool.watchSequences();
            pin(Pin.SEQUENCES);
        }
        if ((bits & Effects.LASTING) != 0) {
            pin(Pin.LASTING);
        }
        if ((bits & Effects.DYNAMIC_NAME) != 0) {
            pin(Pin.UNNAMED_SETTING);
        }
        if ((bits & Effects.FUNCTION) != 0) {
            pin(Pin.FUNCTION);
        }
        resetSent |= (bits & Effects.RESET) != 0;
        effects |= all;
    }

    /** The end of what belongs together has been sent: a Query or a Sync. */
    void batchSent() {
        // A RESET alone leaves no setting changed, so that nothing is lost with it.
        if ((effects & Effects.RESET) != 0 && (effects & Effects.SETTINGS) != 0) {
            resetting = !startup.settings().isEmpty();
        }
        effects &= ~Effects.RESET;
    }

    /** The client has had all its state discarded. */
    void discardedAll() {
        unpin(Pin.SEQUENCES);
        unpin(Pin.UNNAMED_SETTING);
        touched(Effects.CAPTURED | Effects.DROP);
    }

    private void pin(Pin reason) {
        if (pins.isEmpty()) {
            pins = EnumSet.noneOf(Pin.class);
        }
        if (pins.add(reason)) {
            pool.counters().pins().add(reason.key());
        }
    }

    private void unpin(Pin reason) {
        if (!pins.isEmpty()) {
            pins.remove(reason);
        }
    }

    // ---- before the client's statement ----

    /**
     * Makes {@code lent} what the session left behind.
     *
     * <p>The client's message has to wait for the answer. Were it sent right behind, it would run
     * in whatever state there is if the change failed: in somebody else's.
     *
     * @return true if it is so already; false if the client has to wait
     */
    boolean bring(ServerConnection lent) {
        SessionState label = lent.label();
        boolean same = label == wanted || label.equals(wanted);
        boolean sequences = pool.sequencesWatched() && lent.lastOwner() != owner;
        lent.lastOwner(owner);
        reported = false;
        reportedBefore = lent.parameters();
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
    void open(ServerConnection lent, byte[] sql, boolean fails) {
        replies.add(Reply.OWN_QUERY, new Open(fails));
        lent.query(sql);
        bringing = true;
    }

    /** The server has answered; {@link #takeRefused} says whether it was a no. */
    void opened(ServerConnection lent) {
        bringing = false;
        fresh = true;
        if (refused != null) {
            lent.poison();
        }
    }

    /** Whether the server connection is being made what it must be. */
    boolean bringing() {
        return bringing;
    }

    /** Whether the client has to wait until the server connection is as it must be. */
    boolean busy() {
        return bringing || resetting || capture != null;
    }

    /**
     * All that was sent is answered: sets again, within the transaction, what a RESET has taken to
     * the server's default where the session had begun with something else.
     *
     * @return false if the client has to wait for that
     */
    boolean restart(ServerConnection lent) {
        if (!resetting) {
            return true;
        }
        resetting = false;
        if (lent.status() != Backend.IN_TRANSACTION) {
            // Outside of a transaction the next lending sees to it.
            return true;
        }
        replies.add(Reply.OWN_QUERY, new Restart());
        lent.query(startup.restart());
        bringing = true;
        return false;
    }

    /** The settings are back, or the transaction has failed. */
    void restarted() {
        bringing = false;
        fresh = true;
    }

    /** The server has answered; {@link #refused} says whether it was a no. */
    void brought(ServerConnection lent, Bring bring) {
        bringing = false;
        fresh = true;
        if (refused == null) {
            lent.labelled(bring.to());
            lent.reportedAs(pool.profiles().shared(lent.parameters()));
            reported = false;
            reportedBefore = lent.parameters();
        } else {
            lent.poison();
        }
    }

    /**
     * Whether the server connection is being made fit for a message that has not been sent, and
     * nothing was before: then another one will do as well.
     */
    boolean replaceable(ServerConnection lent) {
        return bringing && lent.status() == Backend.IDLE && pins.isEmpty();
    }

    /** The server connection has gone before it was as wanted. */
    void bringLost() {
        bringing = false;
        refused = null;
    }

    void bringRefused(ErrorFields fields) {
        refused = fields;
    }

    /** The error with which the server refused the state, once; null if it did not. */
    @Nullable ErrorFields takeRefused() {
        ErrorFields fields = refused;
        refused = null;
        return fields;
    }

    /** Whether the server connection was brought for a message that has not been sent; once. */
    boolean takeFresh() {
        boolean was = fresh;
        fresh = false;
        return was;
    }

    // ---- after it ----

    /** A parameter was reported, by whatever cause. */
    void parameterReported() {
        reported = true;
    }

    /** Whether the server must be asked before its connection can be lent to anybody else. */
    boolean mustCapture(ServerConnection lent) {
        effects &= ~Effects.LOCAL;
        if (reported) {
            reported = false;
            lent.reportedAs(pool.profiles().shared(lent.parameters()));
            // What was local to the transaction has been reported twice, and is as it was.
            if (!Objects.equals(reportedBefore, lent.parameters())) {
                effects |= Effects.SETTINGS;
            }
        }
        return (effects & Effects.CAPTURED) != 0;
    }

    /** Asks the server, idle and outside of a transaction, what the session has changed. */
    void capture(ServerConnection lent) {
        capture(lent, effects & (Effects.CAPTURED | Effects.UNNAMED));
    }

    /** Asks how the server writes the settings of the startup packet. */
    void captureStartup(ServerConnection lent) {
        capture(lent, Effects.SETTINGS);
    }

    private void capture(ServerConnection lent, int parts) {
        StateCapture asked =
                new StateCapture(
                        parts,
                        pool.target().user(),
                        custom,
                        resetSent ? Set.of() : startup.settings().keySet());
        resetSent = false;
        capture = asked;
        effects = Effects.NONE;
        unknown = Effects.NONE;
        replies.add(Reply.OWN_CAPTURE);
        lent.query(asked.sql());
    }

    /** A row of the answer: the DataRow at {@code at}, which is there whole. */
    void row(ByteBuf in, int at) throws ProtocolException {
        StateCapture asked = capture;
        if (asked != null) {
            asked.row(in, at);
        }
    }

    /** The server would not tell. */
    void captureRefused() {
        StateCapture asked = capture;
        if (asked != null) {
            asked.fail();
        }
    }

    /** The answer is complete. */
    void captured(ServerConnection lent) {
        StateCapture asked = capture;
        capture = null;
        if (asked == null) {
            return;
        }
        if (asked.failed()) {
            pin(Pin.STATE_UNKNOWN);
            unknown |= asked.parts();
            return;
        }
        unpin(Pin.STATE_UNKNOWN);
        reportedBefore = lent.parameters();
        SessionState found = pool.profiles().shared(asked.state(lent.label()));
        lent.labelled(found);
        wanted = pool.profiles().shared(found.onTopOf(startup));
        for (Pin pin : asked.coveredPins()) {
            if (asked.found(pin)) {
                pin(pin);
            } else {
                unpin(pin);
            }
        }
    }

    // ---- at the end ----

    /** The client is gone: says what its server connection needs before anybody else gets it. */
    void leave(ServerConnection lent) {
        if (pins.contains(Pin.LASTING) || pins.contains(Pin.FUNCTION)) {
            lent.poison();
        } else if (mustCapture(lent) || unknown != 0 || pinned() || bringing || capture != null) {
            lent.markDirty();
        }
    }
}

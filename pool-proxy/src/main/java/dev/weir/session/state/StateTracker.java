package dev.weir.session.state;

import dev.weir.pool.Pool;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerParameters;
import dev.weir.server.SessionState;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.wire.Backend;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps one session's state apart from the server connections that it is lent: finds out after the
 * client's statements what they have changed, to {@link StateRestore restore} it elsewhere, and
 * what cannot be moved. Confined to the client's loop.
 *
 * <p>The server is the only witness: {@link Effects} tell when to ask it, and its answer counts,
 * whatever has been rolled back, released or refused in between. Nothing is asked while no
 * statement has touched anything.
 */
public final class StateTracker {
    private final Pool pool;
    private final ReplyQueue replies;
    private final CustomSettings custom;
    private final StateRestore restore;

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

    /** What the server reported when it was as wanted. */
    private @Nullable ServerParameters reportedBefore;

    /** It has reported something since. */
    private boolean reported;

    /** A RESET, of whatever, has been sent since the server was last asked. */
    private boolean resetSent;

    /**
     * That of a new session.
     *
     * @param startup what its startup packet asked for
     * @param owner tells the session from others, by identity
     */
    public StateTracker(
            Pool pool,
            ReplyQueue replies,
            CustomSettings custom,
            SessionState startup,
            Object owner) {
        this.restore = new StateRestore(this, pool, replies, owner);
        this.pool = pool;
        this.replies = replies;
        this.custom = custom;
        startup.settings().keySet().forEach(custom::add);
        this.startup = startup;
        this.wanted = startup;
    }

    /** The startup packet's settings in the server's own words. */
    public void startedAs(SessionState canonical) {
        startup = canonical;
        wanted = canonical;
        pins = Collections.emptySet();
        unknown = Effects.NONE;
    }

    /**
     * Lets the session have settings that its client did not ask for, where it does not have them:
     * RESET goes back to them.
     */
    public void define(Map<String, String> settings) {
        settings.keySet().forEach(custom::add);
        SessionState more = SessionState.of(settings);
        startup = pool.profiles().shared(startup.onTopOf(more));
        wanted = pool.profiles().shared(wanted.onTopOf(more));
    }

    /** Lets the session have a setting of that value, up to its client's next SET. */
    public void assign(String name, String value) {
        custom.add(name);
        wanted = pool.profiles().shared(wanted.with(name, value));
    }

    SessionState startup() {
        return startup;
    }

    /** The state that the session's next statement will meet, as far as it is known. */
    public SessionState wanted() {
        return wanted;
    }

    /** Whether settings may have changed since they were last looked at. */
    public boolean settingsTouched() {
        return (effects & (Effects.SETTINGS | Effects.LOCAL)) != 0;
    }

    /** What keeps the session on its server connection. */
    public Set<Pin> pins() {
        return pins;
    }

    /** Whether anything does. */
    public boolean pinned() {
        return !pins.isEmpty();
    }

    /** A statement with these {@link Effects} goes to the server. */
    public void touched(int bits) {
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
    public void batchSent() {
        // A RESET alone leaves no setting changed, so that nothing is lost with it.
        if ((effects & Effects.RESET) != 0 && (effects & Effects.SETTINGS) != 0) {
            restore.resetSent();
        }
        effects &= ~Effects.RESET;
    }

    /** The client has had all its state discarded. */
    public void discardedAll() {
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

    /** What makes the server connections that are lent what this session left behind. */
    public StateRestore restore() {
        return restore;
    }

    /** What counts is what is reported from now on. */
    void reportsFrom(ServerParameters parameters) {
        reported = false;
        reportedBefore = parameters;
    }

    /** Whether the client has to wait until the server connection is as it must be, or is known. */
    public boolean busy() {
        return restore.busy() || capture != null;
    }

    /**
     * Whether the server connection is being made fit for a message that has not been sent, and
     * nothing was before: then another one will do as well.
     */
    public boolean replaceable(ServerConnection lent) {
        return restore.bringing() && lent.status() == Backend.IDLE && pins.isEmpty();
    }

    // ---- after it ----

    /** A parameter was reported, by whatever cause. */
    public void parameterReported() {
        reported = true;
    }

    /** Whether the server must be asked before its connection can be lent to anybody else. */
    public boolean mustCapture(ServerConnection lent) {
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
    public void capture(ServerConnection lent) {
        capture(lent, effects & (Effects.CAPTURED | Effects.UNNAMED));
    }

    /** Asks how the server writes the settings of the startup packet. */
    public void captureStartup(ServerConnection lent) {
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
    public void row(ByteBuf in, int at) throws ProtocolException {
        StateCapture asked = capture;
        if (asked != null) {
            asked.row(in, at);
        }
    }

    /** The server would not tell. */
    public void captureRefused() {
        StateCapture asked = capture;
        if (asked != null) {
            asked.fail();
        }
    }

    /** The answer is complete. */
    public void captured(ServerConnection lent) {
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
    public void leave(ServerConnection lent) {
        if (pins.contains(Pin.LASTING) || pins.contains(Pin.FUNCTION)) {
            lent.poison();
        } else if (mustCapture(lent)
                || unknown != 0
                || pinned()
                || restore.bringing()
                || capture != null) {
            lent.markDirty();
        }
    }
}

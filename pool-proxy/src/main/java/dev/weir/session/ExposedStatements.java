package dev.weir.session;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.weir.server.ServerConnection;
import dev.weir.server.Statement;
import dev.weir.session.SqlNames.Use;
import dev.weir.session.StatementNames.Named;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The statements of the protocol that SQL names, in EXECUTE, PREPARE or DEALLOCATE: they are
 * prepared under the client's own names, besides Weir's, for as long as the server connection is
 * lent, so that PostgreSQL itself says what such a text does. Confined to the client's loop.
 */
final class ExposedStatements {
    /** What texts may do that are looked at for names. */
    static final int NAMING = Effects.EXECUTE | Effects.PREPARED;

    /** An empty text and no parameters. */
    private static final byte[] NOTHING = new byte[3];

    /**
     * A statement under the client's name, or the Parse or Close of it that is undone if it fails
     * or is skipped.
     *
     * @param standIn whether it is an empty one, that is to be dropped or to be in the way
     */
    record Exposure(Named named, boolean standIn) {}

    /** A DEALLOCATE by an Execute; undone if it fails or is skipped. */
    record Deallocated(Named named, @Nullable Exposure exposure) {}

    private final ReplyQueue replies;
    private final StatementNames names;
    private final StateTracker state;

    /** What is under the client's names on the server connection that is lent. */
    private final Map<String, Exposure> exposed = new HashMap<>();

    /** What the portals deallocate that have been bound to do so. */
    private final Map<String, byte[]> portals = new HashMap<>();

    /** What the Query under way deallocates, in the order of its text. */
    private final Deque<byte[]> deallocating = new ArrayDeque<>();

    /** A Query waits until its names are there; one of them could not be prepared. */
    private boolean awaited;

    private boolean refused;

    ExposedStatements(ReplyQueue replies, StatementNames names, StateTracker state) {
        this.replies = replies;
        this.names = names;
        this.state = state;
    }

    /** Names are compared by their first 63 bytes. */
    private static String key(byte[] name) {
        return new String(name, 0, Math.min(name.length, StatementNames.SIGNIFICANT), ISO_8859_1);
    }

    /** Whether there are any on the server connection that is lent. */
    boolean any() {
        return !exposed.isEmpty();
    }

    boolean contains(Named named) {
        return exposed.containsKey(key(named.name()));
    }

    // ---- what the client sends ----

    /**
     * Makes the statements that a text names known to PostgreSQL under these names.
     *
     * @param length of the text, without terminator
     * @return whether anything was written
     */
    private boolean expose(List<SqlNames.Found> found, ByteBuf out) {
        boolean wrote = false;
        for (SqlNames.Found one : found) {
            Named named = names.find(one.name());
            Statement statement = named == null ? null : named.statement();
            if (named == null || statement == null) {
                continue;
            }
            boolean standIn = one.use() != Use.EXECUTE;
            if (!standIn) {
                state.touched(statement.effects());
            }
            Exposure there = exposed.get(key(named.name()));
            if (there != null && (standIn || !there.standIn())) {
                continue;
            }
            if (statement.outdated() && !standIn) {
                continue;
            }
            closing(named, out);
            Exposure exposure = new Exposure(named, standIn);
            exposed.put(key(named.name()), exposure);
            Messages.parse(out, named.name(), standIn ? NOTHING : statement.definition());
            replies.add(Reply.REPLAY, exposure);
            wrote = true;
        }
        return wrote;
    }

    /**
     * The Parse or Describe of a statement with this definition is to be written to {@code out}:
     * already a Parse finds out what columns an EXECUTE has.
     */
    void describing(byte @Nullable [] definition, int effects, ByteBuf out) {
        if ((effects & Effects.EXECUTE) != 0 && definition != null && names.size() > 0) {
            List<SqlNames.Found> found = found(definition);
            found.removeIf(one -> one.use() != Use.EXECUTE);
            expose(found, out);
        }
    }

    /** All that a Bind's statement names is to be there, as its portal may be executed. */
    void binding(byte @Nullable [] definition, int effects, ByteBuf in, int portalAt, ByteBuf out) {
        if (!portals.isEmpty()) {
            portals.remove(portal(in, portalAt));
        }
        if ((effects & NAMING) != 0 && definition != null && names.size() > 0) {
            List<SqlNames.Found> found = found(definition);
            expose(found, out);
            if (!found.isEmpty() && found.getFirst().use() == Use.DEALLOCATE) {
                portals.put(portal(in, portalAt), found.getFirst().name());
            }
        }
    }

    private static List<SqlNames.Found> found(byte[] definition) {
        int length = 0;
        while (length < definition.length && definition[length] != 0) {
            length++;
        }
        return SqlNames.in(definition, length);
    }

    private static String portal(ByteBuf in, int at) {
        int end = in.indexOf(at, in.writerIndex(), (byte) 0);
        return in.toString(at, Math.max(0, end - at), ISO_8859_1);
    }

    /** Whether an Execute has to be read. */
    boolean watchesPortals() {
        return !portals.isEmpty();
    }

    /**
     * An Execute, which is there whole, is being sent.
     *
     * @return what it deallocates; null if nothing
     */
    @Nullable Deallocated executing(ByteBuf in, int portalAt) {
        byte[] name = portals.remove(portal(in, portalAt));
        Named named = name == null ? null : names.find(name);
        if (named == null) {
            return null;
        }
        names.remove(named);
        return new Deallocated(named, exposed.remove(key(named.name())));
    }

    /** The client closes {@code named} by the protocol. */
    void closing(Named named, ByteBuf out) {
        Exposure exposure = exposed.remove(key(named.name()));
        if (exposure != null) {
            Messages.statement(out, FrontendMessage.CLOSE, named.name());
            replies.add(Reply.OWN_CLOSE, exposure);
        }
    }

    /** Whether a text that is sent as a Query names any of these statements. */
    boolean namedIn(List<SqlNames.Found> found) {
        for (SqlNames.Found one : found) {
            if (names.find(one.name()) != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Prepares what a Query names.
     *
     * @param alone whether the Query may wait for that, as nothing that came before it is under way
     * @return whether the Query has to wait
     */
    boolean querying(List<SqlNames.Found> found, boolean alone, ByteBuf out) {
        boolean wrote = expose(found, out);
        if (wrote && alone) {
            Messages.sync(out);
            replies.add(Reply.OWN_SYNC);
            awaited = true;
            return true;
        }
        awaited = false;
        for (SqlNames.Found one : found) {
            if (one.use() == Use.DEALLOCATE) {
                deallocating.add(one.name());
            }
        }
        return false;
    }

    /** Whether a Query waits for its names. */
    boolean awaited() {
        return awaited;
    }

    /** Whether the error with which a name was refused is the answer to the Query that waits. */
    boolean refused() {
        return refused;
    }

    /** The same, once: the Query waits no more. */
    boolean takeRefused() {
        boolean was = refused;
        refused = false;
        awaited &= !was;
        return was;
    }

    // ---- the end of the lease ----

    /**
     * Takes the client's names off the server connection before anybody else is lent it.
     *
     * @return false if there are none
     */
    boolean withdraw(ServerConnection lent) {
        portals.clear();
        if (exposed.isEmpty()) {
            return false;
        }
        ByteBuf out = lent.channel().alloc().directBuffer(256);
        for (Exposure exposure : exposed.values()) {
            Messages.statement(out, FrontendMessage.CLOSE, exposure.named().name());
            replies.add(Reply.OWN_CLOSE);
        }
        exposed.clear();
        Messages.sync(out);
        replies.add(Reply.OWN_SYNC);
        lent.write(out);
        return true;
    }

    // ---- what the replies say ----

    /** The Query under way has deallocated one statement more. */
    void deallocated() {
        byte[] name = replies.head() == Reply.QUERY ? deallocating.poll() : null;
        Named named = name == null ? null : names.find(name);
        if (named != null) {
            names.remove(named);
            exposed.remove(key(named.name()));
        }
    }

    /** The Query is over. */
    void queryEnded() {
        deallocating.clear();
    }

    /** A message has failed or was skipped. */
    void undone(Reply reply, Exposure exposure) {
        if (reply == Reply.OWN_CLOSE) {
            exposed.put(key(exposure.named().name()), exposure);
        } else {
            exposed.remove(key(exposure.named().name()));
            refused |= awaited;
        }
    }

    /** An Execute has failed or was skipped. */
    void undone(Deallocated deallocated) {
        names.put(deallocated.named());
        Exposure exposure = deallocated.exposure();
        if (exposure != null) {
            exposed.put(key(exposure.named().name()), exposure);
        }
    }

    /** All statements are gone; then {@link #sentBehind} is told of what was sent behind that. */
    void clear() {
        exposed.clear();
    }

    void sentBehind(Reply reply, Exposure exposure) {
        if (reply == Reply.OWN_CLOSE) {
            exposed.remove(key(exposure.named().name()));
        } else {
            exposed.put(key(exposure.named().name()), exposure);
        }
    }
}

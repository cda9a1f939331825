package dev.weir.session.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.server.UnnamedStatement;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.state.Effects;
import dev.weir.session.statement.StatementNames.Named;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * A DEALLOCATE, by the extended query protocol, of a statement that the protocol has prepared:
 * PostgreSQL knows that by another name, and shares it, so that it is given a stand-in to
 * deallocate. psycopg says it so in its pipelines. Confined to the client's loop.
 *
 * <p>Followed is the portal that was bound last to do so; drivers bind and execute one at a time.
 */
final class StandInDeallocation {
    /** The text, and no types of parameters. */
    private static final byte[] DEFINITION =
            ("DEALLOCATE " + new String(Preparer.SCRATCH, US_ASCII) + "\0\0\0").getBytes(US_ASCII);

    /**
     * An Execute that deallocates.
     *
     * @param name the client's, as it wrote it
     * @param named what is forgotten by it; null if there is nothing of that name
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Deallocated(byte[] name, @Nullable Named named) {}

    private final ReplyQueue replies;
    private final StatementNames names;

    /** What the portal deallocates; null if none is bound to do so. */
    private byte @Nullable [] bound;

    private byte[] portal = new byte[0];

    StandInDeallocation(ReplyQueue replies, StatementNames names) {
        this.replies = replies;
        this.names = names;
    }

    /**
     * What the unnamed statement is to be instead of this text; null if it is to be the text.
     *
     * @param past where its Parse, which is there whole, ends
     */
    @Nullable UnnamedStatement instead(ByteBuf in, int text, int past) {
        byte[] name = names.size() == 0 ? null : name(in, text, past);
        return name == null || names.find(name) == null
                ? null
                : new UnnamedStatement(DEFINITION, Effects.NONE, name);
    }

    /** The name that it deallocates; null if it does anything else. */
    static byte @Nullable [] name(ByteBuf in, int text, int past) {
        int end = in.indexOf(text, past, (byte) 0);
        boolean noTypes = end >= 0 && past - end == 3 && in.getShort(end + 1) == 0;
        return noTypes ? Deallocation.name(in, text, end) : null;
    }

    /** Whether an Execute has to be read. */
    boolean follows() {
        return bound != null;
    }

    /** A Bind to the portal at {@code portalAt} is being sent. */
    void binds(ByteBuf in, int portalAt) {
        if (bound != null && isPortal(in, portalAt)) {
            bound = null;
        }
    }

    /**
     * A Bind is being sent whose statement deallocates {@code name}.
     *
     * @param portalEnd behind the name of its portal
     * @param out in front of it
     */
    void binds(byte[] name, ByteBuf in, int portalAt, int portalEnd, ByteBuf out) {
        bound = name;
        portal = StatementNames.copy(in, portalAt, portalEnd - portalAt);
        Messages.statement(out, FrontendMessage.CLOSE, Preparer.SCRATCH);
        replies.add(Reply.OWN_CLOSE);
        if (names.find(name) != null) {
            Messages.parse(out, Preparer.SCRATCH, Preparer.NOTHING);
            replies.add(Reply.REPLAY);
        }
    }

    /**
     * An Execute, which is there whole, is being sent.
     *
     * @return what it deallocates; null if nothing
     */
    @Nullable Deallocated executes(ByteBuf in, int portalAt) {
        byte[] name = bound;
        if (name == null || !isPortal(in, portalAt)) {
            return null;
        }
        bound = null;
        Named named = names.find(name);
        if (named != null) {
            names.remove(named);
        }
        return new Deallocated(name, named);
    }

    private boolean isPortal(ByteBuf in, int at) {
        if (in.writerIndex() - at <= portal.length || in.getByte(at + portal.length) != 0) {
            return false;
        }
        for (int i = 0; i < portal.length; i++) {
            if (in.getByte(at + i) != portal[i]) {
                return false;
            }
        }
        return true;
    }
}

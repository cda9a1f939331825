package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;
import dev.weir.session.reply.Splice;
import dev.weir.session.statement.PreparedStatements;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * What a client sends after its login: finds the messages in the bytes, and passes these on in
 * spans, as {@link ClientMessages} decides. Only messages that name a prepared statement are read;
 * a message of a gigabyte goes through in pieces. Confined to the client's loop.
 */
final class ClientStream {
    /** Bytes that are kept while the client waits; past this it is not read on. */
    static final int HELD_LIMIT = 64 * 1024;

    private final ClientSession session;
    private final ClientMessages messages;
    private final Splice splice;
    private final int maxMessageSize;

    /**
     * Bytes that could not be handled yet: a message in pieces, or all that follows while the
     * client waits.
     */
    private @Nullable ByteBuf held;

    /** How many bytes {@link #held} must have before another look at it is worth while. */
    private long needed = FrontendMessage.HEADER;

    /** What is still to come of a message whose beginning has been passed on, or dropped. */
    private long remaining;

    private boolean dropping;

    /**
     * An error has been reported, and PostgreSQL, too, would ignore everything up to the next Sync.
     */
    private boolean skipping;

    /**
     * Messages of the extended protocol were sent and no Sync yet: the server connection cannot be
     * given back.
     */
    private boolean batchOpen;

    /** The next message means one thing or another, as an earlier batch succeeds or not. */
    private boolean waitsForOutcome;

    /** What is to be handled instead of the message that has just been looked at, and behind it. */
    private @Nullable ByteBuf replacement;

    /** Where the message begins that is being handled. */
    private int messageAt;

    /**
     * Set by a handler that has itself dealt with the beginning of the message; the rest is passed
     * on.
     */
    private int handledUpTo;

    ClientStream(ClientSession session, PreparedStatements statements, int maxMessageSize) {
        this.session = session;
        this.splice = new Splice(session.channel());
        this.messages = new ClientMessages(session, this, statements, splice);
        this.maxMessageSize = maxMessageSize;
    }

    /** Takes what was read; owns it. */
    void read(ByteBuf in) throws ProtocolException {
        ByteBuf bytes = in;
        ByteBuf before = held;
        if (before != null) {
            before.writeBytes(in);
            in.release();
            if (session.blocked() || before.readableBytes() < needed) {
                return;
            }
            held = null;
            bytes = before;
        } else if (session.blocked()) {
            held = in;
            return;
        }
        process(bytes);
    }

    /** Goes on with what was held, now that a server connection, or room, is there. */
    void resume() throws ProtocolException {
        waitsForOutcome = false;
        ByteBuf bytes = held;
        if (bytes != null && !session.blocked()) {
            held = null;
            process(bytes);
        }
    }

    /**
     * The wait ended without a server connection: the message that asked for it is answered with an
     * error.
     */
    void refuse(ServerUnavailableException reason) throws ProtocolException {
        messages.refuse(reason);
        resume();
    }

    boolean waitsForOutcome() {
        return waitsForOutcome;
    }

    int heldBytes() {
        ByteBuf bytes = held;
        return bytes == null ? 0 : bytes.readableBytes();
    }

    /**
     * Whether a message has been passed on in part, so that nothing else can be sent to that server
     * connection.
     */
    boolean midMessage() {
        return remaining > 0 && !dropping;
    }

    boolean batchOpen() {
        return batchOpen;
    }

    /** Whether the server, after an error, waits for a Sync. */
    boolean skipping() {
        return skipping;
    }

    /** The server has reported an error and no Sync is on its way to it. */
    void skipToSync() {
        skipping = true;
    }

    void release() {
        ByteBuf bytes = held;
        held = null;
        if (bytes != null) {
            bytes.release();
        }
    }

    private void process(ByteBuf in) throws ProtocolException {
        ByteBuf next = in;
        while (next != null) {
            next = pass(next);
        }
    }

    /** Passes on what can be; returns what is to be handled in place of the rest, or null. */
    private @Nullable ByteBuf pass(ByteBuf in) throws ProtocolException {
        ServerConnection server = session.server();
        int start = in.readerIndex();
        splice.begin(in, server == null ? null : server.channel());
        needed = FrontendMessage.HEADER;
        messageAt = start;
        try {
            int at = scan(in, start);
            ByteBuf instead = replacement;
            if (instead == null) {
                keep(in, start, at);
            } else {
                replacement = null;
                session.wroteToServer(splice.end(at));
            }
            return instead;
        } catch (ProtocolException e) {
            // What came before the offence is good and goes its way.
            splice.leaveOut(messageAt, in.writerIndex());
            session.wroteToServer(splice.end(in.writerIndex()));
            throw e;
        }
    }

    private void keep(ByteBuf in, int start, int at) {
        int rest = in.writerIndex() - at;
        if (rest == 0) {
            session.wroteToServer(splice.end(at));
            return;
        }
        if (at == start && session.server() == null) {
            splice.abandon();
            held = in;
            return;
        }
        ByteBuf copy =
                session.channel()
                        .alloc()
                        .directBuffer((int) Math.max(rest, Math.min(needed, HELD_LIMIT)));
        copy.writeBytes(in, at, rest);
        held = copy;
        session.wroteToServer(splice.end(at));
    }

    /** Handles what there is; returns the index of the first byte that has to wait. */
    private int scan(ByteBuf in, int start) throws ProtocolException {
        int at = start;
        int end = in.writerIndex();
        while (true) {
            if (remaining > 0) {
                int part = (int) Math.min(remaining, end - at);
                if (dropping) {
                    splice.leaveOut(at, at + part);
                }
                at += part;
                remaining -= part;
                if (remaining == 0 && session.copy().owesQuestion()) {
                    session.copy().ask(splice.insertAt(at));
                }
            }
            if (end - at < FrontendMessage.HEADER || session.blocked()) {
                return at;
            }
            messageAt = at;
            FrontendMessage type = FrontendMessage.of(in.getByte(at));
            int length = in.getInt(at + 1);
            if (type == null || type == FrontendMessage.PASSWORD) {
                throw new ProtocolException(
                        "invalid frontend message type %d".formatted(in.getByte(at) & 0xff));
            }
            if (!type.allows(length, maxMessageSize)) {
                throw new ProtocolException("invalid message length");
            }
            long total = length + 1L;
            dropping = false;
            if (!messages.handle(in, at, end, type, total)) {
                return at;
            }
            int passed = handledUpTo > at ? handledUpTo - at : 0;
            handledUpTo = 0;
            remaining = total - passed;
            at += passed;
        }
    }

    // ---- what becomes of the message that is being handled ----

    /** It is not passed on. */
    void drop() {
        dropping = true;
    }

    /**
     * It has to wait until there is something new from the server's side.
     *
     * @return false
     */
    boolean waitForOutcome() {
        waitsForOutcome = true;
        return waitFor(0);
    }

    /**
     * It has to wait until so many bytes are there, or until the session proceeds.
     *
     * @return false
     */
    boolean waitFor(long bytes) {
        needed = bytes;
        return false;
    }

    /** Its beginning has been dealt with, up to this index; 0 for none of it. */
    void dealtWith(int upTo) {
        handledUpTo = upTo;
    }

    /** That is to be handled instead of it, and of what stands behind it. */
    void replace(ByteBuf instead) {
        needed = 0;
        replacement = instead;
    }

    void skips(boolean upToSync) {
        skipping = upToSync;
    }

    void batchOpen(boolean open) {
        batchOpen = open;
    }

    /** A batch that has been sent, whole, is to be sent again, before all that followed. */
    void again(byte[] sent) {
        ByteBuf batch = session.channel().alloc().directBuffer(sent.length).writeBytes(sent);
        batchOpen = false;
        skipping = false;
        waitsForOutcome = false;
        needed = FrontendMessage.HEADER;
        ByteBuf rest = held;
        if (rest != null) {
            batch.writeBytes(rest);
            rest.release();
        }
        held = batch;
    }

    /** A Sync has been sent that the client did not just write: nothing is skipped any more. */
    void synced() {
        skipping = false;
        batchOpen = false;
    }

    /** The Syncs behind the Execute were used up by the COPY that it began: another must come. */
    void copyAteSync() {
        batchOpen = true;
    }

    /** Writes a Sync to {@code server}. */
    static void writeSync(ServerConnection server) {
        ByteBuf sync = server.channel().alloc().directBuffer(FrontendMessage.HEADER);
        Messages.sync(sync);
        server.write(sync);
    }
}

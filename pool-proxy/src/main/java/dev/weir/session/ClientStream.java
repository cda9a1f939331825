package dev.weir.session;

import dev.weir.classify.TransactionCommand;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;
import dev.weir.session.StatementNames.Named;
import dev.weir.sql.Lexer;
import dev.weir.telemetry.Count;
import dev.weir.wire.Backend;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

/**
 * What a client sends after its login: finds the messages in the bytes, notes in the {@link
 * ReplyQueue} what each will be answered with, and passes the bytes on in spans. Only messages that
 * name a prepared statement are read; a message of a gigabyte goes through in pieces. Confined to
 * the client's loop.
 */
final class ClientStream {
    /** Bytes that are kept while the client waits; past this it is not read on. */
    static final int HELD_LIMIT = 64 * 1024;

    private final ClientSession session;
    private final ReplyQueue replies;
    private final PreparedStatements statements;
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

    private @Nullable ServerUnavailableException refusal;

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
        this.replies = session.replies();
        this.statements = statements;
        this.splice = new Splice(session.channel());
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
        refusal = reason;
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
            if (!message(in, at, end, type, total)) {
                return at;
            }
            int passed = handledUpTo > at ? handledUpTo - at : 0;
            handledUpTo = 0;
            remaining = total - passed;
            at += passed;
        }
    }

    /** Handles one message; false if it has to wait for more bytes or for a server connection. */
    private boolean message(ByteBuf in, int at, int end, FrontendMessage type, long total)
            throws ProtocolException {
        dropping = false;
        if (session.copy().inDoubt()) {
            if (session.copy().asks()) {
                Messages.flush(splice.insertAt(at));
            }
            needed = 0;
            waitsForOutcome = true;
            return false;
        }
        if (type == FrontendMessage.TERMINATE) {
            drop();
            session.terminated();
            return true;
        }
        if (skipping && type != FrontendMessage.SYNC) {
            drop();
            return true;
        }
        Routing routing = session.routing();
        if (routing != null && routing.holdsBack() && type != FrontendMessage.FLUSH) {
            needed = 0;
            waitsForOutcome = true;
            return false;
        }
        switch (type) {
            case COPY_DATA, COPY_DONE, COPY_FAIL -> {
                copy(type);
                return true;
            }
            case FLUSH -> {
                if (session.server() == null) {
                    drop();
                }
                return true;
            }
            case SYNC -> {
                return sync(in, at, end, total);
            }
            default -> {}
        }
        ServerConnection server = session.server();
        if (!statements.complete(in, at, end, type, total)) {
            needed = statements.needed();
            return false;
        }
        if (statements.mustWait(in, at, end, type, total)) {
            needed = 0;
            waitsForOutcome = true;
            return false;
        }
        if (type == FrontendMessage.QUERY) {
            Named gone = statements.deallocated(in, at, end, total);
            if (gone != null && !batchOpen) {
                if (!replies.isEmpty()) {
                    needed = 0;
                    waitsForOutcome = true;
                    return false;
                }
                if (deallocate(gone)) {
                    return true;
                }
            }
        }
        if (routing != null
                && server != null
                && routing.onReplica()
                && tiesToReplica(in, at, end, type, total, server)) {
            refuse(at, type, server, RefusedStatement.TIES);
            return true;
        }
        if (session.readOnly()) {
            RefusedStatement write = ReadOnly.refuses(in, at, end, type, total);
            if (write != null) {
                refuse(at, type, server, write);
                return true;
            }
        }
        String mistake = routing == null ? null : mistake(in, at, end, type, total);
        if (mistake != null) {
            refuse(
                    at,
                    type,
                    server,
                    new RefusedStatement(SqlState.INVALID_PARAMETER_VALUE, mistake));
            return true;
        }
        if (routing != null && server == null && type == FrontendMessage.QUERY) {
            TransactionCommand command =
                    batchOpen || refusal != null || !session.channel().isWritable()
                            ? null
                            : routing.answers(in, at, end, total);
            if (command != null) {
                drop();
                session.tellCompleted(command.kind().tag());
                session.tellReady(session.status());
                return true;
            }
        }
        if (waitsForListener(in, at, end, type, total)) {
            return false;
        }
        server = attach(in, at, end, type, total);
        if (server == null) {
            if (refusal != null && beginsWhatFollows(in, at, end, type, total)) {
                // What stands behind it was sent to be part of a transaction that does not begin.
                throw new ProtocolException(
                        refusal.sqlState(),
                        refusal.sentence()
                                + " It was a BEGIN, and more was sent behind it that must not be carried out without it.");
            }
            return refusal(type);
        }
        forward(in, at, end, type, total, server);
        return true;
    }

    /** Whether the statement has no place in the transaction that is on a replica. */
    private boolean tiesToReplica(
            ByteBuf in,
            int at,
            int end,
            FrontendMessage type,
            long total,
            ServerConnection server) {
        return server.status() == Backend.IN_TRANSACTION
                && total <= end - at
                && switch (type) {
                    case QUERY, PARSE, BIND ->
                            Effects.tie(statements.effects(in, at, type, total, server));
                    default -> false;
                };
    }

    /** What is wrong with the setting of Weir's that the message sets; null if nothing is. */
    private static @Nullable String mistake(
            ByteBuf in, int at, int end, FrontendMessage type, long total) {
        if ((type != FrontendMessage.QUERY && type != FrontendMessage.PARSE)
                || total > end - at
                || !RouteSettings.mentioned(in, at, (int) (at + total))) {
            return null;
        }
        int body = at + FrontendMessage.HEADER;
        int past = (int) (at + total);
        int from = type == FrontendMessage.QUERY ? body : in.indexOf(body, past, (byte) 0) + 1;
        int to = from == 0 ? -1 : in.indexOf(from, past, (byte) 0);
        return to < 0 ? null : RouteSettings.mistake(ByteBufUtil.getBytes(in, from, to - from));
    }

    /** Answers a message with an error, and lets the transaction fail with it. */
    private void refuse(
            int at,
            FrontendMessage type,
            @Nullable ServerConnection server,
            RefusedStatement refused) {
        drop();
        if (server == null) {
            session.tellError(refused.state().code(), refused.sentence());
            Routing routing = session.routing();
            if (routing != null) {
                routing.failed();
            }
            if (type == FrontendMessage.QUERY) {
                session.tellReady(session.status());
            } else {
                skipping = true;
            }
            return;
        }
        ByteBuf out = splice.insertAt(at);
        server.unnamedIs(null);
        if (type == FrontendMessage.QUERY) {
            Messages.query(out, RefusedStatement.FAILING);
            replies.add(Reply.QUERY, refused);
            batchOpen = false;
            batchSent();
        } else {
            RefusedStatement.parse(out);
            replies.add(Reply.REPLAY_UNNAMED, refused);
            batchOpen = true;
        }
    }

    /**
     * Answers a DEALLOCATE, which PostgreSQL could not: it knows the statement by another name, and
     * shares it. False in a failed transaction, in which PostgreSQL refuses whatever it is.
     */
    private boolean deallocate(Named named) {
        byte status = session.status();
        if (status == Backend.FAILED_TRANSACTION) {
            return false;
        }
        drop();
        statements.deallocate(named);
        session.tell(Deallocation.DONE);
        session.tellReady(status);
        return true;
    }

    /** Whether the message listens to channels that are not heard yet, or has been rewritten. */
    private boolean waitsForListener(
            ByteBuf in, int at, int end, FrontendMessage type, long total) {
        if (!statements.mayListen(in, at, end, type, total)) {
            return false;
        }
        ByteBuf instead = session.listening().translate(in, at, type, (int) total);
        if (instead == null) {
            return false;
        }
        needed = 0;
        if (instead == in) {
            waitsForOutcome = true;
        } else {
            int past = (int) (at + total);
            replacement = instead.writeBytes(in, past, end - past);
        }
        return true;
    }

    private void forward(
            ByteBuf in,
            int at,
            int end,
            FrontendMessage type,
            long total,
            ServerConnection server) {
        switch (type) {
            case QUERY -> {
                batchOpen = false;
                statements.queried(in, at, end, total, server);
                batchSent();
            }
            case FUNCTION_CALL -> {
                batchOpen = false;
                replies.add(Reply.QUERY);
            }
            case EXECUTE -> {
                batchOpen = true;
                replies.add(Reply.EXECUTE);
            }
            default -> {
                batchOpen = true;
                count(type);
                handledUpTo = statements.handle(in, at, end, type, total, server, splice);
                tellMadeUp();
            }
        }
    }

    private void count(FrontendMessage type) {
        if (type == FrontendMessage.BIND) {
            session.stopwatch().counters().add(Count.BINDS);
        } else if (type == FrontendMessage.PARSE) {
            session.stopwatch().counters().add(Count.CLIENT_PARSES);
        }
    }

    /** What Weir answers by itself, and nothing else is owed before it. */
    private void tellMadeUp() {
        Reply head = replies.head();
        while (head == Reply.MADE_PARSE || head == Reply.MADE_CLOSE) {
            session.tell(
                    head == Reply.MADE_PARSE ? Backend.PARSE_COMPLETE : Backend.CLOSE_COMPLETE);
            replies.pop();
            head = replies.head();
        }
    }

    private void drop() {
        dropping = true;
    }

    private void copy(FrontendMessage type) {
        CopyIn copy = session.copy();
        if (copy.open()) {
            if (type != FrontendMessage.COPY_DATA) {
                copy.ended();
            }
        } else if (replies.isEmpty()) {
            // Protocol: late data of a COPY that has failed is ignored (section 54.2.6).
            drop();
        } else if (type != FrontendMessage.COPY_DATA) {
            // A COPY may be on its way to begin.
            replies.add(Reply.COPY_END);
        }
    }

    private void batchSent() {
        session.state().batchSent();
        Routing routing = session.routing();
        if (routing != null) {
            routing.sent();
        }
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

    private boolean sync(ByteBuf in, int at, int end, long total) throws ProtocolException {
        if (session.copy().open()) {
            session.copy().synced();
            return true;
        }
        if (session.server() == null && (skipping || session.status() != Backend.IDLE)) {
            drop();
            skipping = false;
            session.tellReady(session.status());
            return true;
        }
        ServerConnection server = attach(in, at, end, FrontendMessage.SYNC, total);
        if (server == null) {
            return refusal(FrontendMessage.SYNC);
        }
        skipping = false;
        batchOpen = false;
        replies.add(Reply.SYNC);
        batchSent();
        return true;
    }

    private @Nullable ServerConnection attach(
            ByteBuf in, int at, int end, FrontendMessage type, long total) {
        ServerConnection server = session.server();
        if (server != null) {
            session.stopwatch().asked();
            return server;
        }
        if (refusal != null) {
            return null;
        }
        if (!session.channel().isWritable()) {
            // Who does not read its replies is not served on: they would pile up here.
            waitsForOutcome = true;
            return null;
        }
        Routing routing = session.routing();
        if (routing != null && !routing.decide(in, at, end, type, total)) {
            refusal = routing.takeRefusal();
            return null;
        }
        server = session.lease();
        if (server == null) {
            refusal = session.takeRefusal();
            ServerUnavailableException reason = refusal;
            if (reason != null && routing != null && routing.triesOn(reason)) {
                refusal = null;
                routing.retry(reason);
                return attach(in, at, end, type, total);
            }
            return null;
        }
        if (session.outdated()) {
            return attach(in, at, end, type, total);
        }
        if (!session.ready(server)) {
            return null;
        }
        splice.redirect(server.channel(), at);
        return server;
    }

    /**
     * Answers a message for which there is no server connection; false if the client is still
     * waiting for one.
     */
    private boolean refusal(FrontendMessage type) throws ProtocolException {
        ServerUnavailableException reason = refusal;
        if (reason == null) {
            needed = 0;
            return false;
        }
        refusal = null;
        Routing routing = session.routing();
        if (routing != null) {
            routing.refused();
        }
        if (reason.kind() == ServerUnavailableException.Kind.CLOSING) {
            throw new ProtocolException(SqlState.ADMIN_SHUTDOWN, reason.sentence());
        }
        drop();
        session.tellError(reason.sqlState(), reason.sentence());
        if (routing != null) {
            routing.failed();
        }
        switch (type) {
            case QUERY, FUNCTION_CALL, SYNC -> session.tellReady(session.status());
            default -> skipping = true;
        }
        return true;
    }

    /** Whether the message is a BEGIN for which the client has not waited. */
    private static boolean beginsWhatFollows(
            ByteBuf in, int at, int end, FrontendMessage type, long total) {
        if (type != FrontendMessage.QUERY || total >= end - at) {
            return false;
        }
        Lexer lexer =
                new Lexer(
                        ByteBufUtil.getBytes(
                                in,
                                at + FrontendMessage.HEADER,
                                (int) Math.min(total - FrontendMessage.HEADER - 1, 200)));
        lexer.next();
        return lexer.is("begin") || lexer.is("start");
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

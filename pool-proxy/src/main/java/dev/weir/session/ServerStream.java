package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.session.reply.CopyIn;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.reply.Splice;
import dev.weir.session.state.ChannelNames;
import dev.weir.session.state.StateRestore;
import dev.weir.session.statement.CommandTags;
import dev.weir.session.statement.PreparedStatements;
import dev.weir.session.statement.StatementOutcomes;
import dev.weir.telemetry.Count;
import dev.weir.wire.Backend;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * What the lent server connection sends: matches each message with the head of the {@link
 * ReplyQueue} and passes the bytes on in spans, leaving out what answers Weir's own messages. Rows
 * and COPY data are neither read nor gathered. Confined to the client's loop.
 */
final class ServerStream {
    /**
     * Messages that are read must fit; PostgreSQL's own are far shorter, but for the text of
     * errors.
     */
    static final int MAX_READ = 64 * 1024;

    private final ClientSession session;
    private final ReplyQueue replies;
    private final StatementOutcomes statements;
    private final ServerErrors errors;
    private final CopyIn copy;
    private final Splice splice;

    /** The beginning of a message that has to be read whole. */
    private @Nullable ByteBuf held;

    /** What is still to come of a message that is passed on, or dropped. */
    private long remaining;

    private boolean dropping;

    /** What a replica has answered, if that is not for the client. */
    private FirstAnswer.Found failed = FirstAnswer.Found.ANSWER;

    ServerStream(ClientSession session, PreparedStatements statements) {
        this.session = session;
        this.replies = session.replies();
        this.statements = statements.outcomes();
        this.copy = session.copy();
        this.splice = new Splice(session.channel());
        this.errors = new ServerErrors(session, this.statements, splice);
    }

    /** Takes what was read; owns it. */
    void read(ServerConnection server, ByteBuf in) throws ProtocolException {
        ByteBuf bytes = in;
        ByteBuf before = held;
        if (before != null) {
            held = null;
            before.writeBytes(in);
            in.release();
            bytes = before;
        }
        splice.begin(bytes, session.gone() ? null : session.channel());
        try {
            int at = scan(server, bytes, bytes.readerIndex());
            int rest = bytes.writerIndex() - at;
            if (rest > 0) {
                held = session.channel().alloc().directBuffer(Math.max(rest, 256));
                held.writeBytes(bytes, at, rest);
            }
            session.output().wrote(splice.end(at));
            if (failed != FirstAnswer.Found.ANSWER) {
                FirstAnswer.Found found = failed;
                failed = FirstAnswer.Found.ANSWER;
                ReplicaFallback fallback = session.fallback();
                if (fallback != null) {
                    fallback.failed(server, found);
                }
            }
        } catch (ProtocolException e) {
            splice.redirect(null, bytes.writerIndex());
            splice.end(bytes.writerIndex());
            throw e;
        }
    }

    /** Whether the bytes so far end with a whole message. */
    boolean betweenMessages() {
        return remaining == 0 && held == null;
    }

    /** The server connection is gone, and with it what has come of a message. */
    void release() {
        remaining = 0;
        dropping = false;
        ByteBuf bytes = held;
        held = null;
        if (bytes != null) {
            bytes.release();
        }
    }

    private int scan(ServerConnection server, ByteBuf in, int start) throws ProtocolException {
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
            }
            if (end - at < FrontendMessage.HEADER) {
                return at;
            }
            Routing routing = session.routing();
            if (routing != null && routing.undecided() && tells(in.getByte(at))) {
                FirstAnswer.Found found = FirstAnswer.look(in, at, end);
                switch (found) {
                    case NOTHING -> {
                        return at;
                    }
                    case ANSWER -> {
                        if (forClient()) {
                            routing.answered();
                        }
                    }
                    case FAILED, DOWN, REFUSED -> {
                        failed = found;
                        splice.leaveOut(at, end);
                        return end;
                    }
                }
            }
            byte type = in.getByte(at);
            int length = in.getInt(at + 1);
            if (length < FrontendMessage.LENGTH_FIELD) {
                throw new ProtocolException("the server sent a message of length " + length);
            }
            long total = length + 1L;
            if (total > end - at && isRead(type) && total <= MAX_READ) {
                return at;
            }
            dropping = false;
            message(server, in, at, type, total);
            remaining = total;
        }
    }

    /** Whether the message is the client's answer, or may be why there is none. */
    private boolean tells(byte type) {
        return forClient() || type == Backend.ERROR_RESPONSE || type == Backend.NOTICE_RESPONSE;
    }

    private boolean forClient() {
        Reply head = replies.head();
        return head != null && head.forClient();
    }

    /** Whether the message's contents, not only its type, must be known. */
    private boolean isRead(byte type) {
        return switch (type) {
            case Backend.DATA_ROW -> replies.head() == Reply.OWN_CAPTURE;
            case Backend.READY_FOR_QUERY,
                    Backend.COMMAND_COMPLETE,
                    Backend.PARAMETER_STATUS,
                    Backend.ERROR_RESPONSE,
                    Backend.NOTIFICATION_RESPONSE ->
                    true;
            default -> false;
        };
    }

    private void message(ServerConnection server, ByteBuf in, int at, byte type, long total)
            throws ProtocolException {
        Reply head = replies.head();
        // Perf: rows first, they are nearly all there is.
        if (type == Backend.DATA_ROW || type == Backend.COPY_DATA) {
            dropping = !expect(head, type).forClient();
            if (head == Reply.OWN_CAPTURE) {
                captureRow(in, at, total);
            }
            return;
        }
        switch (type) {
            case Backend.COMMAND_COMPLETE -> {
                commandComplete(server, expect(head, type), in, at);
            }
            case Backend.READY_FOR_QUERY -> ready(server, head, in, at, total);
            case Backend.ROW_DESCRIPTION, Backend.NO_DATA -> {
                Reply due = expect(head, type);
                dropping = !due.forClient();
                if (due == Reply.DESCRIBE_STATEMENT || due == Reply.DESCRIBE_PORTAL) {
                    pop(due, in, at, total);
                }
            }
            case Backend.BIND_COMPLETE ->
                    answered(head, Reply.BIND, Reply.BIND, type, in, at, total);
            case Backend.PARSE_COMPLETE -> parsed(head, in, at, total);
            case Backend.CLOSE_COMPLETE -> {
                if (head == Reply.COPY_SETTLEMENT) {
                    copy.closeCompleted();
                    dropping = true;
                } else {
                    answered(head, Reply.CLOSE, Reply.OWN_CLOSE, type, in, at, total);
                }
            }
            case Backend.EMPTY_QUERY_RESPONSE, Backend.PORTAL_SUSPENDED -> {
                Reply due = expect(head, type);
                if (due == Reply.EXECUTE) {
                    pop(due, in, at, total);
                }
            }
            case Backend.ERROR_RESPONSE -> dropping = errors.error(server, head, in, at, total);
            case Backend.PARAMETER_STATUS -> parameter(server, head, in, at, total);
            case Backend.NOTICE_RESPONSE ->
                    dropping = ServerErrors.isOwn(head) || errors.isAside(server, head);
            case Backend.NOTIFICATION_RESPONSE -> {
                // A stand-in is nobody's business but the listener's.
                dropping = ChannelNames.isStandIn(in, at, total);
            }
            case Backend.COPY_IN_RESPONSE, Backend.COPY_BOTH_RESPONSE -> {
                copyIn(server, expect(head, type));
            }
            case Backend.COPY_OUT_RESPONSE,
                    Backend.COPY_DONE,
                    Backend.PARAMETER_DESCRIPTION,
                    Backend.FUNCTION_CALL_RESPONSE ->
                    expect(head, type);
            default -> throw unexpected(head, type);
        }
    }

    private void captureRow(ByteBuf in, int at, long total) throws ProtocolException {
        if (total > in.writerIndex() - at) {
            session.state().captureRefused();
        } else {
            session.state().row(in, at);
        }
    }

    // ---- replies that end with a message of their own ----

    private void parsed(@Nullable Reply head, ByteBuf in, int at, long total)
            throws ProtocolException {
        Reply due = expect(head, Backend.PARSE_COMPLETE);
        switch (due) {
            case PARSE, PARSE_UNNAMED, REPLAY, REPLAY_UNNAMED -> {
                dropping = !due.forClient();
                session.stopwatch().counters().add(Count.SERVER_PARSES);
                pop(due, in, at, total);
            }
            default -> throw unexpected(head, Backend.PARSE_COMPLETE);
        }
    }

    private void answered(
            @Nullable Reply head, Reply one, Reply other, byte type, ByteBuf in, int at, long total)
            throws ProtocolException {
        Reply due = expect(head, type);
        if (due != one && due != other) {
            throw unexpected(due, type);
        }
        dropping = !due.forClient();
        pop(due, in, at, total);
    }

    private void commandComplete(ServerConnection server, Reply head, ByteBuf in, int at) {
        copy.completed();
        dropping = !head.forClient();
        if (head.forClient()) {
            CommandTags.note(in, at + FrontendMessage.HEADER, server, statements, session.state());
        }
        if (head == Reply.EXECUTE) {
            pop(head, in, at, in.getInt(at + 1) + 1L);
        }
    }

    /** Takes the head out, and adds what Weir has to say behind the message that has just come. */
    private void pop(Reply head, ByteBuf in, int at, long total) {
        statements.succeeded(head, replies.headDetail());
        replies.pop();
        next(in, at, total);
    }

    private void next(ByteBuf in, int at, long total) {
        Reply next = replies.head();
        if (next != Reply.MADE_PARSE && next != Reply.MADE_CLOSE && next != Reply.COPY_END) {
            return;
        }
        int behind = (int) (at + total);
        if (dropping) {
            splice.leaveOut(at, behind);
        }
        while (true) {
            switch (replies.head()) {
                case MADE_PARSE -> Messages.bare(splice.insertAt(behind), Backend.PARSE_COMPLETE);
                case MADE_CLOSE -> Messages.bare(splice.insertAt(behind), Backend.CLOSE_COMPLETE);
                case COPY_END -> {}
                case null, default -> {
                    return;
                }
            }
            replies.pop();
        }
    }

    // ---- ReadyForQuery ----

    private void ready(
            ServerConnection server, @Nullable Reply head, ByteBuf in, int at, long total)
            throws ProtocolException {
        Reply due = expect(head, Backend.READY_FOR_QUERY);
        byte status = in.getByte(at + FrontendMessage.HEADER);
        if (due == Reply.COPY_SETTLEMENT) {
            server.status(status);
            settle(status, at, (int) (at + total));
            return;
        }
        if (!due.endsWithReady()) {
            throw unexpected(due, Backend.READY_FOR_QUERY);
        }
        server.status(status);
        dropping = !due.forClient();
        Object detail = replies.headDetail();
        statements.succeeded(due, detail);
        replies.pop();
        if (due.forClient()) {
            session.stopwatch().answered(status == Backend.IDLE, !replies.isEmpty());
        }
        if (due == Reply.OWN_QUERY && detail instanceof StateRestore.Bring bring) {
            session.state().restore().brought(server, bring);
        } else if (due == Reply.OWN_QUERY && detail instanceof StateRestore.Restart) {
            session.state().restore().restarted();
        } else if (due == Reply.OWN_QUERY && detail instanceof StateRestore.Open) {
            session.state().restore().opened(server);
        } else if (due == Reply.OWN_CAPTURE) {
            session.state().captured(server);
            session.notifications().captured();
        }
        next(in, at, total);
    }

    // ---- COPY ----

    private void copyIn(ServerConnection server, Reply head) {
        boolean endSent = replies.contains(Reply.COPY_END);
        copy.started(session.gone());
        session.copyOutcome().started(server, head, endSent);
    }

    private void settle(byte status, int at, int past) {
        dropping = true;
        splice.leaveOut(at, past);
        copy.ready(status, splice.insertAt(past));
        if (!copy.settling()) {
            session.copyOutcome().settled(copy.skips());
        }
    }

    // ---- parameters ----

    private void parameter(
            ServerConnection server, @Nullable Reply head, ByteBuf in, int at, long total)
            throws ProtocolException {
        int body = at + FrontendMessage.HEADER;
        int end = (int) (at + total);
        int nameEnd = total > MAX_READ ? -1 : in.indexOf(body, end, (byte) 0);
        int valueEnd = nameEnd < 0 ? -1 : in.indexOf(nameEnd + 1, end, (byte) 0);
        if (valueEnd < 0) {
            throw new ProtocolException("the server sent a broken ParameterStatus");
        }
        server.parameterReported(
                in.toString(body, nameEnd - body, StandardCharsets.UTF_8),
                in.toString(nameEnd + 1, valueEnd - nameEnd - 1, StandardCharsets.UTF_8));
        if (head == Reply.OWN_QUERY) {
            dropping = true;
        } else {
            session.state().parameterReported();
            session.told(server.parameters());
        }
    }

    private static Reply expect(@Nullable Reply head, byte type) throws ProtocolException {
        if (head == null) {
            throw unexpected(null, type);
        }
        return head;
    }

    private static ProtocolException unexpected(@Nullable Reply head, byte type) {
        return new ProtocolException(
                "the server sent '%c' where %s was to be answered"
                        .formatted((char) (type & 0xff), head == null ? "nothing" : head));
    }
}

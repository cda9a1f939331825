package dev.weir.session;

import dev.weir.classify.TransactionCommand;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;
import dev.weir.session.reply.CopyIn;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.reply.Splice;
import dev.weir.session.state.Effects;
import dev.weir.session.statement.Deallocation;
import dev.weir.session.statement.PreparedStatements;
import dev.weir.session.statement.StatementNames.Named;
import dev.weir.telemetry.Count;
import dev.weir.wire.Backend;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * What is done with each message of a client's: passed on to a server connection, which may have to
 * be lent first, answered by Weir itself, refused, or dropped. Notes in the {@link ReplyQueue} what
 * each will be answered with. Confined to the client's loop.
 */
final class ClientMessages {
    private final ClientSession session;
    private final ClientStream stream;
    private final ReplyQueue replies;
    private final PreparedStatements statements;
    private final Splice splice;
    private final Attachment attachment;

    ClientMessages(
            ClientSession session,
            ClientStream stream,
            PreparedStatements statements,
            Splice splice) {
        this.session = session;
        this.stream = stream;
        this.replies = session.replies();
        this.statements = statements;
        this.splice = splice;
        this.attachment = new Attachment(session, stream, splice);
    }

    /** The wait ended without a server connection: the message that asked for it is refused. */
    void refuse(ServerUnavailableException reason) {
        attachment.refuse(reason);
    }

    /** Handles one message; false if it has to wait for more bytes or for a server connection. */
    boolean handle(ByteBuf in, int at, int end, FrontendMessage type, long total)
            throws ProtocolException {
        if (session.copy().inDoubt()) {
            if (session.copy().asks()) {
                Messages.flush(splice.insertAt(at));
            }
            return stream.waitForOutcome();
        }
        if (type == FrontendMessage.TERMINATE) {
            stream.drop();
            session.terminated();
            return true;
        }
        if (stream.skipping() && type != FrontendMessage.SYNC) {
            stream.drop();
            return true;
        }
        Routing routing = session.routing();
        if (routing != null && routing.holdsBack() && type != FrontendMessage.FLUSH) {
            return stream.waitForOutcome();
        }
        switch (type) {
            case COPY_DATA, COPY_DONE, COPY_FAIL -> {
                copy(type);
                return true;
            }
            case FLUSH -> {
                if (session.server() == null) {
                    stream.drop();
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
            return stream.waitFor(statements.needed());
        }
        if (statements.mustWait(in, at, end, type, total)) {
            return stream.waitForOutcome();
        }
        if (type == FrontendMessage.QUERY) {
            Named gone = statements.deallocated(in, at, end, total);
            if (gone != null && !stream.batchOpen()) {
                if (!replies.isEmpty()) {
                    return stream.waitForOutcome();
                }
                if (deallocate(gone)) {
                    return true;
                }
            }
        }
        RefusedStatement wrong = wrong(in, at, end, type, total, server);
        if (wrong != null) {
            refuse(at, type, server, wrong);
            return true;
        }
        if (server == null && type == FrontendMessage.QUERY && answersAtOnce(in, at, end, total)) {
            return true;
        }
        if (waitsForListener(in, at, end, type, total)) {
            return false;
        }
        server = attachment.attach(in, at, end, type, total);
        if (server == null) {
            return attachment.answersRefusal(in, at, end, type, total);
        }
        forward(in, at, end, type, total, server);
        return true;
    }

    /** Why Weir itself refuses the statement; null if it does not. */
    private @Nullable RefusedStatement wrong(
            ByteBuf in,
            int at,
            int end,
            FrontendMessage type,
            long total,
            @Nullable ServerConnection server) {
        Routing routing = session.routing();
        if (routing == null) {
            return null;
        }
        if (server != null
                && routing.onReplica()
                && tiesToReplica(in, at, end, type, total, server)) {
            return RefusedStatement.TIES;
        }
        RefusedStatement write =
                routing.readOnly() ? ReadOnly.refuses(in, at, end, type, total) : null;
        if (write != null) {
            return write;
        }
        String mistake = routing.mistake(in, at, end, type, total);
        return mistake == null
                ? null
                : new RefusedStatement(SqlState.INVALID_PARAMETER_VALUE, mistake);
    }

    /** Answers a Query that only begins or ends a transaction of which no server has heard. */
    private boolean answersAtOnce(ByteBuf in, int at, int end, long total) {
        Routing routing = session.routing();
        if (routing == null
                || stream.batchOpen()
                || attachment.isRefused()
                || !session.channel().isWritable()) {
            return false;
        }
        TransactionCommand command = routing.answers(in, at, end, total);
        if (command == null) {
            return false;
        }
        stream.drop();
        session.output().completed(command.kind().tag());
        session.output().ready(session.status());
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

    /** Answers a message with an error, and lets the transaction fail with it. */
    private void refuse(
            int at,
            FrontendMessage type,
            @Nullable ServerConnection server,
            RefusedStatement refused) {
        stream.drop();
        if (server == null) {
            session.output().error(refused.state().code(), refused.sentence());
            Routing routing = session.routing();
            if (routing != null) {
                routing.failed();
            }
            if (type == FrontendMessage.QUERY) {
                session.output().ready(session.status());
            } else {
                stream.skips(true);
            }
            return;
        }
        ByteBuf out = splice.insertAt(at);
        server.unnamedIs(null);
        if (type == FrontendMessage.QUERY) {
            Messages.query(out, RefusedStatement.FAILING);
            replies.add(Reply.QUERY, refused);
            stream.batchOpen(false);
            batchSent();
        } else {
            RefusedStatement.parse(out);
            replies.add(Reply.REPLAY_UNNAMED, refused);
            stream.batchOpen(true);
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
        stream.drop();
        statements.deallocate(named);
        session.output().message(Deallocation.DONE);
        session.output().ready(status);
        return true;
    }

    /** Whether the message listens to channels that are not heard yet, or has been rewritten. */
    private boolean waitsForListener(
            ByteBuf in, int at, int end, FrontendMessage type, long total) {
        if (!statements.mayListen(in, at, end, type, total)) {
            return false;
        }
        ByteBuf instead = session.notifications().listening().translate(in, at, type, (int) total);
        if (instead == null) {
            return false;
        }
        if (instead == in) {
            stream.waitForOutcome();
        } else {
            int past = (int) (at + total);
            stream.replace(instead.writeBytes(in, past, end - past));
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
                stream.batchOpen(false);
                statements.queried(in, at, end, total, server);
                batchSent();
            }
            case FUNCTION_CALL -> {
                stream.batchOpen(false);
                replies.add(Reply.QUERY);
            }
            case EXECUTE -> {
                stream.batchOpen(true);
                statements.executed(in, at);
            }
            default -> {
                stream.batchOpen(true);
                count(type);
                int upTo = statements.handle(in, at, end, type, total, server, splice);
                stream.dealtWith(upTo);
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
            session.output()
                    .bare(
                            head == Reply.MADE_PARSE
                                    ? Backend.PARSE_COMPLETE
                                    : Backend.CLOSE_COMPLETE);
            replies.pop();
            head = replies.head();
        }
    }

    private void copy(FrontendMessage type) {
        CopyIn copy = session.copy();
        if (copy.open()) {
            if (type != FrontendMessage.COPY_DATA) {
                copy.ended();
            }
        } else if (replies.isEmpty()) {
            // Protocol: late data of a COPY that has failed is ignored (section 54.2.6).
            stream.drop();
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

    private boolean sync(ByteBuf in, int at, int end, long total) throws ProtocolException {
        if (session.copy().open()) {
            session.copy().synced();
            return true;
        }
        if (session.server() == null && (stream.skipping() || session.status() != Backend.IDLE)) {
            stream.drop();
            stream.skips(false);
            session.output().ready(session.status());
            return true;
        }
        ServerConnection server = attachment.attach(in, at, end, FrontendMessage.SYNC, total);
        if (server == null) {
            return attachment.answersRefusal(in, at, end, FrontendMessage.SYNC, total);
        }
        stream.skips(false);
        stream.batchOpen(false);
        replies.add(Reply.SYNC);
        batchSent();
        return true;
    }
}

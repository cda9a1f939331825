package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.session.reply.CopyIn;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.reply.Splice;
import dev.weir.session.state.StateRestore;
import dev.weir.session.statement.ErrorNames;
import dev.weir.session.statement.StatementOutcomes;
import dev.weir.wire.Backend;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * What an error that the lent server connection reports means: for the messages that it skips from
 * there on, for those of Weir's own, and for the words in which the client hears of it. Confined to
 * the client's loop.
 */
final class ServerErrors {
    private final ClientSession session;
    private final ReplyQueue replies;
    private final StatementOutcomes statements;
    private final CopyIn copy;
    private final Splice splice;

    /** What {@code splice} passes on to the client is looked at in it. */
    ServerErrors(ClientSession session, StatementOutcomes statements, Splice splice) {
        this.session = session;
        this.replies = session.replies();
        this.statements = statements;
        this.copy = session.copy();
        this.splice = splice;
    }

    /**
     * Deals with an ErrorResponse.
     *
     * @return whether the client is not to get it
     */
    boolean error(ServerConnection server, @Nullable Reply head, ByteBuf in, int at, long total) {
        int length = (int) Math.min(total, in.writerIndex() - at) - FrontendMessage.HEADER;
        ErrorFields fields = ErrorFields.read(in, at + FrontendMessage.HEADER, length);
        boolean fatal = fields.fatal();
        boolean dropping = false;
        if (fatal) {
            // Nobody but Weir has anything to do with it if the client's statement was never sent.
            dropping = session.state().replaceable(server) || isAside(server, head);
            session.serverEnd().saidGoodbye(!dropping);
        }
        boolean inDoubt = copy.failed();
        if (isOwn(head) && !fatal) {
            ownFailed(server, head, fields);
            return true;
        }
        if (!dropping) {
            session.output().told(fields.sqlState());
        }
        Object detail = replies.isEmpty() ? null : replies.headDetail();
        byte[] clientName = StatementOutcomes.clientName(detail);
        String stopped = total > ServerStream.MAX_READ ? null : session.stoppedByWeir(fields);
        if (stopped != null) {
            splice.leaveOut(at, (int) (at + total));
            Messages.error(
                    splice.insertAt((int) (at + total)), "ERROR", fields.sqlState(), stopped, null);
        } else if (detail instanceof RefusedStatement refused && refused.caused(fields)) {
            splice.leaveOut(at, (int) (at + total));
            refused.writeTo(splice.insertAt((int) (at + total)));
        } else if (clientName != null
                && total <= ServerStream.MAX_READ
                && ErrorNames.mayOccur(fields.sqlState())) {
            rename(in, at, total, clientName);
        }
        boolean skips = head != null && !head.endsWithReady();
        if (skips) {
            boolean syncComing =
                    replies.dropUntilSync((reply, undo) -> {
                        if (undo == detail && reply == head) {
                            statements.failed(reply, undo, server, fields);
                        } else {
                            statements.skipped(reply, undo, server);
                        }
                    });
            if (!syncComing && !inDoubt && !session.gone()) {
                session.clientStream().skipToSync();
            }
        }
        if (inDoubt && !fatal) {
            session.copyOutcome().failed(server, skips);
        }
        return dropping;
    }

    /** Whether it answers what Weir itself has asked for. */
    static boolean isOwn(@Nullable Reply head) {
        return head == Reply.OWN_QUERY || head == Reply.OWN_CAPTURE;
    }

    /** Whether what the server says, which nobody has asked it, does not concern the client. */
    boolean isAside(ServerConnection server, @Nullable Reply head) {
        return head == null && session.leaseEnd().needsNoMore(server);
    }

    private void ownFailed(ServerConnection server, @Nullable Reply head, ErrorFields fields) {
        if (head == Reply.OWN_CAPTURE) {
            session.state().captureRefused();
        } else if (replies.headDetail() instanceof StateRestore.Open open) {
            if (!open.fails()) {
                session.state().restore().refused(fields);
            }
        } else if (replies.headDetail() instanceof StateRestore.Bring) {
            session.state().restore().refused(fields);
        } else if (!(replies.headDetail() instanceof StateRestore.Restart)) {
            server.poison();
        }
    }

    /** The client knows its statement under its own name. */
    private void rename(ByteBuf in, int at, long total, byte[] clientName) {
        byte[] renamed =
                ErrorNames.rename(in, at + FrontendMessage.HEADER, (int) total - 5, clientName);
        if (renamed != null) {
            splice.leaveOut(at, (int) (at + total));
            ByteBuf out = splice.insertAt((int) (at + total));
            out.writeByte(Backend.ERROR_RESPONSE);
            out.writeInt(renamed.length + FrontendMessage.LENGTH_FIELD);
            out.writeBytes(renamed);
        }
    }
}

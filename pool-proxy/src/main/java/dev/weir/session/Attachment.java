package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;
import dev.weir.session.reply.Splice;
import dev.weir.sql.Lexer;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

/**
 * The server connection for a client's message: the one that is lent, or one that is lent for it;
 * and what the client hears if there is none. Confined to the client's loop.
 */
final class Attachment {
    private final ClientSession session;
    private final ClientStream stream;
    private final Splice splice;

    /** Why there is no server connection for the next message; null if there may be one. */
    private @Nullable ServerUnavailableException refusal;

    Attachment(ClientSession session, ClientStream stream, Splice splice) {
        this.session = session;
        this.stream = stream;
        this.splice = splice;
    }

    /** The wait ended without a server connection. */
    void refuse(ServerUnavailableException reason) {
        refusal = reason;
    }

    /** Whether there is none for the next message. */
    boolean isRefused() {
        return refusal != null;
    }

    /**
     * The server connection that is to get the message at {@code at}; null if there is none yet, or
     * none at all, which {@link #answersRefusal} tells apart.
     */
    @Nullable ServerConnection attach(
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
            stream.waitForOutcome();
            return null;
        }
        Routing routing = session.routing();
        if (routing != null && !routing.decide(in, at, end, type, total)) {
            refusal = routing.takeRefusal();
            return null;
        }
        server = session.lending().lease();
        if (server == null) {
            refusal = session.lending().takeRefusal();
            ServerUnavailableException reason = refusal;
            if (reason != null && routing != null && routing.triesOn(reason)) {
                refusal = null;
                routing.retry(reason);
                return attach(in, at, end, type, total);
            }
            return null;
        }
        if (session.leaseStart().outdated()) {
            return attach(in, at, end, type, total);
        }
        if (!session.leaseStart().ready(server)) {
            return null;
        }
        splice.redirect(server.channel(), at);
        return server;
    }

    /**
     * Answers a message for which there is no server connection; false if the client is still
     * waiting for one.
     */
    boolean answersRefusal(ByteBuf in, int at, int end, FrontendMessage type, long total)
            throws ProtocolException {
        ServerUnavailableException reason = refusal;
        if (reason == null) {
            return stream.waitFor(0);
        }
        if (beginsWhatFollows(in, at, end, type, total)) {
            // What stands behind it was sent to be part of a transaction that does not begin.
            throw new ProtocolException(
                    reason.sqlState(),
                    reason.sentence()
                            + " It was a BEGIN, and more was sent behind it that must not be carried out without it.");
        }
        refusal = null;
        Routing routing = session.routing();
        if (routing != null) {
            routing.refused();
        }
        if (reason.kind() == ServerUnavailableException.Kind.CLOSING) {
            throw new ProtocolException(SqlState.ADMIN_SHUTDOWN, reason.sentence());
        }
        stream.drop();
        session.output().error(reason.sqlState(), reason.sentence());
        if (routing != null) {
            routing.failed();
        }
        switch (type) {
            case QUERY, FUNCTION_CALL, SYNC -> session.output().ready(session.status());
            default -> stream.skips(true);
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
}

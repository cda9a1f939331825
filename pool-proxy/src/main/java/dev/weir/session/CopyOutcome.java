package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.session.reply.CopyIn;
import dev.weir.session.reply.Reply;

import io.netty.buffer.ByteBuf;

/**
 * What the beginning and the failure of a COPY FROM STDIN mean for what its client has sent behind
 * it already: which of that PostgreSQL has taken for data, and which for messages, {@link CopyIn}
 * finds out. Confined to the client's loop.
 */
final class CopyOutcome {
    private final ClientSession session;
    private final ClientStream stream;
    private final CopyIn copy;
    private final Departure departure;

    CopyOutcome(ClientSession session, Departure departure) {
        this.session = session;
        this.stream = session.clientStream();
        this.copy = session.copy();
        this.departure = departure;
    }

    /**
     * PostgreSQL wants data.
     *
     * @param head what it answers with that
     * @param endSent whether the end of the data is on its way
     */
    void started(ServerConnection lent, Reply head, boolean endSent) {
        if (head == Reply.EXECUTE && !session.replies().contains(Reply.SYNC)) {
            stream.copyAteSync();
        }
        if (session.gone() && !endSent) {
            departure.failCopy(lent, head);
        }
    }

    /** It has failed, and it is to be found out which of the client's Syncs counted. */
    void failed(ServerConnection lent, boolean skips) {
        if (session.gone()) {
            return;
        }
        copy.settle(skips);
        if (!stream.midMessage()) {
            ByteBuf question = lent.channel().alloc().directBuffer(64);
            copy.ask(question);
            lent.write(question);
            session.wroteToServer(true);
        }
    }

    /** That has been found out. */
    void settled(boolean skips) {
        stream.synced();
        if (skips && !session.gone()) {
            stream.skipToSync();
        }
    }
}

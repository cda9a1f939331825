package dev.weir.session.reply;

import dev.weir.server.ServerStatements;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;

/**
 * The COPY from the client that a session is in, if any. Confined to the client's loop.
 *
 * <p>PostgreSQL ignores a Sync that it meets in the midst of a COPY, and answers one that it meets
 * when the COPY has failed (manual section 54.2.6). From outside it cannot be seen on which side of
 * the failure a Sync was. So when a COPY has failed that had Syncs in its midst, Weir sends a Sync
 * of its own, a Close that does nothing, and another Sync: what is answered before the
 * CloseComplete, but for the last, are the client's. Meanwhile the client is not read on.
 */
public final class CopyIn {
    /** No registry gives names like this, and to close what is unknown succeeds. */
    private static final byte[] NOBODY =
            (ServerStatements.PREFIX + "?").getBytes(StandardCharsets.US_ASCII);

    private final ReplyQueue replies;

    /** CopyInResponse has come, the end of the COPY has not. */
    private boolean underWay;

    /** The client has not ended it. */
    private boolean open;

    /** Syncs in its midst. */
    private int syncs;

    private boolean asked;
    private boolean settling;

    /** What will tell is still to be sent, behind the message that is on its way in pieces. */
    private boolean owesQuestion;

    private boolean skips;

    /** A ReadyForQuery has come that is the client's, unless the CloseComplete is next. */
    private boolean pending;

    private byte pendingStatus;
    private boolean closeSeen;
    private int answered;

    /** None is under way in a new session. */
    public CopyIn(ReplyQueue replies) {
        this.replies = replies;
    }

    /** Whether the server wants data that the client may still send. */
    public boolean open() {
        return open;
    }

    /**
     * Whether the client's next message has to wait because it is not known which Syncs counted.
     */
    public boolean inDoubt() {
        return settling || (syncs > 0 && !open);
    }

    /**
     * Whether the server is to be asked for what it has to say, which it may keep back until a Sync
     * or Flush. True once.
     */
    public boolean asks() {
        boolean first = !asked;
        asked = true;
        return first;
    }

    /** The client has sent a Sync in the midst of it. */
    public void synced() {
        syncs++;
        replies.add(Reply.COPY_SYNC);
    }

    /** The client has sent CopyDone or CopyFail. */
    public void ended() {
        open = false;
        replies.add(Reply.COPY_END);
    }

    /**
     * CopyInResponse has come for the head of the queue. The Syncs that were sent right behind it
     * are in its midst.
     *
     * @param clientGone true if nobody will send data, nor is interested in Syncs
     */
    public void started(boolean clientGone) {
        underWay = true;
        asked = false;
        int behind = 0;
        while (replies.size() > 1
                && (replies.at(1) == Reply.SYNC || replies.at(1) == Reply.OWN_SYNC)) {
            replies.remove(1);
            behind++;
        }
        open = replies.size() == 1;
        if (open && !clientGone) {
            for (int i = 0; i < behind; i++) {
                synced();
            }
        }
    }

    /** A command has completed: if it was the COPY, its Syncs were ignored. */
    public void completed() {
        if (underWay) {
            end();
            if (replies.size() > 1 && replies.at(1) == Reply.COPY_END) {
                replies.remove(1);
            }
        }
    }

    /** The head of the queue has failed; returns whether Syncs are in doubt now. */
    public boolean failed() {
        boolean doubtful = underWay && syncs > 0;
        end();
        return doubtful;
    }

    /** The client has gone, or has ended it in another way. */
    public void abandoned() {
        open = false;
    }

    private void end() {
        underWay = false;
        open = false;
        syncs = 0;
        while (replies.size() > 1 && replies.at(1) == Reply.COPY_SYNC) {
            replies.remove(1);
        }
    }

    // ---- which Syncs counted ----

    /**
     * From now on it is to be found out. {@link #ask} has to follow as soon as no message is on its
     * way to the server in part.
     *
     * @param skipping whether PostgreSQL, unless it has met a Sync, ignores all up to the next one
     */
    public void settle(boolean skipping) {
        settling = true;
        owesQuestion = true;
        skips = skipping;
        pending = false;
        closeSeen = false;
        answered = 0;
        replies.add(Reply.COPY_SETTLEMENT);
    }

    /** Whether {@link #ask} is due. */
    public boolean owesQuestion() {
        return owesQuestion;
    }

    /** Writes what will tell. */
    public void ask(ByteBuf toServer) {
        owesQuestion = false;
        Messages.sync(toServer);
        Messages.statement(toServer, FrontendMessage.CLOSE, NOBODY);
        Messages.sync(toServer);
    }

    /**
     * A ReadyForQuery has come, to be left out of what the client hears.
     *
     * @param toClient where one goes that came before and is the client's
     */
    public void ready(byte status, ByteBuf toClient) {
        if (closeSeen) {
            settling = false;
            replies.pop();
            return;
        }
        if (pending) {
            answered++;
            Messages.readyForQuery(toClient, pendingStatus);
        }
        pending = true;
        pendingStatus = status;
    }

    /** The CloseComplete has come that tells. */
    public void closeCompleted() {
        closeSeen = true;
    }

    /** Whether that is being found out. */
    public boolean settling() {
        return settling;
    }

    /** Whether, now that it is settled, the client's messages count for nothing up to a Sync. */
    public boolean skips() {
        return skips && answered == 0;
    }
}

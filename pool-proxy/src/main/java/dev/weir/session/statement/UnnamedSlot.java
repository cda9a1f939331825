package dev.weir.session.statement;

import dev.weir.server.ServerConnection;
import dev.weir.server.UnnamedStatement;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.reply.Splice;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;

/**
 * The client's unnamed statement, which must be there on whatever server connection a Bind or
 * Describe of it goes to. Confined to the client's loop.
 */
final class UnnamedSlot {
    private final ReplyQueue replies;

    /** What the last message that changed it made of it. */
    private UnnamedStatement sent = UnnamedStatement.ABSENT;

    /** What it is as far as replies have come. */
    private UnnamedStatement confirmed = UnnamedStatement.ABSENT;

    /** The batch of the last message that changed it, here or on the server connection. */
    private long changedIn = -1;

    UnnamedSlot(ReplyQueue replies) {
        this.replies = replies;
    }

    /** Whether it depends on the outcome of an earlier batch what it is. */
    boolean inDoubt() {
        return replies.unsettled(changedIn);
    }

    /** A Parse of it is being sent. */
    void parsed(UnnamedStatement statement, ServerConnection server) {
        changed(statement, server);
        replies.add(Reply.PARSE_UNNAMED, statement);
    }

    /** A Query is being sent, which destroys it (section 54.2.3). */
    void queried(ServerConnection server) {
        changed(UnnamedStatement.ABSENT, server);
        replies.add(Reply.QUERY, UnnamedStatement.ABSENT);
    }

    /** A Close of it is being sent. */
    void closed(ServerConnection server) {
        changed(UnnamedStatement.ABSENT, server);
        replies.add(Reply.CLOSE, UnnamedStatement.ABSENT);
    }

    /**
     * Makes the server connection's unnamed statement the client's own: another client may have
     * parsed since.
     *
     * @param at where the message begins that is about it
     */
    void ensure(int at, ServerConnection server, Splice splice) {
        UnnamedStatement wanted = current();
        if (server.unnamed() == wanted) {
            return;
        }
        byte[] definition = wanted.definition();
        ByteBuf out = splice.insertAt(at);
        if (definition == null) {
            Messages.statement(out, FrontendMessage.CLOSE, new byte[0]);
            changed(UnnamedStatement.ABSENT, server);
            replies.add(Reply.OWN_CLOSE);
        } else {
            Messages.parse(out, new byte[0], definition);
            changed(wanted, server);
            replies.add(Reply.REPLAY_UNNAMED, wanted);
        }
    }

    /** What it is for a Bind that is being sent. */
    UnnamedStatement current() {
        // What earlier batches made of it has been confirmed or undone: the client waited for that.
        return changedIn == replies.batch() ? sent : confirmed;
    }

    /** Writes a Parse of it, which is not what the client has written. */
    static void write(UnnamedStatement statement, ByteBuf out) {
        byte[] definition = statement.definition();
        if (definition != null) {
            Messages.parse(out, new byte[0], definition);
        }
    }

    private void changed(UnnamedStatement statement, ServerConnection server) {
        sent = statement;
        server.unnamedIs(statement);
        changedIn = replies.batch();
    }

    // ---- what the replies say ----

    /** A message has succeeded that changed it. */
    void confirm(UnnamedStatement statement) {
        confirmed = statement;
    }

    /**
     * A Parse of the client's has failed: PostgreSQL drops the old one before it looks at the new.
     */
    void parseFailed(ServerConnection server) {
        confirmed = UnnamedStatement.ABSENT;
        server.unnamedIs(null);
    }

    /** A message would have changed it and has not; what the server has now is another matter. */
    void notChanged(ServerConnection server) {
        server.unnamedIs(null);
    }
}

package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.wire.Backend;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Brings the server connection of a client that has left back to order: ends its COPY, lets its
 * statements finish or stops them, rolls back, and returns it. What cannot be brought to order
 * within the deadline is closed. On the client's loop.
 *
 * <p>A client that said Terminate may rely on what it sent before being carried out; one that
 * vanished may not, since PostgreSQL, too, would stop at the first reply that it cannot send.
 */
final class Departure {
    private final ClientSession session;
    private final Lending lending;
    private final Duration timeout;
    private @Nullable ScheduledFuture<?> deadline;

    Departure(ClientSession session, Lending lending, Duration timeout) {
        this.session = session;
        this.lending = lending;
        this.timeout = timeout;
    }

    /** Starts, once, when the client is gone. */
    void begin(ServerConnection server, boolean terminated) {
        ClientStream stream = session.clientStream();
        ReplyQueue replies = session.replies();
        if (server.poisoned() || stream.midMessage() || session.copy().inDoubt()) {
            session.abandonServer();
            return;
        }
        if (session.copy().open()) {
            failCopy(server, Reply.QUERY);
        }
        if (stream.batchOpen() || stream.skipping()) {
            sync(server);
        }
        server.flush();
        if (replies.isEmpty()) {
            drained(server);
            return;
        }
        if (!terminated) {
            session.cancel().running(server, () -> {});
            startDeadline(server);
        }
    }

    private void startDeadline(ServerConnection server) {
        if (deadline == null) {
            deadline =
                    server.loop()
                            .schedule(
                                    session::abandonServer,
                                    timeout.toMillis(),
                                    TimeUnit.MILLISECONDS);
        }
    }

    /** A COPY wants data that will never come. */
    void failCopy(ServerConnection server, Reply head) {
        ByteBuf fail = server.channel().alloc().directBuffer(64);
        Messages.copyFail(fail, "the client has gone");
        server.write(fail);
        session.copy().abandoned();
        if (head == Reply.EXECUTE) {
            sync(server);
        }
        server.flush();
    }

    private void sync(ServerConnection server) {
        ClientStream.writeSync(server);
        session.replies().add(Reply.OWN_SYNC);
        session.clientStream().synced();
    }

    /** No reply is owed any more. */
    void drained(ServerConnection server) {
        if (server.status() == Backend.IDLE) {
            over();
            if (server.poisoned()) {
                session.abandonServer();
            } else {
                lending.giveBack();
            }
            return;
        }
        startDeadline(server);
        session.replies().add(Reply.OWN_QUERY);
        server.query("ROLLBACK");
        server.flush();
    }

    /** The server connection is with the pool again, or lost. */
    void over() {
        ScheduledFuture<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
    }
}

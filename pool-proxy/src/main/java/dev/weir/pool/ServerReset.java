package dev.weir.pool;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerView;
import dev.weir.wire.Backend;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.util.concurrent.ScheduledFuture;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Holds a server connection while DISCARD ALL runs on it, so that no client meets another's state.
 * On the connection's loop only.
 */
final class ServerReset implements ServerConnection.Holder {
    private final BiConsumer<ServerConnection, Boolean> done;
    private final CompositeByteBuf unread;
    private final ScheduledFuture<?> deadline;
    private boolean failed;
    private boolean over;

    /**
     * Starts a reset.
     *
     * @param done hears once whether the connection is as new; if not, it has to be closed
     */
    static void start(
            ServerConnection server, Duration timeout, BiConsumer<ServerConnection, Boolean> done) {
        ServerReset reset = new ServerReset(server, timeout, done);
        server.heldBy(reset);
        server.query("DISCARD ALL");
        server.flush();
    }

    private ServerReset(
            ServerConnection server, Duration timeout, BiConsumer<ServerConnection, Boolean> done) {
        this.done = done;
        this.unread = server.channel().alloc().compositeBuffer();
        this.deadline =
                server.loop()
                        .schedule(
                                () -> finish(server, false),
                                timeout.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void serverRead(ServerConnection server, ByteBuf bytes) {
        if (over) {
            bytes.release();
            return;
        }
        unread.addComponent(true, bytes);
        while (!over && unread.readableBytes() >= FrontendMessage.HEADER) {
            int start = unread.readerIndex();
            int length = unread.getInt(start + 1);
            if (length < FrontendMessage.LENGTH_FIELD || length > 64 * 1024) {
                finish(server, false);
                return;
            }
            if (unread.readableBytes() < length + 1) {
                return;
            }
            message(server, unread.getByte(start), start + FrontendMessage.HEADER);
            if (!over) {
                unread.readerIndex(start + length + 1);
                unread.discardReadComponents();
            }
        }
    }

    private void message(ServerConnection server, byte type, int body) {
        switch (type) {
            case Backend.ERROR_RESPONSE -> failed = true;
            case Backend.PARAMETER_STATUS -> {
                int nameEnd = unread.indexOf(body, unread.writerIndex(), (byte) 0);
                int valueEnd = unread.indexOf(nameEnd + 1, unread.writerIndex(), (byte) 0);
                server.parameterReported(
                        unread.toString(
                                body, nameEnd - body, java.nio.charset.StandardCharsets.UTF_8),
                        unread.toString(
                                nameEnd + 1,
                                valueEnd - nameEnd - 1,
                                java.nio.charset.StandardCharsets.UTF_8));
            }
            case Backend.READY_FOR_QUERY ->
                    finish(server, !failed && unread.getByte(body) == Backend.IDLE);
            default -> {}
        }
    }

    private void finish(ServerConnection server, boolean clean) {
        if (over) {
            return;
        }
        over = true;
        deadline.cancel(false);
        unread.release();
        if (clean) {
            server.wasReset();
        }
        done.accept(server, clean);
    }

    @Override
    public ServerView.State purpose() {
        return ServerView.State.TESTED;
    }

    @Override
    public void serverReadComplete(ServerConnection server) {}

    @Override
    public void serverWritabilityChanged(ServerConnection server) {}

    @Override
    public void serverClosed(ServerConnection server) {
        finish(server, false);
    }
}

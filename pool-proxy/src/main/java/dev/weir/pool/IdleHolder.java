package dev.weir.pool;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerView;
import dev.weir.wire.Backend;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;

import java.nio.charset.StandardCharsets;

/**
 * Holds the server connections that are nobody's. PostgreSQL may speak even then (manual section
 * 54.2.7): a reload changes a parameter, a shutdown says its last words. Whatever cannot be
 * followed ends the server connection, which costs nobody anything.
 */
final class IdleHolder implements ServerConnection.Holder {
    private final Shelf shelf;

    IdleHolder(Shelf shelf) {
        this.shelf = shelf;
    }

    @Override
    public void serverRead(ServerConnection server, ByteBuf bytes) {
        try {
            while (bytes.isReadable()) {
                if (!message(server, bytes)) {
                    shelf.remove(server);
                    server.poison();
                    server.close();
                    return;
                }
            }
        } finally {
            bytes.release();
        }
    }

    /**
     * Reads one whole message; false if it is one that an idle server connection does not survive.
     */
    private static boolean message(ServerConnection server, ByteBuf bytes) {
        if (bytes.readableBytes() < FrontendMessage.HEADER) {
            return false;
        }
        byte type = bytes.readByte();
        int length = bytes.readInt() - FrontendMessage.LENGTH_FIELD;
        if (length < 0 || bytes.readableBytes() < length) {
            return false;
        }
        ByteBuf body = bytes.readSlice(length);
        return switch (type) {
            case Backend.NOTICE_RESPONSE, Backend.NOTIFICATION_RESPONSE -> true;
            case Backend.PARAMETER_STATUS -> {
                int name = body.bytesBefore((byte) 0);
                int value = name < 0 ? -1 : body.indexOf(name + 1, length, (byte) 0) - name - 1;
                if (value < 0) {
                    yield false;
                }
                server.parameterReported(
                        body.toString(0, name, StandardCharsets.UTF_8),
                        body.toString(name + 1, value, StandardCharsets.UTF_8));
                yield true;
            }
            default -> false;
        };
    }

    @Override
    public ServerView.State purpose() {
        return ServerView.State.IDLE;
    }

    @Override
    public void serverReadComplete(ServerConnection server) {}

    @Override
    public void serverWritabilityChanged(ServerConnection server) {}

    @Override
    public void serverClosed(ServerConnection server) {
        shelf.remove(server);
    }

    /** Says goodbye in the protocol's own way and closes. */
    static void goodbye(ServerConnection server) {
        server.poison();
        ByteBuf terminate = server.channel().alloc().directBuffer(FrontendMessage.HEADER);
        Messages.terminate(terminate);
        server.channel().writeAndFlush(terminate).addListener(ChannelFutureListener.CLOSE);
    }
}

package dev.weir.session;

import dev.weir.net.BufferMemory;
import dev.weir.server.ServerConnection;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;

/**
 * Lets neither side of a session send faster than the other takes it: what is on its way in between
 * is bounded, and bounded more tightly while memory is scarce. Confined to the client's loop.
 */
final class FlowControl {
    /** What is kept of the answers while memory is scarce: a page, and twice that. */
    private static final WriteBufferWaterMark NARROW = new WriteBufferWaterMark(4096, 8192);

    private final ClientSession session;
    private final Channel client;
    private final BufferMemory memory;

    /** Little of its answers is kept for the client. */
    private boolean narrow;

    FlowControl(ClientSession session, Channel client, BufferMemory memory) {
        this.session = session;
        this.client = client;
        this.memory = memory;
    }

    /** Whether the client may have to be stopped, or can be let on. */
    boolean underPressure() {
        return serverIsFull() || session.waitsForReplies() || !client.config().isAutoRead();
    }

    private boolean serverIsFull() {
        ServerConnection lent = session.server();
        return lent != null && !lent.channel().isWritable();
    }

    /** Stops or goes on reading from the client, as what it sent can be passed on. */
    void regulateClient() {
        boolean full =
                serverIsFull()
                        || (session.blocked() && session.clientStream().heldBytes() > mayHold());
        if (client.config().isAutoRead() == full) {
            client.config().setAutoRead(!full);
        }
    }

    /** Bytes that may be kept of what the client sends while its next message has to wait. */
    private int mayHold() {
        return memory.scarce() ? 0 : ClientStream.HELD_LIMIT;
    }

    /** While memory is scarce, a client that does not read its answers stops them earlier. */
    void regulateAnswers() {
        boolean scarce = memory.scarce();
        if (scarce != narrow) {
            narrow = scarce;
            client.config().setWriteBufferWaterMark(scarce ? NARROW : WriteBufferWaterMark.DEFAULT);
        }
    }

    /** The client takes more of its answers, or no more. */
    void regulateServer() {
        ServerConnection lent = session.server();
        if (lent != null) {
            lent.channel().config().setAutoRead(client.isWritable());
        }
    }
}

package dev.weir.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Last words to a client. On the client's event loop. */
final class ClosingWrite {
    /** Whoever does not take in what is left within this time, in seconds, goes without it. */
    private static final int PATIENCE = 60;

    private ClosingWrite() {}

    /**
     * Writes {@code last} behind all that was written before, and closes once it is with the
     * kernel. To close at once would cut off what a slow client has not taken in yet.
     */
    static void writeAndClose(Channel channel, ByteBuf last) {
        channel.config().setAutoRead(false);
        ChannelFuture written = channel.writeAndFlush(last);
        if (written.isDone()) {
            channel.close();
            return;
        }
        Future<?> deadline =
                channel.eventLoop().schedule(() -> channel.close(), PATIENCE, TimeUnit.SECONDS);
        written.addListener(done -> {
            deadline.cancel(false);
            channel.close();
        });
    }

    /** Closes behind all that was written before. */
    static void close(Channel channel) {
        writeAndClose(channel, Unpooled.EMPTY_BUFFER);
    }
}

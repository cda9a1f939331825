package dev.weir.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;

/** Last words to a client. */
final class ClosingWrite {
    private ClosingWrite() {}

    /**
     * Writes {@code last} behind all that was written before, and closes once it is with the
     * kernel.
     */
    static void writeAndClose(Channel channel, ByteBuf last) {
        channel.config().setAutoRead(false);
        channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }
}

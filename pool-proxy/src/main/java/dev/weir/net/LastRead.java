package dev.weir.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Lets nothing be read from a channel that is being closed. TLS asks for more in the midst of its
 * goodbye, and Netty 4.2.18's io_uring would then wait for that on a socket which it has closed:
 * the kernel keeps it open for as long, and the other side never learns of its end.
 */
final class LastRead extends ChannelOutboundHandlerAdapter {
    private boolean closing;

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        closing = true;
        context.channel().config().setAutoRead(false);
        context.close(promise);
    }

    @Override
    public void read(ChannelHandlerContext context) {
        if (!closing) {
            context.read();
        }
    }
}

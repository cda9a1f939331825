package dev.weir.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.uring.IoUringSocketChannel;

/**
 * Lets nothing be read from an io_uring channel that is being closed.
 *
 * <p>Netty 4.2.18 puts a close off while a write is under way, and goes on reading meanwhile: when
 * the socket is closed at last, a poll for more is pending on it. The kernel keeps the socket open
 * for as long, and the other side never learns of its end: a client waits for the end of its
 * connection, and PostgreSQL keeps a process for nobody.
 */
public final class LastRead extends ChannelOutboundHandlerAdapter {
    private boolean closing;

    private LastRead() {}

    /** Guards a new channel, if it is one of io_uring's. Before any other handler is added. */
    public static void guard(Channel channel) {
        if (channel instanceof IoUringSocketChannel) {
            channel.pipeline().addFirst(new LastRead());
        }
    }

    /** Adds a handler that comes first of all, but for the guard. */
    static void addFirst(Channel channel, ChannelHandler handler) {
        ChannelPipeline pipeline = channel.pipeline();
        ChannelHandlerContext guard = pipeline.context(LastRead.class);
        if (guard == null) {
            pipeline.addFirst(handler);
        } else {
            pipeline.addAfter(guard.name(), null, handler);
        }
    }

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

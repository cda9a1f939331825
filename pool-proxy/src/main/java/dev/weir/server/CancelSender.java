package dev.weir.server;

import dev.weir.net.BrokenChannel;
import dev.weir.wire.CancelKey;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends one CancelRequest and waits until PostgreSQL has closed the connection: only then has the
 * signal been sent, so only then may the cancelled server connection serve somebody else.
 */
final class CancelSender extends ChannelInboundHandlerAdapter {
    private final CancelKey key;
    private final Duration timeout;
    private final Consumer<Boolean> settled;
    private boolean done;

    CancelSender(CancelKey key, Duration timeout, Consumer<Boolean> settled) {
        this.key = key;
        this.timeout = timeout;
        this.settled = settled;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ByteBuf request = context.alloc().directBuffer(16 + key.secret().length);
        Messages.cancelRequest(request, key);
        context.writeAndFlush(request);
        context.executor()
                .schedule(
                        () -> {
                            settle(false);
                            context.close();
                        },
                        timeout.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        settle(true);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        BrokenChannel.close(context, cause, "cancel connection");
    }

    void settle(boolean delivered) {
        if (!done) {
            done = true;
            settled.accept(delivered);
        }
    }
}

package dev.weir.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a listener within an {@link AcceptRate}: while it is no connection's turn nothing is
 * accepted, and the kernel's backlog holds who comes. Nobody is refused. On the listener's loop.
 */
final class AcceptGate extends ChannelInboundHandlerAdapter {
    private final AcceptRate rate;

    /**
     * Accepted too early: the first, whose turn has been taken, and those that the transport had
     * already accepted with it. Empty unless the listener rests.
     */
    private final Queue<Object> held = new ArrayDeque<>();

    private long restsSince;

    AcceptGate(AcceptRate rate) {
        this.rate = rate;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object connection) {
        if (!held.isEmpty()) {
            held.add(connection);
            return;
        }
        long wait = rate.reserve();
        if (wait == 0) {
            context.fireChannelRead(connection);
            return;
        }
        held.add(connection);
        restsSince = System.nanoTime();
        rate.resting();
        context.channel().config().setAutoRead(false);
        await(context, wait);
    }

    private void await(ChannelHandlerContext context, long nanos) {
        context.executor().schedule(() -> turnHasCome(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void turnHasCome(ChannelHandlerContext context) {
        if (held.isEmpty()) {
            // The listener has been closed meanwhile.
            return;
        }
        long wait = 0;
        while (wait == 0 && !held.isEmpty()) {
            context.fireChannelRead(held.remove());
            wait = held.isEmpty() ? 0 : rate.reserve();
        }
        if (wait > 0) {
            await(context, wait);
        } else {
            rate.rested(System.nanoTime() - restsSince);
            context.channel().config().setAutoRead(true);
        }
    }

    /** The listener is closed: who has been accepted is served all the same. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        while (!held.isEmpty()) {
            context.fireChannelRead(held.remove());
        }
        context.fireChannelInactive();
    }
}

package dev.weir.net;

import dev.weir.config.ListenConfig;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Where clients are accepted. Any thread may use it. */
public final class Listener implements AutoCloseable {
    private final Channel channel;

    private Listener(Channel channel) {
        this.channel = channel;
    }

    /**
     * Listens; returns when clients are accepted.
     *
     * @param clients prepares each accepted channel
     * @throws ListenException if the address is not to be had; it names the key
     */
    public static Listener open(ListenConfig listen, EventLoops loops, ChannelHandler clients)
            throws ListenException {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops.group())
                        .channel(loops.listenerType())
                        .option(ChannelOption.SO_BACKLOG, listen.backlog())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.ALLOCATOR, loops.allocator())
                        .childOption(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new AdaptiveRecvByteBufAllocator(512, 1024, 64 * 1024))
                        .childHandler(clients)
                        .bind(address(listen))
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new ListenException("listen-port", listen.addr(), listen.port(), bound.cause());
        }
        return new Listener(bound.channel());
    }

    private static InetSocketAddress address(ListenConfig listen) {
        return listen.addr().equals("*")
                ? new InetSocketAddress(listen.port())
                : new InetSocketAddress(listen.addr(), listen.port());
    }

    /** The port that clients connect to; the one chosen if the configuration says 0. */
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Whether clients are accepted. */
    public boolean isOpen() {
        return channel.isActive();
    }

    /** Accepts no more clients; those that are connected stay. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}

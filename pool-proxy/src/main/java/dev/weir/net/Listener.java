package dev.weir.net;

import dev.weir.config.ListenConfig;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.UnixChannelOption;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Where clients are accepted. Any thread may use it. */
public final class Listener implements AutoCloseable {
    private final Channel channel;
    private final @Nullable Local local;

    /** Whether other processes may listen on the same port. */
    private final boolean shared;

    private Listener(Channel channel, @Nullable Local local, boolean shared) {
        this.channel = channel;
        this.local = local;
        this.shared = shared;
    }

    /** A Unix-domain socket that is listened on. */
    private record Local(Channel channel, UnixSocket socket) {
        void close() {
            channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
            socket.remove();
        }
    }

    /**
     * Listens; returns when clients are accepted.
     *
     * @param key what says the port
     * @param port 0 for any
     * @param clients prepares each accepted channel
     * @param rate how many are accepted in a second
     * @throws ListenException if the address is not to be had; it names the key
     */
    static Listener open(
            String key,
            int port,
            ListenConfig listen,
            EventLoops loops,
            ChannelHandler clients,
            AcceptRate rate)
            throws ListenException {
        ServerBootstrap bootstrap =
                bootstrap(listen, loops, clients, rate)
                        .channel(loops.listenerType())
                        .option(ChannelOption.SO_REUSEADDR, true);
        new TcpOptions(listen.tcp(), loops.transport()).applyTo(bootstrap);
        if (listen.reusePort()) {
            reusePort(bootstrap, loops.transport());
        }
        ChannelFuture bound = bootstrap.bind(address(listen, port)).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new ListenException(key, listen.addr(), port, bound.cause());
        }
        Channel tcp = bound.channel();
        Path folder = listen.unixSocket().folder();
        if (folder == null) {
            return new Listener(tcp, null, listen.reusePort());
        }
        int chosen = ((InetSocketAddress) tcp.localAddress()).getPort();
        UnixSocket socket = new UnixSocket(UnixSocket.in(folder, chosen));
        try {
            return new Listener(
                    tcp, openLocal(socket, listen, loops, clients, rate), listen.reusePort());
        } catch (IOException e) {
            tcp.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
            throw new ListenException(socket.path(), e);
        }
    }

    /** What is the same for all that is listened on. */
    private static ServerBootstrap bootstrap(
            ListenConfig listen, EventLoops loops, ChannelHandler clients, AcceptRate rate) {
        return new ServerBootstrap()
                .group(loops.group())
                .handler(rate.gate())
                .option(ChannelOption.SO_BACKLOG, listen.backlog())
                .childOption(ChannelOption.ALLOCATOR, loops.allocator())
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(512, 1024, 64 * 1024))
                .childHandler(clients);
    }

    private static void reusePort(ServerBootstrap bootstrap, ListenConfig.Transport transport) {
        if (transport == ListenConfig.Transport.NIO) {
            bootstrap.option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        } else {
            bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        }
    }

    private static Local openLocal(
            UnixSocket socket,
            ListenConfig listen,
            EventLoops loops,
            ChannelHandler clients,
            AcceptRate rate)
            throws IOException {
        socket.claim();
        ChannelFuture bound =
                bootstrap(listen, loops, clients, rate)
                        .channel(loops.localListenerType())
                        .bind(loops.localAddress(socket.path()))
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(bound.cause());
        }
        Local local = new Local(bound.channel(), socket);
        try {
            socket.made(listen.unixSocket().mode());
            return local;
        } catch (IOException e) {
            local.close();
            throw e;
        }
    }

    private static InetSocketAddress address(ListenConfig listen, int port) {
        return listen.addr().equals("*")
                ? new InetSocketAddress(port)
                : new InetSocketAddress(listen.addr(), port);
    }

    /** The port that clients connect to; the one chosen if the configuration says 0. */
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Whether clients are accepted. */
    public boolean isOpen() {
        return channel.isActive();
    }

    /**
     * Leaves the port to another process that listens on it, if that is configured, and accepts no
     * more clients; those that are connected stay. Takes its time.
     */
    public void leave() {
        if (shared) {
            Successor.leave(channel);
        }
        close();
    }

    /** Accepts no more clients; those that are connected stay. */
    @Override
    public void close() {
        if (local != null) {
            local.close();
        }
        channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}

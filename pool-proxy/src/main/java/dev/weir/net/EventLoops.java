package dev.weir.net;

import dev.weir.config.ListenConfig.Transport;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The event loops of one Weir process and the transport they run on. A loop has a number, so that
 * what belongs to it can stand in an array.
 *
 * <p>Any thread may use this class; it does not change after its start.
 */
public final class EventLoops implements AutoCloseable {
    /**
     * Arenas hold 4 MiB chunks each; two are enough for the loops of a sidecar and keep its idle
     * memory small.
     */
    private static final int PAGE_SIZE = 8192;

    private static final int MAX_ORDER = 6;

    /**
     * With one poll for all of a socket's life, Netty 4.2.18 overlooks an end of the stream that
     * comes while it reads what stands before it: the channel would stay open for ever, and with it
     * the server connection of a client that has gone. A poll per read does not miss it.
     */
    private static final String MULTISHOT_POLL = "io.netty.iouring.pollAddMultishotEnabled";

    /**
     * With one request for many clients, Netty 4.2.18 asks again as soon as the kernel has refused,
     * though it was told to rest: without a free descriptor the loop would turn without end. A
     * request per client rests.
     */
    private static final String MULTISHOT_ACCEPT = "io.netty.iouring.acceptMultiShotEnabled";

    static {
        // Read once, when Netty's io_uring classes are loaded.
        for (String property : List.of(MULTISHOT_POLL, MULTISHOT_ACCEPT)) {
            if (System.getProperty(property) == null) {
                System.setProperty(property, "false");
            }
        }
    }

    private final Transport transport;
    private final EventLoopGroup group;
    private final List<EventLoop> loops;
    private final Map<EventLoop, Integer> numbers;
    private final PooledByteBufAllocator allocator;

    /**
     * Starts the loops.
     *
     * @param wanted the transport asked for; {@code AUTO} takes the best there is
     * @param count number of loops, 0 for one per two cores
     * @throws IllegalStateException if the transport asked for does not work on this machine
     */
    public EventLoops(Transport wanted, int count) {
        this(wanted, count, false);
    }

    /**
     * Starts the loops.
     *
     * @param unixSockets whether there must be Unix-domain sockets, which Netty's io_uring has not
     * @see #EventLoops(Transport, int)
     */
    public EventLoops(Transport wanted, int count, boolean unixSockets) {
        transport = choose(wanted, unixSockets);
        int threads =
                count > 0 ? count : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        group =
                new MultiThreadIoEventLoopGroup(
                        threads, new DefaultThreadFactory("weir-loop", true), ioHandler(transport));
        loops = new ArrayList<>(threads);
        numbers = new IdentityHashMap<>();
        for (EventExecutor executor : group) {
            numbers.put((EventLoop) executor, loops.size());
            loops.add((EventLoop) executor);
        }
        allocator =
                new PooledByteBufAllocator(
                        true, 1, threads, PAGE_SIZE, MAX_ORDER, 256, 64, true, 0);
    }

    private static Transport choose(Transport wanted, boolean unixSockets) {
        return switch (wanted) {
            case AUTO ->
                    IoUring.isAvailable() && !unixSockets
                            ? Transport.IO_URING
                            : Epoll.isAvailable() ? Transport.EPOLL : Transport.NIO;
            case IO_URING -> require(wanted, IoUring.unavailabilityCause());
            case EPOLL -> require(wanted, Epoll.unavailabilityCause());
            case NIO -> wanted;
        };
    }

    private static Transport require(Transport wanted, @Nullable Throwable obstacle) {
        if (obstacle != null) {
            throw new IllegalStateException(
                    "transport %s does not work on this machine (%s); set transport: auto"
                            .formatted(wanted, obstacle.getMessage()),
                    obstacle);
        }
        return wanted;
    }

    private static IoHandlerFactory ioHandler(Transport transport) {
        return switch (transport) {
            case IO_URING -> IoUringIoHandler.newFactory();
            case EPOLL -> EpollIoHandler.newFactory();
            case NIO, AUTO -> NioIoHandler.newFactory();
        };
    }

    /** The transport in use; never {@code AUTO}. */
    public Transport transport() {
        return transport;
    }

    public EventLoopGroup group() {
        return group;
    }

    /** All loops, in the order of their numbers. */
    public List<EventLoop> all() {
        return loops;
    }

    /** The number of {@code loop}, from 0. */
    public int number(EventLoop loop) {
        Integer number = numbers.get(loop);
        if (number == null) {
            throw new IllegalArgumentException("not one of these loops: " + loop);
        }
        return number;
    }

    /** Where buffers come from, for both sides of the relay. */
    public PooledByteBufAllocator allocator() {
        return allocator;
    }

    public Class<? extends ServerChannel> listenerType() {
        return switch (transport) {
            case IO_URING -> IoUringServerSocketChannel.class;
            case EPOLL -> EpollServerSocketChannel.class;
            case NIO, AUTO -> NioServerSocketChannel.class;
        };
    }

    public Class<? extends Channel> channelType() {
        return switch (transport) {
            case IO_URING -> IoUringSocketChannel.class;
            case EPOLL -> EpollSocketChannel.class;
            case NIO, AUTO -> NioSocketChannel.class;
        };
    }

    /** For Unix-domain sockets; null if this transport has none. */
    @Nullable Class<? extends ServerChannel> localListenerType() {
        return switch (transport) {
            case IO_URING -> null;
            case EPOLL -> EpollServerDomainSocketChannel.class;
            case NIO, AUTO -> NioServerDomainSocketChannel.class;
        };
    }

    /** For Unix-domain sockets; null if this transport has none. */
    public @Nullable Class<? extends Channel> localChannelType() {
        return switch (transport) {
            case IO_URING -> null;
            case EPOLL -> EpollDomainSocketChannel.class;
            case NIO, AUTO -> NioDomainSocketChannel.class;
        };
    }

    /** The address of a Unix-domain socket, as the channels here take it. */
    public SocketAddress localAddress(Path socket) {
        return transport == Transport.EPOLL
                ? new DomainSocketAddress(socket.toFile())
                : UnixDomainSocketAddress.of(socket);
    }

    /** Whether a channel of a client is a Unix-domain socket. */
    public static boolean isLocal(Channel channel) {
        return !(channel instanceof SocketChannel);
    }

    /**
     * Returns once each loop has done what it had been given before; at once if they have ended.
     * For any thread but a loop.
     */
    public void settle() {
        for (EventLoop loop : loops) {
            try {
                loop.submit(() -> {}).awaitUninterruptibly();
            } catch (RejectedExecutionException e) {
                return;
            }
        }
    }

    /** Ends the loops; waits for at most five seconds. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}

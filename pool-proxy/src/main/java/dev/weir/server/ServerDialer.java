package dev.weir.server;

import dev.weir.config.TlsMode;
import dev.weir.net.DescriptorShortage;
import dev.weir.net.EventLoops;
import dev.weir.net.LastRead;
import dev.weir.net.ServerTls;
import dev.weir.net.TcpOptions;
import dev.weir.wire.CancelKey;
import dev.weir.wire.SqlState;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Opens server connections and passes cancel requests on. Any thread may use it. */
public final class ServerDialer {
    /** Called on the loop that was named. Exactly one of the two is called, once. */
    public interface Listener {
        /**
         * The connection is logged in and idle; nobody holds it until the listener says who does.
         */
        void opened(ServerConnection server);

        void failed(ServerUnavailableException failure);
    }

    private final EventLoops loops;
    private final TcpOptions tcp;
    private final ServerTls tls;
    private final Executor blocking;

    /**
     * A dialer for these loops.
     *
     * @param tcp how its connections are watched
     * @param blocking where name look-ups and password work run, never a loop
     */
    public ServerDialer(EventLoops loops, TcpOptions tcp, ServerTls tls, Executor blocking) {
        this.loops = loops;
        this.tcp = tcp;
        this.tls = tls;
        this.blocking = blocking;
    }

    /** Opens a server connection that belongs to {@code loop}. */
    public void dial(EventLoop loop, ServerTarget target, Listener listener) {
        // As in libpq, nothing is encrypted that stays on this host.
        TlsMode mode = target.isLocal() ? TlsMode.DISABLE : target.tls().sslmode();
        if (mode == TlsMode.ALLOW) {
            dial(loop, target, false, new PlainFirst(loop, target, listener));
        } else {
            dial(loop, target, mode.offered(), listener);
        }
    }

    /** Mode allow: a server that lets nobody in without TLS is asked once more, for TLS. */
    private final class PlainFirst implements Listener {
        private final EventLoop loop;
        private final ServerTarget target;
        private final Listener listener;

        PlainFirst(EventLoop loop, ServerTarget target, Listener listener) {
            this.loop = loop;
            this.target = target;
            this.listener = listener;
        }

        @Override
        public void opened(ServerConnection server) {
            listener.opened(server);
        }

        @Override
        public void failed(ServerUnavailableException failure) {
            if (failure.sqlState().equals(SqlState.INVALID_AUTHORIZATION_SPECIFICATION.code())) {
                dial(loop, target, true, listener);
            } else {
                listener.failed(failure);
            }
        }
    }

    private void dial(EventLoop loop, ServerTarget target, boolean encrypted, Listener listener) {
        ServerStartup startup = new ServerStartup(target, blocking, listener);
        connect(
                loop,
                target,
                encrypted ? secured(target, startup, startup::fail) : startup,
                cause -> loop.execute(() -> startup.fail(failure(target, cause))));
    }

    private static ServerUnavailableException failure(ServerTarget target, Throwable cause) {
        if (DescriptorShortage.isReason(cause)) {
            return new ServerUnavailableException(
                    ServerUnavailableException.Kind.NO_DESCRIPTOR,
                    SqlState.INSUFFICIENT_RESOURCES,
                    "Weir may open no more files, and so no connection to PostgreSQL at %s: raise the limit (ulimit -n, or LimitNOFILE= under systemd), or lower max-client-conn."
                            .formatted(target.address()));
        }
        return new ServerUnavailableException(
                ServerUnavailableException.Kind.UNREACHABLE,
                SqlState.SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
                "PostgreSQL at %s cannot be reached: %s"
                        .formatted(target.address(), reason(cause)));
    }

    /**
     * Sends a cancel request for {@code server}; {@code settled} hears on its loop whether
     * PostgreSQL took it. It is encrypted if the server connection is.
     */
    public void cancel(ServerConnection server, ServerTarget target, Consumer<Boolean> settled) {
        EventLoop loop = server.loop();
        CancelSender sender =
                new CancelSender(server.cancelKey(), target.connectTimeout(), settled);
        ChannelHandler handler =
                ServerTls.isOn(server.channel())
                        ? secured(target, sender, _ -> sender.settle(false))
                        : sender;
        connect(loop, target, handler, cause -> loop.execute(() -> sender.settle(false)));
    }

    /**
     * Sends a cancel request to another Weir process; {@code settled} hears on {@code loop} whether
     * it took it.
     */
    public void passOn(
            EventLoop loop, CancelKey key, ServerTarget target, Consumer<Boolean> settled) {
        CancelSender sender = new CancelSender(key, target.connectTimeout(), settled);
        connect(loop, target, sender, cause -> loop.execute(() -> sender.settle(false)));
    }

    /** Has TLS settled before {@code handler} begins. */
    private ChannelHandler secured(
            ServerTarget target,
            ChannelHandler handler,
            Consumer<ServerUnavailableException> failed) {
        TlsOpening opening = new TlsOpening(target, tls, blocking, failed);
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(opening, handler);
            }
        };
    }

    private void connect(
            EventLoop loop,
            ServerTarget target,
            ChannelHandler handler,
            Consumer<Throwable> failed) {
        if (target.isLocal()) {
            openLocal(loop, target, handler, failed);
            return;
        }
        if (NetUtil.isValidIpV4Address(target.host())
                || NetUtil.isValidIpV6Address(target.host())) {
            open(
                    loop,
                    new InetSocketAddress(target.host(), target.port()),
                    target,
                    handler,
                    failed);
            return;
        }
        try {
            blocking.execute(() -> {
                try {
                    InetAddress address = InetAddress.getByName(target.host());
                    open(
                            loop,
                            new InetSocketAddress(address, target.port()),
                            target,
                            handler,
                            failed);
                } catch (UnknownHostException e) {
                    failed.accept(new UnknownHostException("no such host name"));
                }
            });
        } catch (RejectedExecutionException e) {
            failed.accept(e);
        }
    }

    private void openLocal(
            EventLoop loop,
            ServerTarget target,
            ChannelHandler handler,
            Consumer<Throwable> failed) {
        Class<? extends Channel> type = loops.localChannelType();
        if (type == null) {
            failed.accept(
                    new IOException(
                            "transport io_uring has no Unix-domain sockets; a restart chooses another one, unless transport says io_uring"));
            return;
        }
        start(
                new Bootstrap().group(loop).channel(type),
                loops.localAddress(target.socket()),
                target,
                handler,
                failed);
    }

    private void open(
            EventLoop loop,
            InetSocketAddress address,
            ServerTarget target,
            ChannelHandler handler,
            Consumer<Throwable> failed) {
        Bootstrap bootstrap = new Bootstrap().group(loop).channel(loops.channelType());
        tcp.applyTo(bootstrap);
        start(bootstrap, address, target, handler, failed);
    }

    private void start(
            Bootstrap bootstrap,
            SocketAddress address,
            ServerTarget target,
            ChannelHandler handler,
            Consumer<Throwable> failed) {
        bootstrap
                .option(ChannelOption.ALLOCATOR, loops.allocator())
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(
                                Math.min(Integer.MAX_VALUE, target.connectTimeout().toMillis())))
                .handler(guarded(handler))
                .connect(address)
                .addListener(future -> {
                    if (!future.isSuccess()) {
                        failed.accept(future.cause());
                    }
                });
    }

    private static ChannelHandler guarded(ChannelHandler handler) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                LastRead.guard(channel);
                channel.pipeline().addLast(handler);
            }
        };
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}

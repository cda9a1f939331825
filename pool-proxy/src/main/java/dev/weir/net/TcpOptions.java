package dev.weir.net;

import dev.weir.config.ListenConfig.Transport;
import dev.weir.config.TcpConfig;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.uring.IoUringChannelOption;

import jdk.net.ExtendedSocketOptions;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the kernel is told of each TCP connection. Any thread may use it. */
public final class TcpOptions {
    private static final Logger LOG = LoggerFactory.getLogger(TcpOptions.class);

    private final Map<ChannelOption<?>, Object> options = new LinkedHashMap<>();

    /** Options in the words of the transport that is in use. */
    public TcpOptions(TcpConfig config, Transport transport) {
        options.put(ChannelOption.TCP_NODELAY, true);
        options.put(ChannelOption.SO_KEEPALIVE, config.keepalive());
        int millis = Math.toIntExact(config.userTimeout().toMillis());
        switch (transport) {
            case IO_URING -> {
                put(IoUringChannelOption.TCP_KEEPIDLE, seconds(config.keepidle()));
                put(IoUringChannelOption.TCP_KEEPINTVL, seconds(config.keepintvl()));
                put(IoUringChannelOption.TCP_KEEPCNT, config.keepcnt());
                put(IoUringChannelOption.TCP_USER_TIMEOUT, millis);
            }
            case EPOLL -> {
                put(EpollChannelOption.TCP_KEEPIDLE, seconds(config.keepidle()));
                put(EpollChannelOption.TCP_KEEPINTVL, seconds(config.keepintvl()));
                put(EpollChannelOption.TCP_KEEPCNT, config.keepcnt());
                put(EpollChannelOption.TCP_USER_TIMEOUT, millis);
            }
            case NIO, AUTO -> {
                put(
                        NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
                        seconds(config.keepidle()));
                put(
                        NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
                        seconds(config.keepintvl()));
                put(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), config.keepcnt());
                if (millis > 0) {
                    LOG.warn("tcp-user-timeout has no effect with the transport nio");
                }
            }
        }
    }

    /** 0 leaves it as the kernel has it. */
    private void put(ChannelOption<Integer> option, int value) {
        if (value > 0) {
            options.put(option, value);
        }
    }

    /** The kernel counts in seconds: what is shorter becomes one. */
    private static int seconds(Duration duration) {
        return Math.toIntExact(duration.plusMillis(999).toSeconds());
    }

    /** For connections that Weir opens. */
    public void applyTo(Bootstrap bootstrap) {
        options.forEach((option, value) -> apply(bootstrap, option, value));
    }

    /** For connections that Weir accepts. */
    void applyTo(ServerBootstrap bootstrap) {
        options.forEach((option, value) -> applyToChildren(bootstrap, option, value));
    }

    @SuppressWarnings("unchecked") // each was put in with a value of its own type
    private static <T> void apply(Bootstrap bootstrap, ChannelOption<T> option, Object value) {
        bootstrap.option(option, (T) value);
    }

    @SuppressWarnings("unchecked") // each was put in with a value of its own type
    private static <T> void applyToChildren(
            ServerBootstrap bootstrap, ChannelOption<T> option, Object value) {
        bootstrap.childOption(option, (T) value);
    }
}

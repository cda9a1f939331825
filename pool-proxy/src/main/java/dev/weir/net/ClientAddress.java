package dev.weir.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where a client is: at the other end of its connection, or where a trusted proxy says. */
public final class ClientAddress {
    private static final AttributeKey<InetSocketAddress> TOLD =
            AttributeKey.valueOf(ClientAddress.class, "told");

    private ClientAddress() {}

    /** A trusted proxy has said where the client is. On the channel's loop. */
    static void told(Channel channel, InetSocketAddress address) {
        channel.attr(TOLD).set(address);
    }

    /** Null behind a Unix-domain socket. */
    public static @Nullable InetAddress of(Channel channel) {
        InetSocketAddress whole = whole(channel);
        return whole == null ? null : whole.getAddress();
    }

    /** As logs have it. */
    public static String text(Channel channel) {
        InetSocketAddress whole = whole(channel);
        return whole == null
                ? "[local]"
                : whole.getAddress().getHostAddress() + " port " + whole.getPort();
    }

    private static @Nullable InetSocketAddress whole(Channel channel) {
        if (channel.hasAttr(TOLD)) {
            return channel.attr(TOLD).get();
        }
        return channel.remoteAddress() instanceof InetSocketAddress remote ? remote : null;
    }
}

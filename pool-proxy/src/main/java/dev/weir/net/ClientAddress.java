package dev.weir.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

import org.jspecify.annotations.Nullable;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Where a client is: at the other end of its connection, or where a trusted proxy says. */
public final class ClientAddress {
    private static final AttributeKey<InetSocketAddress> TOLD =
            AttributeKey.valueOf(ClientAddress.class, "told");

    /** Bytes of an IPv6 address before those that one customer of a provider can choose among. */
    private static final int IPV6_NETWORK = 8;

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

    /**
     * What is counted as one place: an IPv4 address itself, and the first 64 bits of an IPv6
     * address, since whoever has one has all that begin like it.
     */
    public static InetAddress network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] bytes = address.getAddress();
        Arrays.fill(bytes, IPV6_NETWORK, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv6 address has 16 bytes", e);
        }
    }

    /** The same in words. */
    public static String networkText(InetAddress address) {
        String text = network(address).getHostAddress();
        return address instanceof Inet6Address ? text + "/64" : text;
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

package dev.weir.net;

import dev.weir.config.Networks;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Learns from the header of the PROXY protocol, version 1 or 2, where a client is whose connection
 * a trusted proxy has passed on. On the client's loop.
 */
public final class ProxyHeader extends SimpleChannelInboundHandler<HAProxyMessage> {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

    private ProxyHeader() {}

    /**
     * If the other end is a trusted proxy, its header must come before anything else; if not, a
     * header is nothing that a client may send.
     *
     * @param trusted null if no proxy is
     */
    public static void expect(Channel channel, @Nullable Networks trusted) {
        if (trusted != null
                && channel.remoteAddress() instanceof InetSocketAddress remote
                && trusted.contain(remote.getAddress())) {
            channel.pipeline().addLast(new Decoder(), new ProxyHeader());
        }
    }

    /** Netty's decoder, but one that does not wait for the rest of what is no header at all. */
    private static final class Decoder extends HAProxyMessageDecoder {
        /** How the two versions begin; no packet of PostgreSQL's or TLS's begins so. */
        private static final byte VERSION_1 = 'P';

        private static final byte VERSION_2 = '\r';

        private boolean begun;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (!begun && message instanceof ByteBuf bytes && bytes.isReadable()) {
                begun = true;
                byte first = bytes.getByte(bytes.readerIndex());
                if (first != VERSION_1 && first != VERSION_2) {
                    bytes.release();
                    context.fireExceptionCaught(
                            new HAProxyProtocolException("something else came first"));
                    return;
                }
            }
            super.channelRead(context, message);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
        AddressFamily family = header.proxiedProtocol().addressFamily();
        boolean ip = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
        // LOCAL is the proxy on its own behalf, and UNKNOWN says nothing.
        if (header.command() == HAProxyCommand.PROXY && ip && header.sourceAddress() != null) {
            ClientAddress.told(
                    context.channel(),
                    new InetSocketAddress(
                            InetAddress.ofLiteral(header.sourceAddress()), header.sourcePort()));
        }
        context.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.info(
                "{} is in proxy-protocol-from and sent no PROXY header: {}",
                context.channel().remoteAddress(),
                cause.getMessage());
        context.close();
    }
}

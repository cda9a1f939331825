package dev.weir.session;

import dev.weir.net.ClientAddress;
import dev.weir.net.ClientTls;
import dev.weir.net.EventLoops;
import dev.weir.net.TlsSession;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one client and Weir agree on about encryption before the startup packet (manual sections
 * 54.2.10 and 54.2.11). On the client's loop.
 */
final class Encryption {
    private static final Logger LOG = LoggerFactory.getLogger(Encryption.class);

    /** The first byte of a TLS handshake, which no packet of PostgreSQL's begins with. */
    private static final byte TLS_HANDSHAKE = 0x16;

    private final ClientTls tls;
    private final Channel channel;
    private @Nullable TlsSession session;
    private boolean sslAsked;
    private boolean gssAsked;

    /** Nothing has been said yet. */
    Encryption(ClientTls tls, Channel channel) {
        this.tls = tls;
        this.channel = channel;
    }

    /** The TLS session, established or about to be; null if there is none. */
    @Nullable TlsSession session() {
        return session;
    }

    /** Whether the client can be told something: not before the end of a handshake. */
    boolean canSpeak() {
        return session == null || session.established();
    }

    /** As in PostgreSQL, nothing is encrypted that stays on this host. */
    private boolean offered() {
        return tls.offered() && !EventLoops.isLocal(channel);
    }

    /**
     * Protocol: a client may begin with TLS at once, if it names its protocol (section 54.2.10).
     *
     * @param in at least one byte
     */
    boolean isBegunBy(ByteBuf in) {
        boolean opens = session == null && !sslAsked && !gssAsked;
        return in.getByte(in.readerIndex()) == TLS_HANDSHAKE && opens && offered();
    }

    /** Begins with what the client has sent, which belongs to the handshake from now on. */
    void beginWith(ByteBuf hello) {
        session = tls.begin(channel);
        channel.pipeline().fireChannelRead(hello);
    }

    /**
     * Answers a request for TLS.
     *
     * @param in what the client has sent behind it
     */
    void sslRequested(ByteBuf in) throws ProtocolException {
        boolean secure = offered();
        answer(sslAsked, in, secure ? 'S' : 'N');
        sslAsked = true;
        if (secure) {
            session = tls.begin(channel);
        }
    }

    /** Answers a request for encryption by GSSAPI, as {@link #sslRequested}. */
    void gssRequested(ByteBuf in) throws ProtocolException {
        answer(gssAsked, in, 'N');
        gssAsked = true;
    }

    private void answer(boolean asked, ByteBuf in, char answer) throws ProtocolException {
        if (asked || session != null) {
            throw new ProtocolException("encryption was requested twice");
        }
        if (in.isReadable()) {
            throw new ProtocolException("received unencrypted data after a request for encryption");
        }
        channel.writeAndFlush(channel.alloc().directBuffer(1).writeByte(answer));
    }

    /** Takes a client that does without only where it may. */
    void checkRequired() throws ProtocolException {
        if (session == null && tls.required() && !EventLoops.isLocal(channel)) {
            throw new ProtocolException(
                    SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                    "This port is for TLS only (client-tls-sslmode): connect with sslmode=require or a stricter one.");
        }
    }

    /** The handshake is over; the connection is closed if it has failed. */
    void handshakeOver(SslHandshakeCompletionEvent handshake) throws ProtocolException {
        TlsSession begun = session;
        if (begun == null) {
            return;
        }
        if (!handshake.isSuccess()) {
            LOG.info(
                    "client at {}: no TLS session: {}",
                    ClientAddress.text(channel),
                    handshake.cause().getMessage());
            channel.close();
        } else if (!sslAsked && !begun.isForPostgresql()) {
            throw new ProtocolException(
                    "received direct SSL connection request without ALPN protocol negotiation extension");
        }
    }
}

package dev.weir.net;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;

import org.jspecify.annotations.Nullable;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;

import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

/** The TLS session of one client. On its loop only. */
public final class TlsSession {
    private final SslHandler handler;
    private final byte @Nullable [] endPoint;

    TlsSession(SslHandler handler, byte @Nullable [] endPoint) {
        this.handler = handler;
        this.endPoint = endPoint;
    }

    /**
     * Protocol and cipher of a channel's TLS session, such as {@code
     * TLSv1.3/TLS_AES_256_GCM_SHA384}; an empty text if it has none. On its loop.
     */
    public static String description(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null || !handler.handshakeFuture().isSuccess()) {
            return "";
        }
        SSLSession session = handler.engine().getSession();
        return session.getProtocol() + "/" + session.getCipherSuite();
    }

    /** Whether the handshake is over, and well. */
    public boolean established() {
        return handler.handshakeFuture().isSuccess();
    }

    /**
     * Whether the client has said, in the ALPN extension, that it will speak PostgreSQL's protocol.
     */
    public boolean isForPostgresql() {
        return TlsContexts.APPLICATION_PROTOCOL.equals(handler.applicationProtocol());
    }

    /**
     * What the channel binding tls-server-end-point (RFC 5929) is to show: a hash of Weir's
     * certificate, for reading only.
     *
     * @return null if the certificate has none
     */
    public byte @Nullable [] endPoint() {
        return endPoint;
    }

    /**
     * The common name in the client's certificate, which has been verified.
     *
     * @return null if the client has shown none, or one without a name that can be told from others
     */
    public @Nullable String commonName() {
        try {
            Certificate[] shown = handler.engine().getSession().getPeerCertificates();
            return shown.length > 0 && shown[0] instanceof X509Certificate certificate
                    ? commonName(certificate.getSubjectX500Principal())
                    : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    static @Nullable String commonName(X500Principal subject) {
        try {
            String name = null;
            for (Rdn part : new LdapName(subject.getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String it) {
                    // The last in this order is the first that the certificate's owner would name.
                    name = it;
                }
            }
            // A zero byte would let one name look like the beginning of another.
            return name == null || name.isEmpty() || name.indexOf('\0') >= 0 ? null : name;
        } catch (InvalidNameException e) {
            return null;
        }
    }
}

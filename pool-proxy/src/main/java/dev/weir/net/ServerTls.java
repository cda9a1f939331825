package dev.weir.net;

import dev.weir.config.ServerTlsConfig;
import dev.weir.config.TlsFiles;
import dev.weir.config.TlsMode;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;

import javax.net.ssl.SSLPeerUnverifiedException;

/** TLS towards PostgreSQL. Any thread may use it. */
public final class ServerTls {
    private static final String SIDE = "server-tls";

    private final Executor tasks;

    /**
     * Replaced as a whole by whoever reads the files; what names no file is added when PostgreSQL
     * is first found to speak TLS, so that a start does not wait for it.
     */
    private volatile ConcurrentMap<ServerTlsConfig, SslContext> contexts =
            new ConcurrentHashMap<>();

    /**
     * TLS without any files so far: see {@link #read}.
     *
     * @param tasks where certificates are checked
     */
    public ServerTls(Executor tasks) {
        this.tasks = tasks;
    }

    /**
     * Reads the files that these name. Not for an event loop.
     *
     * @return what makes them count for server connections opened from then on
     * @throws TlsException if a file is not what it should be; it names the key and the file
     */
    public Runnable read(Collection<ServerTlsConfig> configs) throws TlsException {
        ConcurrentMap<ServerTlsConfig, SslContext> next = new ConcurrentHashMap<>();
        for (ServerTlsConfig config : configs) {
            TlsFiles files = config.files();
            boolean named = files.caFile() != null || files.keyFile() != null;
            boolean chosen = named || !files.ciphers().isEmpty() || config.sslmode().required();
            if (config.sslmode().offered() && chosen && !next.containsKey(config)) {
                next.put(config, build(config));
            }
        }
        return () -> contexts = next;
    }

    /** Whether {@link #begin} can be called without {@link #prepare}. */
    public boolean isReady(ServerTlsConfig config) {
        return contexts.containsKey(config);
    }

    /**
     * Makes ready for {@link #begin}. Not for an event loop.
     *
     * @throws TlsException if that cannot be done
     */
    public void prepare(ServerTlsConfig config) throws TlsException {
        contexts.putIfAbsent(config, build(config));
    }

    /**
     * Begins the handshake on a server connection. On its loop.
     *
     * @param host as configured: what the certificate has to be for
     * @param patience how long the handshake may take
     */
    public void begin(
            Channel channel, ServerTlsConfig config, String host, int port, Duration patience) {
        SslContext context = contexts.get(config);
        if (context == null) {
            throw new IllegalStateException("TLS begins where nothing is ready for it");
        }
        SslHandler handler = context.newHandler(channel.alloc(), host, port, tasks);
        handler.setHandshakeTimeoutMillis(patience.toMillis());
        LastRead.addFirst(channel, handler);
    }

    private static SslContext build(ServerTlsConfig config) throws TlsException {
        TlsFiles files = config.files();
        SslContextBuilder builder =
                SslContextBuilder.forClient()
                        .endpointIdentificationAlgorithm(
                                config.sslmode() == TlsMode.VERIFY_FULL ? "HTTPS" : null);
        if (!config.sslmode().verifies()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else if (files.caFile() != null) {
            builder.trustManager(new PemFile(SIDE + "-ca-file", files.caFile()).certificates());
        }
        Path keyFile = files.keyFile();
        Path certFile = files.certFile();
        if (keyFile != null && certFile != null) {
            TlsContexts.Identity identity =
                    TlsContexts.Identity.read(
                            SIDE + "-key-file", keyFile, SIDE + "-cert-file", certFile);
            builder.keyManager(identity.key(), identity.chain());
        }
        return TlsContexts.build(builder, files, SIDE);
    }

    /** Whether a channel is encrypted. */
    public static boolean isOn(Channel channel) {
        return channel.pipeline().get(SslHandler.class) != null;
    }

    /** Whether the server has said, in the ALPN extension, that it speaks PostgreSQL's protocol. */
    public static boolean isForPostgresql(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        return handler != null
                && TlsContexts.APPLICATION_PROTOCOL.equals(handler.applicationProtocol());
    }

    /**
     * What the channel binding tls-server-end-point (RFC 5929) is to show: a hash of the server's
     * certificate.
     *
     * @return null if the channel is not encrypted, or the certificate has no such hash
     */
    public static byte @Nullable [] endPoint(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            return null;
        }
        try {
            return handler.engine().getSession().getPeerCertificates()[0]
                            instanceof X509Certificate certificate
                    ? TlsContexts.endPoint(certificate)
                    : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }
}

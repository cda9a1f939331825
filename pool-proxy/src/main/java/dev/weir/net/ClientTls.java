package dev.weir.net;

import dev.weir.config.ClientTlsConfig;
import dev.weir.config.TlsFiles;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.concurrent.Executor;

/**
 * TLS towards clients: says what is asked of them, and starts their sessions. Any thread may use
 * it.
 */
public final class ClientTls {
    private static final Logger LOG = LoggerFactory.getLogger(ClientTls.class);

    private static final String SIDE = "client-tls";

    /** What one reading of the files has given; a client keeps the one it began with. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Reading(SslContext context, byte @Nullable [] endPoint) {}

    /** Written by whoever reloads, read by all loops. */
    private volatile ClientTlsConfig config;

    private final Executor tasks;

    /** Written by whoever reloads, read by all loops; null if there is no TLS. */
    private volatile @Nullable Reading reading;

    /**
     * Reads the files. Not for an event loop.
     *
     * @param tasks where certificates are checked
     * @throws TlsException if a file is not what it should be; it names the key and the file
     */
    public ClientTls(ClientTlsConfig config, Executor tasks) throws TlsException {
        this.config = config;
        this.tasks = tasks;
        read(config).run();
    }

    /** Whether clients may use TLS. */
    public boolean offered() {
        return config.sslmode().offered();
    }

    /** Whether clients must use TLS. */
    public boolean required() {
        return config.sslmode().required();
    }

    /**
     * Reads the files again. Not for an event loop.
     *
     * @return what makes them count for clients that connect from then on; all others stay as they
     *     are
     * @throws TlsException if a file is not what it should be; it names the key and the file
     */
    public Runnable read() throws TlsException {
        return read(config);
    }

    /** The same, with another configuration. */
    public Runnable read(ClientTlsConfig config) throws TlsException {
        if (!config.sslmode().offered()) {
            return () -> {
                this.config = config;
                reading = null;
            };
        }
        TlsContexts.Identity identity = identity(config.files());
        SslContextBuilder builder = SslContextBuilder.forServer(identity.key(), identity.chain());
        Path caFile = config.files().caFile();
        if (caFile != null) {
            builder.trustManager(new PemFile(SIDE + "-ca-file", caFile).certificates())
                    .clientAuth(
                            config.sslmode().verifies() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
        }
        SslContext context = TlsContexts.build(builder, config.files(), SIDE);
        Reading next = new Reading(context, TlsContexts.endPoint(identity.certificate()));
        return () -> {
            reading = next;
            this.config = config;
            LOG.info(
                    "TLS with clients by {}: certificate of {}, valid until {}",
                    TlsContexts.library(),
                    identity.certificate().getSubjectX500Principal(),
                    identity.certificate().getNotAfter().toInstant());
        };
    }

    private static TlsContexts.Identity identity(TlsFiles files) throws TlsException {
        Path keyFile = files.keyFile();
        Path certFile = files.certFile();
        if (keyFile == null || certFile == null) {
            throw new IllegalArgumentException("TLS for clients without a certificate");
        }
        return TlsContexts.Identity.read(
                SIDE + "-key-file", keyFile, SIDE + "-cert-file", certFile);
    }

    /** Starts a TLS session: whatever comes next from this client is encrypted. On its loop. */
    public TlsSession begin(Channel channel) {
        Reading now = reading;
        if (now == null) {
            throw new IllegalStateException("a TLS session begins, and TLS is disabled");
        }
        SslHandler handler = now.context.newHandler(channel.alloc(), tasks);
        // The client's login has a deadline of its own.
        handler.setHandshakeTimeoutMillis(0);
        LastRead.addFirst(channel, handler);
        return new TlsSession(handler, now.endPoint);
    }
}

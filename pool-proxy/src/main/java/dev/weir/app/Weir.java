package dev.weir.app;

import dev.weir.admin.AdminServer;
import dev.weir.admin.Health;
import dev.weir.auth.SecretLookup;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.ListenConfig;
import dev.weir.config.ServerTlsConfig;
import dev.weir.config.WeirConfig;
import dev.weir.net.ClientTls;
import dev.weir.net.EventLoops;
import dev.weir.net.ListenException;
import dev.weir.net.Listener;
import dev.weir.net.ServerTls;
import dev.weir.net.TlsException;
import dev.weir.pool.Pool;
import dev.weir.pool.Pools;
import dev.weir.server.ServerDialer;
import dev.weir.session.Sessions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A running Weir: what {@code weir run} starts, and what a Java program embeds. Any thread may use
 * it.
 *
 * <pre>{@code
 * try (Weir weir = Weir.start(ConfigFile.load(Path.of("weir.yaml")))) {
 *     String url = "jdbc:postgresql://127.0.0.1:" + weir.port() + "/shop";
 * }
 * }</pre>
 */
public final class Weir implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Weir.class);

    /** How long idle server connections get to say goodbye when Weir closes. */
    private static final Duration GOODBYE = Duration.ofMillis(500);

    private final EventLoops loops;
    private final ExecutorService blocking;
    private final Pools pools;
    private final Sessions sessions;
    private final SecretLookup lookup;
    private final Listener listener;
    private final WeirConfig config;
    private final ClientTls clientTls;
    private final ServerTls serverTls;
    private final @Nullable AdminServer admin;

    private Weir(
            EventLoops loops,
            ExecutorService blocking,
            Pools pools,
            Sessions sessions,
            SecretLookup lookup,
            Listener listener,
            WeirConfig config,
            ClientTls clientTls,
            ServerTls serverTls,
            @Nullable AdminServer admin) {
        this.loops = loops;
        this.blocking = blocking;
        this.pools = pools;
        this.sessions = sessions;
        this.lookup = lookup;
        this.listener = listener;
        this.config = config;
        this.clientTls = clientTls;
        this.serverTls = serverTls;
        this.admin = admin;
    }

    /**
     * Starts to listen; returns when clients are accepted. The HTTP port comes up a little later.
     *
     * @throws TlsException if a key or certificate cannot be used; it names the key and the file
     * @throws ListenException if an address cannot be listened on; it names the key
     * @throws IOException if something else that the configuration asks for is not to be had here
     */
    public static Weir start(WeirConfig config) throws IOException {
        ListenConfig listen = config.listen();
        EventLoops loops;
        try {
            loops = new EventLoops(listen.transport(), listen.eventLoops());
        } catch (IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        }
        ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
        ServerTls serverTls = new ServerTls(blocking);
        ServerDialer dialer = new ServerDialer(loops, serverTls, blocking);
        Pools pools = new Pools(loops);
        SecretLookup lookup = new SecretLookup(config, blocking);
        Listener listener = null;
        try {
            serverTls.read(serverTlsOf(config)).run();
            ClientTls clientTls = new ClientTls(config.clientTls(), blocking);
            Sessions sessions =
                    new Sessions(config, loops, pools, dialer, clientTls, lookup, blocking);
            listener = Listener.open(listen, loops, sessions);
            Health health = new Health(listener::isOpen, loops, pools);
            AdminServer admin = AdminServer.start(config.http(), health);
            Weir weir =
                    new Weir(
                            loops, blocking, pools, sessions, lookup, listener, config, clientTls,
                            serverTls, admin);
            LOG.info(
                    "listening on {} port {}, {} event loop(s) on {}",
                    listen.addr(),
                    weir.port(),
                    loops.all().size(),
                    loops.transport());
            return weir;
        } catch (ListenException | TlsException e) {
            close(listener, pools, lookup, loops, blocking);
            throw e;
        }
    }

    private static List<ServerTlsConfig> serverTlsOf(WeirConfig config) {
        return config.databases().values().stream().map(DatabaseConfig::tls).distinct().toList();
    }

    /** The port that clients connect to; the one chosen if the configuration says 0. */
    public int port() {
        return listener.port();
    }

    /** Clients that are connected now. */
    public int clients() {
        return sessions.clients();
    }

    /** Clients that wait for a server connection now. */
    public int waiting() {
        return pools.all().stream().mapToInt(Pool::waiting).sum();
    }

    /**
     * Reads keys and certificates from their files again. Who connects from now on meets what they
     * say; who is connected stays, under what was read before. Reads files: not for an event loop.
     *
     * @throws TlsException if one cannot be used; then nothing changes
     */
    public void reloadTls() throws TlsException {
        Runnable client = clientTls.read();
        Runnable server = serverTls.read(serverTlsOf(config));
        client.run();
        server.run();
    }

    /**
     * Waits for the HTTP port to answer.
     *
     * @return false if there is none: the configuration wants none, or another process was quicker
     */
    public boolean awaitHttp() {
        return admin != null && admin.awaitStarted();
    }

    /**
     * Stops listening, closes all clients and server connections, and returns when no thread of
     * Weir's runs any more.
     */
    @Override
    public void close() {
        if (admin != null) {
            admin.close();
        }
        close(listener, pools, lookup, loops, blocking);
    }

    private static void close(
            @Nullable Listener listener,
            Pools pools,
            SecretLookup lookup,
            EventLoops loops,
            ExecutorService blocking) {
        if (listener != null) {
            listener.close();
        }
        pools.close();
        lookup.close();
        try {
            TimeUnit.MILLISECONDS.sleep(pools.all().isEmpty() ? 0 : GOODBYE.toMillis() / 10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.close();
        blocking.shutdownNow();
    }
}

package dev.weir.app;

import dev.weir.admin.AdminServer;
import dev.weir.admin.Console;
import dev.weir.admin.Health;
import dev.weir.admin.MetricsPage;
import dev.weir.admin.Operations;
import dev.weir.auth.SecretLookup;
import dev.weir.config.ConfigException;
import dev.weir.config.ConfigSource;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.ListenConfig;
import dev.weir.config.ServerTlsConfig;
import dev.weir.config.WeirConfig;
import dev.weir.net.AcceptRate;
import dev.weir.net.ClientTls;
import dev.weir.net.EventLoops;
import dev.weir.net.ListenException;
import dev.weir.net.Listener;
import dev.weir.net.Listeners;
import dev.weir.net.ServerTls;
import dev.weir.net.TcpOptions;
import dev.weir.net.TlsException;
import dev.weir.pool.Pools;
import dev.weir.server.ServerDialer;
import dev.weir.session.Sessions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

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
    private final ClientTls clientTls;
    private final ServerTls serverTls;
    private final AcceptRate accepts;
    private final MetricsPage metrics;
    private final Lifecycle lifecycle;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Set once, before anybody else sees this object. */
    private @Nullable Listeners listeners;

    private @Nullable AdminServer admin;

    private Weir(
            WeirConfig config,
            @Nullable ConfigSource source,
            EventLoops loops,
            ExecutorService blocking)
            throws IOException {
        this.loops = loops;
        this.blocking = blocking;
        serverTls = new ServerTls(blocking);
        serverTls.read(serverTlsOf(config)).run();
        ServerDialer dialer =
                new ServerDialer(
                        loops,
                        new TcpOptions(config.listen().tcp(), loops.transport()),
                        serverTls,
                        blocking);
        clientTls = new ClientTls(config.clientTls(), blocking);
        pools = new Pools(loops);
        lookup = new SecretLookup(config, blocking);
        sessions = new Sessions(config, loops, pools, dialer, clientTls, lookup, blocking);
        lifecycle = new Lifecycle(source, sessions, pools, this::readTls, this::leave, this::close);
        accepts = new AcceptRate(() -> sessions.config().limits().maxAcceptRate());
        metrics = new MetricsPage(pools, sessions, accepts, config.http(), Version.weir());
        sessions.own(Console.over(sessions, pools, loops, lifecycle, blocking, Version.weir()));
    }

    /**
     * Starts to listen; returns when clients are accepted. The HTTP port comes up a little later.
     *
     * @throws TlsException if a key or certificate cannot be used; it names the key and the file
     * @throws ListenException if an address cannot be listened on; it names the key
     * @throws IOException if something else that the configuration asks for is not to be had here
     */
    public static Weir start(WeirConfig config) throws IOException {
        return start(config, null);
    }

    /**
     * The same, with a configuration that can be read again: RELOAD and SET need that.
     *
     * @throws ConfigException with all mistakes in the configuration
     */
    public static Weir start(ConfigSource source) throws IOException, ConfigException {
        return start(source.read(Map.of()), source);
    }

    static Weir start(WeirConfig config, @Nullable ConfigSource source) throws IOException {
        ListenConfig listen = config.listen();
        EventLoops loops;
        try {
            loops =
                    new EventLoops(
                            listen.transport(), listen.eventLoops(), config.usesUnixSockets());
        } catch (IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        }
        ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
        Weir weir;
        try {
            weir = new Weir(config, source, loops, blocking);
        } catch (IOException e) {
            loops.close();
            blocking.shutdownNow();
            throw e;
        }
        try {
            weir.open(config);
            return weir;
        } catch (ListenException e) {
            weir.close();
            throw e;
        }
    }

    private void open(WeirConfig config) throws ListenException {
        Listeners opened =
                Listeners.open(config.listen(), loops, sessions, sessions.readOnly(), accepts);
        listeners = opened;
        admin =
                AdminServer.start(
                        config.http(),
                        new Health(opened::isOpen, loops, pools),
                        metrics,
                        config.listen().reusePort());
        blocking.execute(metrics::startPushing);
        LOG.info(
                "listening on {} port {}{}, {} event loop(s) on {}",
                config.listen().addr(),
                port(),
                opened.readOnly() == null ? "" : ", read-only port " + readOnlyPort(),
                loops.all().size(),
                loops.transport());
    }

    private static List<ServerTlsConfig> serverTlsOf(WeirConfig config) {
        return config.databases().values().stream().map(DatabaseConfig::tls).distinct().toList();
    }

    /** The port that clients connect to; the one chosen if the configuration says 0. */
    public int port() {
        Listeners opened = listeners;
        if (opened == null) {
            throw new IllegalStateException("this Weir does not listen");
        }
        return opened.main().port();
    }

    /** The port where no session can write; the one chosen if the configuration says 0. */
    public int readOnlyPort() {
        Listener opened = listeners == null ? null : listeners.readOnly();
        if (opened == null) {
            throw new IllegalStateException("this Weir has no read-only-port");
        }
        return opened.port();
    }

    /** Clients that are connected now. */
    public int clients() {
        return sessions.clients();
    }

    /** Clients that wait for a server connection now. */
    public int waiting() {
        return pools.all().stream().mapToInt(pool -> pool.status().waiting()).sum();
    }

    /**
     * Reads keys and certificates from their files again. Who connects from now on meets what they
     * say; who is connected stays, under what was read before. Reads files: not for an event loop.
     *
     * @throws TlsException if one cannot be used; then nothing changes
     */
    public void reloadTls() throws TlsException {
        readTls(sessions.config()).run();
    }

    /** Reads the files that a configuration names; what comes back lets them count. */
    private Runnable readTls(WeirConfig config) throws TlsException {
        Runnable client = clientTls.read(config.clientTls());
        Runnable server = serverTls.read(serverTlsOf(config));
        return () -> {
            client.run();
            server.run();
        };
    }

    /**
     * Waits for the HTTP port to answer.
     *
     * @return false if there is none: the configuration wants none, or another process was quicker
     */
    public boolean awaitHttp() {
        return admin != null && admin.awaitStarted();
    }

    /** What else can be ordered: reloads, and an end that waits for somebody. */
    public Operations operations() {
        return lifecycle;
    }

    /**
     * Begins to end, and returns at once: no more clients, no more transactions, and those under
     * way may take for shutdown-timeout. If that has been ordered before, Weir ends at once.
     */
    public void stop() {
        lifecycle.hasten();
    }

    /** Waits until everything is closed, whoever ordered that. */
    public void awaitClosed() throws InterruptedException {
        closed.await();
    }

    /** Takes no more clients; who takes the port over finds the HTTP port free as well. */
    private void leave() {
        Listeners opened = listeners;
        if (opened != null) {
            if (sessions.config().listen().reusePort() && admin != null) {
                admin.close();
            }
            opened.leave();
        }
    }

    /**
     * Stops listening, closes all clients and server connections, and returns when no thread of
     * Weir's runs any more.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            awaitOther();
            return;
        }
        try {
            if (admin != null) {
                admin.close();
            }
            metrics.close();
            if (listeners != null) {
                listeners.close();
            }
            pools.close();
            lookup.close();
            sessions.routers().close();
            TimeUnit.MILLISECONDS.sleep(pools.all().isEmpty() ? 0 : GOODBYE.toMillis() / 10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            loops.close();
            blocking.shutdownNow();
            closed.countDown();
        }
    }

    /** Another thread closes already. */
    private void awaitOther() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

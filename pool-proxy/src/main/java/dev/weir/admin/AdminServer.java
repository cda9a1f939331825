package dev.weir.admin;

import dev.weir.config.HttpConfig;
import dev.weir.net.ListenException;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The HTTP port. It comes up on a thread of its own, since it takes longer than all the rest, and
 * no client of the proxy is to wait for it. Any thread may use it.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final String KEY = "http-port";

    /** How long requests under way get when Weir closes. */
    private static final Duration GRACE = Duration.ofMillis(200);

    /** How often it is looked whether another process has left the port. */
    private static final Duration PORT_LOOK = Duration.ofMillis(100);

    private static final int MOST_CONNECTIONS = 256;

    private final CompletableFuture<WebServer> server;

    /** Written by whoever closes; read by the thread that starts. */
    private volatile boolean closed;

    private AdminServer(CompletableFuture<WebServer> server) {
        this.server = server;
    }

    /**
     * Begins to start, and returns at once.
     *
     * @return null if the configuration wants none
     * @param patient whether to wait for the port if another process still has it
     * @throws ListenException if the port is not to be had
     */
    public static @Nullable AdminServer start(
            HttpConfig config, Health health, MetricsPage page, boolean patient)
            throws ListenException {
        if (config.port() == 0) {
            return null;
        }
        InetSocketAddress address = address(config);
        // Tried here, where whoever starts Weir can be told.
        IOException obstacle = obstacle(address);
        if (obstacle != null && !patient) {
            throw new ListenException(KEY, config.addr(), config.port(), obstacle);
        }
        CompletableFuture<WebServer> server = new CompletableFuture<>();
        AdminServer admin = new AdminServer(server);
        Thread.ofPlatform()
                .daemon()
                .name("weir-http-start")
                .start(() -> {
                    try {
                        admin.awaitPort(address);
                        server.complete(listen(address, health, page));
                        LOG.info("HTTP on {} port {}", config.addr(), config.port());
                    } catch (RuntimeException e) {
                        LOG.error(
                                "there is no HTTP port: {}",
                                new ListenException(KEY, config.addr(), config.port(), e)
                                        .getMessage());
                        server.completeExceptionally(e);
                    }
                });
        return admin;
    }

    private static @Nullable IOException obstacle(InetSocketAddress address) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(address);
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    /** Waits until no other process has the port, or nobody wants it any more. */
    private void awaitPort(InetSocketAddress address) {
        boolean told = false;
        for (IOException e = obstacle(address); e != null && !closed; e = obstacle(address)) {
            if (!told) {
                LOG.info("port {} is still another process's; waiting for it", address.getPort());
                told = true;
            }
            LockSupport.parkNanos(PORT_LOOK.toNanos());
        }
    }

    private static InetSocketAddress address(HttpConfig config) throws ListenException {
        try {
            return config.addr().equals("*")
                    ? new InetSocketAddress(config.port())
                    : new InetSocketAddress(InetAddress.getByName(config.addr()), config.port());
        } catch (UnknownHostException e) {
            throw new ListenException(KEY, config.addr(), config.port(), null);
        }
    }

    private static WebServer listen(InetSocketAddress address, Health health, MetricsPage page) {
        HealthObserver observer =
                HealthObserver.builder()
                        .useSystemServices(false)
                        .details(true)
                        .addHealthChecks(health.checks())
                        .build();
        return WebServer.builder()
                .featuresDiscoverServices(false)
                .addFeature(ObserveFeature.just(observer))
                .routing(routing -> routing.get("/metrics", page))
                .shutdownHook(false)
                .address(address.getAddress())
                .port(address.getPort())
                .maxTcpConnections(MOST_CONNECTIONS)
                .shutdownGracePeriod(GRACE)
                .build()
                .start();
    }

    /** Waits until the port answers; false if it could not be had after all. */
    public boolean awaitStarted() {
        try {
            server.join();
            return true;
        } catch (CompletionException e) {
            return false;
        }
    }

    /** Stops, also in mid-start; waits for at most a second. */
    @Override
    public void close() {
        closed = true;
        CompletableFuture<?> stopped =
                server.handle((running, _) -> {
                    if (running != null) {
                        running.stop();
                    }
                    return true;
                });
        try {
            stopped.get(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the HTTP port has not closed in time");
        }
    }
}

package dev.weir.admin;

import dev.weir.config.HttpConfig;
import dev.weir.net.AcceptRate;
import dev.weir.pool.Pools;
import dev.weir.session.Sessions;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * The page /metrics, for Prometheus; and where it is configured, the pushing of the same numbers.
 * Any thread but a loop may use it.
 *
 * <p>Perf: OpenTelemetry is loaded by the first who asks. A start that is quick has no time for it.
 */
public final class MetricsPage implements Handler, AutoCloseable {
    private final Pools pools;
    private final Sessions sessions;
    private final AcceptRate accepts;
    private final HttpConfig config;
    private final String version;
    private @Nullable Metrics metrics;
    private boolean closed;

    /** Reads nothing yet. */
    public MetricsPage(
            Pools pools, Sessions sessions, AcceptRate accepts, HttpConfig config, String version) {
        this.pools = pools;
        this.sessions = sessions;
        this.accepts = accepts;
        this.config = config;
        this.version = version;
    }

    /** Begins to push, if that is configured. Takes its time. */
    public void startPushing() {
        if (!config.otlpEndpoint().isEmpty()) {
            metrics();
        }
    }

    private synchronized @Nullable Metrics metrics() {
        if (metrics == null && !closed) {
            metrics = new Metrics(pools, sessions, accepts, config, version);
        }
        return metrics;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws IOException {
        Metrics known = metrics();
        if (known == null) {
            response.status(503).send("Weir is shutting down.");
            return;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream(16 * 1024);
        known.write(text);
        response.header(HeaderNames.CONTENT_TYPE, known.contentType());
        response.send(text.toByteArray());
    }

    @Override
    public void close() {
        Metrics known;
        synchronized (this) {
            closed = true;
            known = metrics;
        }
        if (known != null) {
            known.close();
        }
    }
}

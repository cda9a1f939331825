package dev.weir.router;

import dev.weir.classify.Catalog;
import dev.weir.classify.CatalogReader;
import dev.weir.health.Beat;
import dev.weir.topology.Node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Reads the catalog whenever it has changed. It has a virtual thread of its own. */
final class CatalogWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogWatch.class);

    /** How often it is looked whether it has changed: once a second. */
    private static final int BEATS = 4;

    /** Connects to a node. */
    interface Source {
        Connection connect(Node node) throws SQLException;
    }

    private final Supplier<Node> primary;
    private final Source source;
    private final Consumer<Catalog> listener;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * Starts to look.
     *
     * @param primary whose catalog it is
     * @param listener hears what the catalog is, and that it is not known
     */
    CatalogWatch(Supplier<Node> primary, Source source, Consumer<Catalog> listener) {
        this.primary = primary;
        this.source = source;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("weir-catalog " + primary.get()).start(this::run);
    }

    /** Looks at once. */
    void look() {
        LockSupport.unpark(thread);
    }

    private void run() {
        String known = "";
        while (!closed) {
            Node from = primary.get();
            try (Connection connection = source.connect(from);
                    CatalogReader reader = new CatalogReader(connection)) {
                while (!closed && from.equals(primary.get())) {
                    String now = reader.fingerprint();
                    if (!now.equals(known)) {
                        listener.accept(reader.read());
                        known = now;
                    }
                    awaitBeat();
                }
            } catch (SQLException | RuntimeException e) {
                // A pool that is being closed throws whatever comes to it; this goes on regardless.
                known = "";
                listener.accept(Catalog.unknown());
                LOG.debug("the catalog of {} cannot be read: {}", from, e.getMessage());
                awaitBeat();
            }
        }
    }

    private void awaitBeat() {
        if (!closed) {
            LockSupport.parkNanos(this, Beat.then(System.nanoTime(), BEATS));
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}

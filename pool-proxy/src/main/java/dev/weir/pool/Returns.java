package dev.weir.pool;

import dev.weir.server.ServerConnection;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What becomes of a server connection that comes back: the next client gets it, at once or after it
 * has been cleaned, or it is closed. On its loop, if nothing else is said.
 */
final class Returns {
    /** How long DISCARD ALL may take before the server connection is closed instead. */
    private static final Duration RESET_TIMEOUT = Duration.ofSeconds(10);

    private final Shelves shelves;
    private final Retirement retirement;
    private final Dispatcher dispatcher;

    /** Server connections that are to be closed as they come back, for other pools. */
    private final AtomicInteger yields = new AtomicInteger();

    Returns(Shelves shelves, Retirement retirement, Dispatcher dispatcher) {
        this.shelves = shelves;
        this.retirement = retirement;
        this.dispatcher = dispatcher;
    }

    /** As {@link Pool#release}. */
    void release(ServerConnection server) {
        if (dispatcher.closesOnReturn() || server.poisoned() || !server.channel().isActive()) {
            shelves.hangUp(server);
        } else if (server.cancelUnderWay()) {
            // Parked: whoever gets it next must not be hit by a cancel request meant for its last
            // client.
            shelves.keepAside(server);
            server.parked(true);
        } else if (server.dirty()) {
            ServerReset.start(server, RESET_TIMEOUT, this::wasReset);
        } else {
            shelve(server);
        }
    }

    private void wasReset(ServerConnection server, boolean clean) {
        if (clean) {
            shelve(server);
        } else {
            shelves.hangUp(server);
        }
    }

    /** As {@link Pool#cancelSettled}. */
    void cancelSettled(ServerConnection server, boolean delivered) {
        server.cancelSettled();
        if (!delivered) {
            server.poison();
        }
        if (server.parked() && !server.cancelUnderWay()) {
            server.parked(false);
            release(server);
        }
    }

    /** Gives a clean one to whoever waits, or puts it down, unless it is to be closed. */
    void shelve(ServerConnection server) {
        long now = retirement.coarseNanos();
        if (dispatcher.closesOnReturn() || retirement.isDue(server, now) || yields()) {
            shelves.hangUp(server);
            return;
        }
        server.idleSince(now);
        dispatcher.offered(shelves.put(server));
    }

    /** Whether the next server connection that comes back is for another pool. */
    private boolean yields() {
        int owed = yields.get();
        return owed > 0 && yields.compareAndSet(owed, owed - 1);
    }

    /** The next server connection that comes back is closed, for another pool. From any thread. */
    void yieldOne() {
        yields.compareAndSet(0, 1);
    }
}

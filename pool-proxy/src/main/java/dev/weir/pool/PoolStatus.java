package dev.weir.pool;

import dev.weir.server.ServerConnection;
import dev.weir.telemetry.Count;
import dev.weir.telemetry.PoolCounters;

import java.util.Set;

/** How a pool is doing at this moment, for those who look. Any thread may use it. */
public final class PoolStatus {
    private final Opener opener;
    private final Established established;
    private final Shelves shelves;
    private final Dispatcher dispatcher;
    private final Retirement retirement;
    private final PoolCounters counters;

    PoolStatus(
            Opener opener,
            Established established,
            Shelves shelves,
            Dispatcher dispatcher,
            Retirement retirement,
            PoolCounters counters) {
        this.opener = opener;
        this.established = established;
        this.shelves = shelves;
        this.dispatcher = dispatcher;
        this.retirement = retirement;
        this.counters = counters;
    }

    // ---- server connections ----

    /** Server connections that exist or are being opened. */
    public int size() {
        return opener.open();
    }

    /** The part of {@link #size} that is still being opened. */
    public int connecting() {
        return opener.connecting();
    }

    /** Server connections that nobody uses. */
    public int idle() {
        return shelves.idle();
    }

    /** How many server connections are open that are to be replaced. */
    public long retiring() {
        return established.retiring(retirement.coarseNanos());
    }

    /**
     * Server connections that are logged in. Their state may only be read on their loops; the set
     * changes at any time.
     */
    public Set<ServerConnection> servers() {
        return established.servers();
    }

    // ---- clients ----

    /** Clients that are logged in. */
    public long clients() {
        long gone = counters.get(Count.DEPARTURES);
        return counters.get(Count.LOGINS) - gone;
    }

    /** Clients that wait. */
    public int waiting() {
        return dispatcher.waiting();
    }

    /** How long the first in the queue has waited, in nanoseconds; 0 if nobody waits. */
    public long longestWaitNanos() {
        Waiter first = dispatcher.first();
        return first == null ? 0 : Math.max(0, System.nanoTime() - first.sinceNanos());
    }

    /** Clients that wait for their turn, or a place, under a limit: they have not asked yet. */
    public long heldUp() {
        long over = counters.get(Count.LET_ON);
        return counters.get(Count.HELD_UP) - over;
    }
}

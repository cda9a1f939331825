package dev.weir.pool;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A number of server connections that several pools share: those of a database, of a user, or all.
 * Any thread may use it.
 */
final class Share {
    /** Written by whoever reloads. */
    private volatile int max;

    private final AtomicInteger taken = new AtomicInteger();
    private final List<Sharer> pools = new CopyOnWriteArrayList<>();

    /**
     * A share of which nothing is taken.
     *
     * @param max server connections, 0 without limit
     */
    Share(int max) {
        this.max = max;
    }

    /** Changes the limit; where it has become less, what is taken already stays. */
    void limit(int max) {
        int before = this.max;
        this.max = max;
        if (before > 0 && (max == 0 || max > before)) {
            pools.stream().filter(Sharer::waitsForOthers).forEach(Sharer::wake);
        }
    }

    void join(Sharer pool) {
        pools.add(pool);
    }

    /** The pool opens nothing any more; what it has still counts until it is closed. */
    void leave(Sharer pool) {
        pools.remove(pool);
    }

    /** Takes one server connection's place; false if there is none. */
    boolean take() {
        int now;
        do {
            now = taken.get();
            int limit = max;
            if (limit > 0 && now >= limit) {
                return false;
            }
        } while (!taken.compareAndSet(now, now + 1));
        return true;
    }

    /** Takes back what {@link #take} took for another reason than a server connection's end. */
    void untake() {
        taken.decrementAndGet();
    }

    /**
     * A server connection has gone: whoever has waited longest for this may open one.
     *
     * @return whether somebody has waited
     */
    boolean give() {
        taken.decrementAndGet();
        Sharer first = max == 0 ? null : oldest();
        if (first != null) {
            first.wake();
        }
        return first != null;
    }

    /** The pool whose first client has waited longest for this; null if nobody does. */
    private @Nullable Sharer oldest() {
        Sharer oldest = null;
        Waiter its = null;
        for (Sharer pool : pools) {
            Waiter first = pool.waitsForOthers() ? pool.firstWaiter() : null;
            if (first != null && (its == null || first.sinceNanos() - its.sinceNanos() < 0)) {
                oldest = pool;
                its = first;
            }
        }
        return oldest;
    }

    /**
     * {@code needy} has clients that wait, and may not open a server connection for them: another
     * pool closes one that nobody uses, if there is one.
     */
    void closeIdleFor(Sharer needy) {
        Sharer richest = null;
        for (Sharer pool : pools) {
            if (pool != needy
                    && pool.firstWaiter() == null
                    && pool.idle() > 0
                    && (richest == null || pool.idle() > richest.idle())) {
                richest = pool;
            }
        }
        if (richest != null) {
            richest.closeOneIdle();
        }
    }

    /**
     * Nobody has an idle one, and {@code needy} still waits: the pool that has most gives the next
     * one that comes back, unless that would only turn the tables.
     */
    void yieldTo(Sharer needy) {
        Sharer richest = null;
        for (Sharer pool : pools) {
            if (pool != needy && (richest == null || pool.size() > richest.size())) {
                richest = pool;
            }
        }
        // A pool that has none must get its turn, though it be from one that has a single one.
        int own = needy.size();
        if (richest != null && (richest.size() > own + 1 || (own == 0 && richest.size() > 0))) {
            richest.yieldOne();
        }
    }
}

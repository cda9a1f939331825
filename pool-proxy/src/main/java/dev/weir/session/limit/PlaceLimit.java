package dev.weir.session.limit;

import dev.weir.config.LimitsConfig;
import dev.weir.config.ShareConfig;
import dev.weir.config.WeirConfig;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many transactions of those who share this may be under way at once, and who waits for a
 * place, first come first served. Any thread may use it; nothing blocks.
 *
 * <p>No wake-up is lost: who waits is in the queue before it looks whether a place is free, and a
 * place is free before the queue is looked at.
 *
 * <p>Resilience4j's Bulkhead would do for the number, but not for the queue, and where a reload
 * makes the limit less it blocks until as many places are free.
 */
public final class PlaceLimit {
    private final String key;
    private final String whose;

    /** Written by whoever reloads; 0 for no limit any more. */
    private volatile int max;

    private final AtomicInteger taken = new AtomicInteger();
    private final ConcurrentLinkedQueue<Ticket> queue = new ConcurrentLinkedQueue<>();

    /**
     * A limit of which nothing is taken.
     *
     * @param key the key that sets it
     * @param whose what it is counted for, in words
     */
    PlaceLimit(String key, String whose, int max) {
        this.key = key;
        this.whose = whose;
        this.max = max;
    }

    /** The limits of transactions under way at once, of all clients. */
    public static LimitTable<PlaceLimit> table() {
        return new LimitTable<>(
                "concurrent-transactions",
                ShareConfig::maxConcurrent,
                LimitsConfig::maxAddressConcurrent,
                new Kind());
    }

    private static final class Kind implements LimitTable.Kind<PlaceLimit> {
        @Override
        public PlaceLimit make(String key, String whose, int max, WeirConfig config) {
            return new PlaceLimit(key, whose, max);
        }

        @Override
        public void change(PlaceLimit limit, int max, WeirConfig config) {
            limit.limit(max);
        }
    }

    /** Somebody in the queue. It leaves once: served, or because its owner gives up. */
    abstract static class Ticket {
        private final AtomicBoolean left = new AtomicBoolean();

        /** A place is the owner's now. Called on any thread; must return at once. */
        abstract void served();

        private boolean leave() {
            return left.compareAndSet(false, true);
        }
    }

    String key() {
        return key;
    }

    String whose() {
        return whose;
    }

    int max() {
        return max;
    }

    /** Changes the limit; where it has become less, what is taken already stays. */
    void limit(int max) {
        this.max = max;
        serve();
    }

    /** Takes a place; false if none is free, or others wait for it. */
    boolean take() {
        return queue.isEmpty() && takeFree();
    }

    private boolean takeFree() {
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

    /** Waits for a place, behind all that wait already. */
    void await(Ticket ticket) {
        queue.add(ticket);
        serve();
    }

    /** Waits no longer; a ticket that has been served already has a place to give back. */
    void withdraw(Ticket ticket) {
        if (ticket.leave()) {
            queue.remove(ticket);
        }
    }

    /** Gives a place back. */
    void give() {
        taken.decrementAndGet();
        serve();
    }

    /** Gives the places that are free to those who wait. */
    private void serve() {
        while (!queue.isEmpty() && takeFree()) {
            Ticket first = next();
            if (first == null) {
                // Who came meanwhile may have found this place taken: the queue is looked at again.
                taken.decrementAndGet();
            } else {
                first.served();
            }
        }
    }

    private @Nullable Ticket next() {
        for (Ticket ticket = queue.poll(); ticket != null; ticket = queue.poll()) {
            if (ticket.leave()) {
                return ticket;
            }
        }
        return null;
    }
}

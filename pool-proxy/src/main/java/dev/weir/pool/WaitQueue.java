package dev.weir.pool;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The clients that wait for a server connection of one pool, first come first served across all
 * loops. Any thread may use it. Its length is bounded by the number of client sessions, each of
 * which waits at most once.
 */
final class WaitQueue {
    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();

    /** Waiters that have not left; never less than what a poll can find. */
    private final AtomicInteger length = new AtomicInteger();

    void add(Waiter waiter) {
        // Counted before it can be found, so that whoever puts a server connection aside afterwards
        // sees it.
        length.incrementAndGet();
        waiters.add(waiter);
    }

    /** The longest waiting, taken out; null if nobody waits. */
    @Nullable Waiter poll() {
        for (Waiter waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
            if (waiter.leave()) {
                length.decrementAndGet();
                return waiter;
            }
        }
        return null;
    }

    /** The longest waiting, left in its place; null if nobody waits. */
    @Nullable Waiter peek() {
        for (Waiter waiter = waiters.peek(); waiter != null; waiter = waiters.peek()) {
            if (!waiter.hasLeft()) {
                return waiter;
            }
            waiters.remove(waiter);
        }
        return null;
    }

    /** The owner wants it no longer. False if it has been served or refused already. */
    boolean withdraw(Waiter waiter) {
        if (!waiter.leave()) {
            return false;
        }
        length.decrementAndGet();
        waiters.remove(waiter);
        return true;
    }

    int length() {
        return length.get();
    }
}

package dev.weir.pool;

import org.jspecify.annotations.Nullable;

/** A pool as the others see it with which it shares a limit. Any thread may use it. */
final class Sharer {
    private final Opener opener;
    private final Shelves shelves;
    private final Dispatcher dispatcher;
    private final Returns returns;

    Sharer(Opener opener, Shelves shelves, Dispatcher dispatcher, Returns returns) {
        this.opener = opener;
        this.shelves = shelves;
        this.dispatcher = dispatcher;
        this.returns = returns;
    }

    /** Server connections that exist or are being opened. */
    int size() {
        return opener.open();
    }

    /** Server connections that nobody uses. */
    int idle() {
        return shelves.idle();
    }

    /** Whether clients wait only for a limit that other pools share. */
    boolean waitsForOthers() {
        return opener.exhausted() != null && dispatcher.waiting() > 0;
    }

    /** The client that has waited longest; null if nobody waits. */
    @Nullable Waiter firstWaiter() {
        return dispatcher.first();
    }

    /** Lets the loop of the longest waiting look for a server connection again. */
    void wake() {
        dispatcher.wake();
    }

    /** Closes the server connection that has been idle for longest. */
    void closeOneIdle() {
        shelves.closeOne();
    }

    /** The next server connection that comes back is closed, for another pool. */
    void yieldOne() {
        returns.yieldOne();
    }
}

package dev.weir.pool;

import dev.weir.net.EventLoops;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/**
 * Brings the clients that wait and the idle server connections of one pool together: first come,
 * first served, over all loops.
 *
 * <p>No wake-up is lost: a waiter is counted before it looks at the shelves, and a server
 * connection is shelved before the waiters are looked at, so that at least one of the two sees the
 * other.
 */
final class Dispatcher {
    /** Where more server connections come from. */
    interface Supply {
        /**
         * No server connection is idle: opens one for the clients that wait, if that is allowed.
         *
         * @param first the client that has waited longest; null if nobody waits any more
         * @param waiting how many wait
         * @return false if it is not
         */
        boolean openFor(@Nullable Waiter first, int waiting);
    }

    private final EventLoops loops;
    private final Shelves shelves;
    private final Supply supply;
    private final WaitQueue waiters = new WaitQueue();

    /** Written by any thread that has an order of the operator; read by all loops. */
    private volatile Hold hold = Hold.NONE;

    Dispatcher(EventLoops loops, Shelves shelves, Supply supply) {
        this.loops = loops;
        this.shelves = shelves;
        this.supply = supply;
    }

    // ---- whether anything is lent ----

    Hold hold() {
        return hold;
    }

    /**
     * Stops lending, or goes on with it. Nothing leads out of {@link Hold#CLOSED}.
     *
     * @return whether it is so now
     */
    synchronized boolean hold(Hold wanted) {
        if (hold == Hold.CLOSED) {
            return false;
        }
        hold = wanted;
        return true;
    }

    /** Whether a server connection is closed when it comes back. */
    boolean closesOnReturn() {
        return hold == Hold.PAUSED || hold == Hold.CLOSED;
    }

    // ---- who waits; from any thread ----

    /** Clients that wait. */
    int waiting() {
        return waiters.length();
    }

    /** The client that has waited longest; null if nobody waits. */
    @Nullable Waiter first() {
        return waiters.peek();
    }

    /** As {@link Pool#withdraw(Waiter)}. */
    boolean withdraw(Waiter waiter) {
        return waiters.withdraw(waiter);
    }

    /** Refuses those who have waited for so long. */
    void refuseAfter(long nanos, long now, Supplier<ServerUnavailableException> reason) {
        Waiter first = waiters.peek();
        while (first != null && now - first.sinceNanos() >= nanos) {
            if (waiters.withdraw(first)) {
                refuse(first, reason.get());
            }
            first = waiters.peek();
        }
    }

    void refuseAll(ServerUnavailableException reason) {
        for (Waiter waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
            refuse(waiter, reason);
        }
    }

    private static void refuse(Waiter waiter, ServerUnavailableException reason) {
        waiter.loop().execute(() -> waiter.refused(reason));
    }

    /** Lets the loop of the longest waiting look for a server connection again. */
    void wake() {
        Waiter first = waiters.peek();
        if (first != null) {
            int loop = first.loopNumber();
            first.loop().execute(() -> dispatch(loop));
        }
    }

    // ---- on a loop ----

    /**
     * An idle server connection of the loop of that number; null if it has none, or others wait.
     */
    @Nullable ServerConnection takeIdle(int loop) {
        return waiters.length() == 0 && hold == Hold.NONE ? shelves.take(loop) : null;
    }

    /** Lets a client wait, who may be served before this returns. On its loop. */
    void await(Waiter waiter) {
        waiters.add(waiter);
        dispatch(waiter.loopNumber());
    }

    /** A server connection has been put down on the loop of that number, and on that loop. */
    void offered(int loop) {
        if (waiters.length() > 0) {
            dispatch(loop);
        }
    }

    /** Serves as many waiters as can be served now. On the loop of that number. */
    private void dispatch(int loop) {
        while (waiters.length() > 0 && hold == Hold.NONE) {
            ServerConnection server = shelves.take(loop);
            if (server != null) {
                Waiter waiter = waiters.poll();
                if (waiter == null) {
                    shelves.putBack(loop, server);
                    return;
                }
                grant(server, waiter);
            } else if (dispatchElsewhere(loop)
                    || !supply.openFor(waiters.peek(), waiters.length())) {
                return;
            }
        }
    }

    /** Asks a loop that has an idle server connection to give it away; false if there is none. */
    private boolean dispatchElsewhere(int loop) {
        int giver = shelves.elsewhere(loop);
        if (giver < 0) {
            return false;
        }
        // That loop goes on from here, whether it still has one or not.
        loops.all().get(giver).execute(() -> dispatch(giver));
        return true;
    }

    private void grant(ServerConnection server, Waiter waiter) {
        if (waiter.loop() == server.loop()) {
            waiter.granted(server);
            return;
        }
        shelves.keepAside(server);
        LoopMove.start(
                server,
                waiter.loop(),
                () -> {
                    if (server.channel().isActive()) {
                        waiter.granted(server);
                    } else {
                        waiter.lost();
                    }
                });
    }
}

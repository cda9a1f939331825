package dev.weir.session;

import dev.weir.pool.Pool;
import dev.weir.pool.Waiter;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;
import dev.weir.session.limit.TransactionLimits;
import dev.weir.session.limit.TransactionPlaces;
import dev.weir.session.limit.TransactionRate;
import dev.weir.telemetry.Count;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/**
 * The server connection that one session is lent, or waits for. Confined to the client's loop,
 * which a lent server connection shares.
 */
final class Lending {
    private final ClientSession session;
    private final Channel client;
    private final int loopNumber;
    private final Pool pool;
    private final Stopwatch stopwatch;
    private final TransactionLimits limits;

    /** Whom the server connection is from, or is asked for. */
    private Pool lender;

    private @Nullable ServerConnection server;
    private @Nullable Request waiter;

    /** The client waits for its turn, or a place: the pool has not been asked yet. */
    private boolean early;

    /** What ends that wait by time; null if nothing does. */
    private @Nullable Future<?> timer;

    /** In the midst of asking the pool: an answer that comes at once is picked up by the asker. */
    private boolean asking;

    private @Nullable ServerUnavailableException refusal;

    Lending(
            ClientSession session,
            Channel client,
            int loopNumber,
            Pool pool,
            Stopwatch stopwatch,
            TransactionLimits limits) {
        this.session = session;
        this.client = client;
        this.loopNumber = loopNumber;
        this.pool = pool;
        this.lender = pool;
        this.stopwatch = stopwatch;
        this.limits = limits;
    }

    /** What is lent; null if nothing is. */
    @Nullable ServerConnection server() {
        return server;
    }

    boolean waiting() {
        return waiter != null;
    }

    /** The pool that has lent, or is to lend. */
    Pool lender() {
        return lender;
    }

    /** For how long it has been waiting; 0 if it is not. */
    long waitedNanos() {
        Request waiting = waiter;
        return waiting == null ? 0 : System.nanoTime() - waiting.begun();
    }

    /**
     * Asks for a server connection for a transaction, when it is the client's turn and there is a
     * place for it.
     *
     * @return null if the client has to wait, or has been refused: see {@link #takeRefusal}
     */
    @Nullable ServerConnection lease() {
        if (!limits.any()) {
            return acquire();
        }
        Request request = new Request(System.nanoTime());
        TransactionRate rate = limits.rate();
        long wait;
        try {
            wait = rate == null ? 0 : rate.reserve();
        } catch (ServerUnavailableException e) {
            refusal = e;
            return null;
        }
        if (wait == 0) {
            return takePlaces(request);
        }
        wait(request, wait, () -> turnHasCome(request));
        return null;
    }

    /**
     * Waits, and has not asked the pool yet.
     *
     * @param nanos until {@code then}; 0 for never
     */
    private void wait(Request request, long nanos, Runnable then) {
        waiter = request;
        early = true;
        stopwatch.counters().add(Count.HELD_UP);
        timer =
                nanos == 0
                        ? null
                        : client.eventLoop()
                                .schedule(
                                        () -> {
                                            if (waiter == request) {
                                                then.run();
                                            }
                                        },
                                        nanos,
                                        TimeUnit.NANOSECONDS);
    }

    /** That wait is over. */
    private void stopWaiting() {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
        early = false;
        waiter = null;
        stopwatch.counters().add(Count.LET_ON);
    }

    private void turnHasCome(Request request) {
        stopWaiting();
        answer(takePlaces(request));
    }

    private @Nullable ServerConnection takePlaces(Request request) {
        TransactionPlaces places = limits.places();
        if (places == null || places.take(client.eventLoop(), () -> hasPlaces(request))) {
            return acquire(new Request(request.begun()));
        }
        long patience = pool.config().queryWaitTimeout().toNanos();
        long left = patience - (System.nanoTime() - request.begun());
        wait(request, patience == 0 ? 0 : Math.max(1, left), () -> waitedForPlaces(places));
        return null;
    }

    private void hasPlaces(Request request) {
        stopWaiting();
        answer(acquire(new Request(request.begun())));
    }

    private void waitedForPlaces(TransactionPlaces places) {
        stopWaiting();
        ServerUnavailableException reason =
                places.waitedTooLong(pool.config().queryWaitTimeout().toMillis());
        places.giveBack();
        session.leaseStart().refused(reason);
    }

    /** Tells the session what has come of a wait, if anything has. */
    private void answer(@Nullable ServerConnection lent) {
        ServerUnavailableException refused = takeRefusal();
        if (lent != null) {
            session.leaseStart().granted(lent);
        } else if (refused != null) {
            session.leaseStart().refused(refused);
        }
    }

    private void givePlacesBack() {
        TransactionPlaces places = limits.places();
        if (places != null) {
            places.giveBack();
        }
    }

    /**
     * Asks for a server connection, whatever limits the client's transactions.
     *
     * @return null if the client has to wait, or has been refused: see {@link #takeRefusal}
     */
    @Nullable ServerConnection acquire() {
        return acquire(new Request(System.nanoTime()));
    }

    private @Nullable ServerConnection acquire(Request request) {
        asking = true;
        waiter = request;
        lender = session.lender(pool);
        request.from = lender;
        ServerConnection lent = lender.acquire(request);
        asking = false;
        if (lent != null) {
            waiter = null;
            lentAtOnce(request);
            take(lent);
        }
        return server;
    }

    private void lentAtOnce(Request request) {
        if (!limits.any()) {
            stopwatch.lent(request.begun(), 0);
        } else {
            // It may have waited for its turn before.
            long now = System.nanoTime();
            stopwatch.lent(now, now - request.begun());
        }
    }

    /** The refusal that came at once, while it was asked for. */
    @Nullable ServerUnavailableException takeRefusal() {
        ServerUnavailableException reason = refusal;
        refusal = null;
        return reason;
    }

    private void take(ServerConnection lent) {
        server = lent;
        lent.heldBy(session.serverEnd());
        if (!client.isWritable()) {
            lent.channel().config().setAutoRead(false);
        }
    }

    /**
     * The client no longer waits.
     *
     * @return false if a server connection is on its way already; it arrives, and goes straight
     *     back if {@link #forget} was called
     */
    boolean withdraw() {
        Waiter waiting = waiter;
        if (early) {
            stopWaiting();
        } else if (waiting == null || !lender.withdraw(waiting)) {
            return false;
        }
        waiter = null;
        givePlacesBack();
        return true;
    }

    /** The client is gone: whatever is still granted goes back. */
    void forget() {
        Waiter waiting = waiter;
        if (waiting == null) {
            return;
        }
        if (early) {
            stopWaiting();
        } else {
            lender.withdraw(waiting);
            waiter = null;
        }
        givePlacesBack();
    }

    /** Returns the server connection, clean and idle, to its pool. */
    void giveBack() {
        ServerConnection lent = server;
        if (lent != null) {
            server = null;
            if (!lent.channel().config().isAutoRead()) {
                lent.channel().config().setAutoRead(true);
            }
            lender.release(lent);
            givePlacesBack();
            session.leaseEnded();
        }
    }

    /** Gives a server connection up that cannot be brought back to order. */
    void abandon() {
        ServerConnection lent = server;
        if (lent != null) {
            server = null;
            lent.poison();
            lender.release(lent);
            givePlacesBack();
            session.leaseEnded();
        }
    }

    /** The server connection has gone by itself. */
    void lost() {
        server = null;
        givePlacesBack();
        session.leaseEnded();
    }

    private final class Request extends Waiter {
        /** Set before it is asked. */
        private Pool from = pool;

        Request(long sinceNanos) {
            super(client.eventLoop(), loopNumber, sinceNanos);
        }

        long begun() {
            return sinceNanos();
        }

        @Override
        protected void granted(ServerConnection lent) {
            if (waiter != this) {
                from.release(lent);
                return;
            }
            waiter = null;
            long now = System.nanoTime();
            stopwatch.lent(now, now - sinceNanos());
            take(lent);
            if (!asking) {
                session.leaseStart().granted(lent);
            }
        }

        @Override
        protected void lost() {
            if (waiter == this) {
                waiter = null;
                givePlacesBack();
                session.leaseStart().lost();
            }
        }

        @Override
        protected void refused(ServerUnavailableException reason) {
            if (waiter != this) {
                return;
            }
            waiter = null;
            givePlacesBack();
            if (asking) {
                refusal = reason;
            } else {
                session.leaseStart().refused(reason);
            }
        }
    }
}

package dev.weir.session;

import dev.weir.pool.Pool;
import dev.weir.pool.Waiter;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;

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

    /** Null if the client may begin transactions as often as it likes. */
    private final @Nullable TransactionRate rate;

    private @Nullable ServerConnection server;
    private @Nullable Request waiter;

    /** While the client waits for its turn: the pool has not been asked yet. */
    private @Nullable Future<?> turn;

    /** In the midst of asking the pool: an answer that comes at once is picked up by the asker. */
    private boolean asking;

    private @Nullable ServerUnavailableException refusal;

    Lending(
            ClientSession session,
            Channel client,
            int loopNumber,
            Pool pool,
            Stopwatch stopwatch,
            @Nullable TransactionRate rate) {
        this.session = session;
        this.client = client;
        this.loopNumber = loopNumber;
        this.pool = pool;
        this.stopwatch = stopwatch;
        this.rate = rate;
    }

    /** What is lent; null if nothing is. */
    @Nullable ServerConnection server() {
        return server;
    }

    boolean waiting() {
        return waiter != null;
    }

    /** For how long it has been waiting; 0 if it is not. */
    long waitedNanos() {
        Request waiting = waiter;
        return waiting == null ? 0 : System.nanoTime() - waiting.begun();
    }

    /**
     * Asks for a server connection for a transaction, when it is the client's turn.
     *
     * @return null if the client has to wait, or has been refused: see {@link #takeRefusal}
     */
    @Nullable ServerConnection lease() {
        TransactionRate limited = rate;
        if (limited == null) {
            return acquire();
        }
        long wait;
        try {
            wait = limited.reserve();
        } catch (ServerUnavailableException e) {
            refusal = e;
            return null;
        }
        if (wait == 0) {
            return acquire();
        }
        Request request = new Request(System.nanoTime());
        waiter = request;
        turn = client.eventLoop().schedule(() -> turnHasCome(request), wait, TimeUnit.NANOSECONDS);
        return null;
    }

    private void turnHasCome(Request request) {
        if (waiter != request) {
            return;
        }
        turn = null;
        ServerConnection lent = acquire(new Request(request.begun()));
        ServerUnavailableException refused = takeRefusal();
        if (lent != null) {
            session.granted(lent);
        } else if (refused != null) {
            session.refused(refused);
        }
    }

    /**
     * Asks for a server connection, whatever the rate.
     *
     * @return null if the client has to wait, or has been refused: see {@link #takeRefusal}
     */
    @Nullable ServerConnection acquire() {
        return acquire(new Request(System.nanoTime()));
    }

    private @Nullable ServerConnection acquire(Request request) {
        asking = true;
        waiter = request;
        ServerConnection lent = pool.acquire(request);
        asking = false;
        if (lent != null) {
            waiter = null;
            lentAtOnce(request);
            take(lent);
        }
        return server;
    }

    private void lentAtOnce(Request request) {
        if (rate == null) {
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
        lent.heldBy(session);
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
        if (cancelTurn()) {
            return true;
        }
        if (waiting == null || !pool.withdraw(waiting)) {
            return false;
        }
        waiter = null;
        return true;
    }

    /** The client is gone: whatever is still granted goes back. */
    void forget() {
        Waiter waiting = waiter;
        if (!cancelTurn() && waiting != null) {
            pool.withdraw(waiting);
            waiter = null;
        }
    }

    /** The client does not wait for its turn any more; false if it did not. */
    private boolean cancelTurn() {
        Future<?> coming = turn;
        if (coming == null) {
            return false;
        }
        coming.cancel(false);
        turn = null;
        waiter = null;
        return true;
    }

    /** Returns the server connection, clean and idle, to its pool. */
    void giveBack() {
        ServerConnection lent = server;
        if (lent != null) {
            server = null;
            if (!lent.channel().config().isAutoRead()) {
                lent.channel().config().setAutoRead(true);
            }
            pool.release(lent);
        }
    }

    /** Gives a server connection up that cannot be brought back to order. */
    void abandon() {
        ServerConnection lent = server;
        if (lent != null) {
            server = null;
            lent.poison();
            pool.release(lent);
        }
    }

    /** The server connection has gone by itself. */
    void lost() {
        server = null;
    }

    private final class Request extends Waiter {
        Request(long sinceNanos) {
            super(client.eventLoop(), loopNumber, sinceNanos);
        }

        long begun() {
            return sinceNanos();
        }

        @Override
        protected void granted(ServerConnection lent) {
            if (waiter != this) {
                pool.release(lent);
                return;
            }
            waiter = null;
            long now = System.nanoTime();
            stopwatch.lent(now, now - sinceNanos());
            take(lent);
            if (!asking) {
                session.granted(lent);
            }
        }

        @Override
        protected void lost() {
            if (waiter == this) {
                waiter = null;
                session.lendingLost();
            }
        }

        @Override
        protected void refused(ServerUnavailableException reason) {
            if (waiter != this) {
                return;
            }
            waiter = null;
            if (asking) {
                refusal = reason;
            } else {
                session.refused(reason);
            }
        }
    }
}

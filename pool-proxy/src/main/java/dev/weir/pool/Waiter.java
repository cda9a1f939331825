package dev.weir.pool;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;

import io.netty.channel.EventLoop;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A client that waits for a server connection. Made anew for each wait, so that a late answer
 * cannot be taken for another's.
 *
 * <p>It leaves the queue exactly once: served, refused, or withdrawn by its owner.
 */
public abstract class Waiter {
    private final EventLoop loop;
    private final int loopNumber;
    private final long sinceNanos;
    private final AtomicBoolean left = new AtomicBoolean();

    /**
     * A waiter from now on.
     *
     * @param loop where the answer is to be given
     * @param loopNumber the loop's number
     * @param nowNanos the time from which query-wait-timeout counts
     */
    protected Waiter(EventLoop loop, int loopNumber, long nowNanos) {
        this.loop = loop;
        this.loopNumber = loopNumber;
        this.sinceNanos = nowNanos;
    }

    /**
     * The server connection is the waiter's now and belongs to its loop. Called on that loop, also
     * if the owner has gone since.
     */
    protected abstract void granted(ServerConnection server);

    /** There will be none. Called on the waiter's loop. */
    protected abstract void refused(ServerUnavailableException reason);

    /**
     * The server connection died on its way to the waiter's loop, before anything was sent to it.
     * Called on that loop.
     */
    protected abstract void lost();

    final EventLoop loop() {
        return loop;
    }

    final int loopNumber() {
        return loopNumber;
    }

    /** Since when it waits, on the scale of System.nanoTime. */
    protected final long sinceNanos() {
        return sinceNanos;
    }

    /** Takes the waiter out of the queue; true for the first caller only. */
    final boolean leave() {
        return left.compareAndSet(false, true);
    }

    final boolean hasLeft() {
        return left.get();
    }
}

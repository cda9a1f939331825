package dev.weir.pool;

import dev.weir.server.ServerConnection;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which server connections of a pool have lived, or rested, long enough: by age, for want of use,
 * by order of an operator, or because the password that they were opened with is not the current
 * one. Any thread may use it, but for what it sets on a server connection.
 */
final class Retirement {
    private final PoolSettings settings;

    /** Counts the orders to replace all server connections; read by those that are being opened. */
    private final AtomicInteger generation = new AtomicInteger();

    /** The time to within one {@link #tick}, so that a return need not read the clock. */
    private volatile long coarseNanos = System.nanoTime();

    /** When a client last proved another credential than before; 0 if none has. */
    private volatile long renewedNanos;

    Retirement(PoolSettings settings) {
        this.settings = settings;
    }

    /** Lets the time go on; a few times a second. */
    void tick(long now) {
        coarseNanos = now;
    }

    /** The time to within one {@link #tick}, on the scale of System.nanoTime. */
    long coarseNanos() {
        return coarseNanos;
    }

    /** Changes whenever all server connections are to be replaced. */
    int generation() {
        return generation.get();
    }

    /** All server connections are to be replaced, also those that are being opened. */
    void newGeneration() {
        generation.incrementAndGet();
    }

    /**
     * Server connections that have been opened by now had another password than is known now.
     *
     * @return when that was
     */
    long passwordRenewed() {
        long now = System.nanoTime();
        renewedNanos = now;
        return now;
    }

    /**
     * Gives a new server connection its time. On its loop.
     *
     * @param overtaken whether it is to be replaced already
     */
    void admit(ServerConnection server, boolean overtaken) {
        long opened = server.openedNanos();
        server.retireAt(overtaken ? opened : end(opened));
    }

    private long end(long openedNanos) {
        long lifetime = settings.config().serverLifetime().toNanos();
        if (lifetime == 0) {
            return openedNanos + Long.MAX_VALUE / 2;
        }
        long jitter = Math.min(settings.config().serverLifetimeJitter().toNanos(), lifetime / 2);
        return openedNanos
                + lifetime
                - (jitter == 0 ? 0 : ThreadLocalRandom.current().nextLong(jitter));
    }

    /** Whether nobody is to have it any more. */
    boolean isDue(ServerConnection server, long now) {
        return now - server.retireNanos() >= 0 || outdated(server);
    }

    /** Whether it was opened with a password that has been changed since. */
    private boolean outdated(ServerConnection server) {
        long renewed = renewedNanos;
        return renewed != 0 && server.openedNanos() - renewed < 0;
    }

    /**
     * Whether an idle one has not been used for so long that the pool may shrink by it.
     *
     * @param established how many there are
     */
    boolean isIdleTooLong(ServerConnection server, long now, int established) {
        long timeout = settings.config().serverIdleTimeout().toNanos();
        return timeout > 0
                && now - server.idleSinceNanos() >= timeout
                && established > settings.config().minPoolSize();
    }
}

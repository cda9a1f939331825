package dev.weir.session.limit;

import dev.weir.server.ServerUnavailableException;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.Executor;

/**
 * The places that the transaction of one client takes: one of each limit that concerns it, always
 * in the same order, so that no two clients wait for each other. Confined to the client's loop.
 */
public final class TransactionPlaces {
    private final List<PlaceLimit> limits;

    /** Of so many of the limits, from the first, it has a place. */
    private int taken;

    /** In the queue of the next limit; null if it does not wait. */
    private @Nullable Awaited awaited;

    /** None is taken yet. */
    TransactionPlaces(List<PlaceLimit> limits) {
        this.limits = List.copyOf(limits);
    }

    /**
     * Takes what is still missing.
     *
     * @param loop the client's
     * @param complete called on it when all has come, unless {@link #giveBack} is called before
     * @return whether all is there at once; then nothing is called
     */
    public boolean take(Executor loop, Runnable complete) {
        while (taken < limits.size()) {
            PlaceLimit limit = limits.get(taken);
            if (!limit.take()) {
                Awaited next = new Awaited(limit, loop, complete);
                awaited = next;
                limit.await(next);
                return false;
            }
            taken++;
        }
        return true;
    }

    /** A place that is waited for. */
    private final class Awaited extends PlaceLimit.Ticket {
        private final PlaceLimit limit;
        private final Executor loop;
        private final Runnable complete;

        Awaited(PlaceLimit limit, Executor loop, Runnable complete) {
            this.limit = limit;
            this.loop = loop;
            this.complete = complete;
        }

        @Override
        void served() {
            loop.execute(this::arrived);
        }

        private void arrived() {
            if (awaited != this) {
                // Not wanted any more.
                limit.give();
                return;
            }
            awaited = null;
            taken++;
            if (take(loop, complete)) {
                complete.run();
            }
        }
    }

    /** Waits no longer, and has no place any more. */
    public void giveBack() {
        Awaited waiting = awaited;
        awaited = null;
        if (waiting != null) {
            // A place that is on its way already is given back when it arrives.
            waiting.limit.withdraw(waiting);
        }
        while (taken > 0) {
            taken--;
            limits.get(taken).give();
        }
    }

    /** What a client is told that has waited for too long. */
    public ServerUnavailableException waitedTooLong(long waitedMillis) {
        PlaceLimit limit = limits.get(Math.min(taken, limits.size() - 1));
        return new ServerUnavailableException(
                ServerUnavailableException.Kind.WAITED_TOO_LONG,
                SqlState.TOO_MANY_CONNECTIONS,
                "Too many transactions of %s are under way: %s is %d, and none has ended within query-wait-timeout (%d ms); the statement was not started."
                        .formatted(limit.whose(), limit.key(), limit.max(), waitedMillis));
    }
}

package dev.weir.balance;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Spreads reads over replicas: of two that are drawn by their weights, the one that has less to do
 * for its weight. That is nearly as good as to compare all, and does not send everybody to the same
 * one. Any thread may use it.
 */
public final class Balance {
    /** How much busier than another a replica must be that a session leaves it. */
    private static final double MUCH = 2;

    /** Between two sessions that leave their replica: each may have to wait for a position. */
    private static final long MOVE_NANOS = Duration.ofMillis(2).toNanos();

    private final AtomicLong nextMove = new AtomicLong(System.nanoTime());

    /**
     * The one that shall answer a read; null if none may.
     *
     * @param lsn what it must show, on {@code timeline}
     */
    public @Nullable Replica choose(List<Replica> replicas, int timeline, long lsn) {
        long now = System.nanoTime();
        int rank = Integer.MAX_VALUE;
        Replica first = null;
        Replica second = null;
        double firstDraw = 0;
        double secondDraw = 0;
        for (int i = 0; i < replicas.size(); i++) {
            Replica one = replicas.get(i);
            if (one.rank() > rank
                    || one.tooFarBehind()
                    || !one.shows(timeline, lsn)
                    || !one.ready()) {
                continue;
            }
            if (one.rank() < rank) {
                rank = one.rank();
                first = null;
                second = null;
            }
            // The least of such draws is each one's as often as its weight tells (Efraimidis and
            // Spirakis), and so is the second of the rest.
            double draw = -Math.log(1 - ThreadLocalRandom.current().nextDouble()) / one.weight(now);
            if (first == null || draw < firstDraw) {
                second = first;
                secondDraw = firstDraw;
                first = one;
                firstDraw = draw;
            } else if (second == null || draw < secondDraw) {
                second = one;
                secondDraw = draw;
            }
        }
        return first == null || second == null || load(first, now) <= load(second, now)
                ? first
                : second;
    }

    /** Whether none of those that are ready goes before this one. */
    public boolean prefers(Replica one, List<Replica> replicas) {
        for (Replica other : replicas) {
            if (other.rank() < one.rank() && !other.tooFarBehind() && other.ready()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a session had better leave the replica that it may stay on, for one that shows as
     * much. Asks only one other, and allows so much only now and then.
     */
    public boolean leaves(Replica here, List<Replica> replicas, int timeline) {
        int count = replicas.size();
        if (count < 2) {
            return false;
        }
        Replica other = replicas.get(ThreadLocalRandom.current().nextInt(count));
        if (other == here || !better(other, here)) {
            return false;
        }
        if (!other.ready() || other.tooFarBehind() || !other.showsAsMuchAs(here, timeline)) {
            return false;
        }
        long now = System.nanoTime();
        long next = nextMove.get();
        return now - next >= 0 && nextMove.compareAndSet(next, now + MOVE_NANOS);
    }

    private static boolean better(Replica other, Replica here) {
        if (other.rank() != here.rank()) {
            return other.rank() < here.rank();
        }
        double busy = here.busy();
        if (busy < MUCH) {
            return false;
        }
        long now = System.nanoTime();
        return busy / here.weight(now) > MUCH * (other.busy() + 1) / other.weight(now);
    }

    private static double load(Replica one, long now) {
        return one.outstanding() / one.weight(now);
    }
}

package dev.weir.router;

import dev.weir.balance.Replica;
import dev.weir.freshness.Floor;
import dev.weir.freshness.MaxLag;
import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.topology.Lsn;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** A read that waits for a server to tell its position. Any thread may use it. */
public final class Wait {
    /** What replicas usually need is a tenth of that. */
    private static final long OLD_NANOS = 4_000_000;

    private final long begun = System.nanoTime();
    private final Membership membership;
    private final ReplicaSelector selector;
    private final @Nullable Probe visited;
    private final int incarnation;
    private final long visitedNanos;
    private final int timeline;
    private final long lsn;

    /** Null if it does not wait for a replica. */
    private final @Nullable MaxLag most;

    private final Executor executor;
    private final Runnable then;
    private final AtomicBoolean over = new AtomicBoolean();

    Wait(
            Membership membership,
            ReplicaSelector selector,
            Floor floor,
            @Nullable MaxLag most,
            Executor executor,
            Runnable then) {
        this.most = most;
        this.membership = membership;
        this.selector = selector;
        this.visited = floor.unresolved();
        this.incarnation = floor.incarnation();
        this.visitedNanos = floor.visitedNanos();
        this.timeline = floor.timeline();
        this.lsn = floor.lsn();
        this.executor = executor;
        this.then = then;
    }

    /** Whether it has ended. */
    boolean over() {
        return over.get();
    }

    /** Whether it takes longer than it should if nothing stands in the way. */
    boolean old() {
        return System.nanoTime() - begun > OLD_NANOS;
    }

    /** Ends the wait if it is worth to look again; called for each answer of a server. */
    void look() {
        int now = membership.timeline();
        long wanted = lsn;
        if (visited != null || timeline != now) {
            Sample told =
                    Floor.told(
                            visited,
                            incarnation,
                            membership.primary(),
                            visitedNanos,
                            timeline,
                            now);
            if (told == null) {
                return;
            }
            wanted = timeline == now ? Lsn.max(wanted, told.position()) : told.position();
        }
        if (most == null) {
            expire();
            return;
        }
        Replica fresh = selector.fresh(wanted, most);
        if (fresh != null && (old() || selector.prefers(fresh))) {
            expire();
        }
    }

    /** Ends the wait, if it has not ended by itself. */
    public void expire() {
        if (over.compareAndSet(false, true)) {
            executor.execute(then);
        }
    }

    /** Ends the wait without a word: nobody is interested any more. */
    public void cancel() {
        over.set(true);
    }
}

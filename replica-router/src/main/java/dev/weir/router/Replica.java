package dev.weir.router;

import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.topology.Lsn;
import dev.weir.topology.Node;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** A server that may answer reads. Any thread may use it. */
public final class Replica {
    private final Probe probe;
    private final long staleNanos;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final LongAdder reads = new LongAdder();

    Replica(Probe probe, long staleNanos) {
        this.probe = probe;
        this.staleNanos = staleNanos;
    }

    public Node node() {
        return probe.node();
    }

    public Probe probe() {
        return probe;
    }

    /** Reads that are under way there. */
    public int outstanding() {
        return outstanding.get();
    }

    /** Reads that it has been given so far. */
    public long reads() {
        return reads.sum();
    }

    /** A read has been given to it; {@link #ended} follows. */
    public void begun() {
        outstanding.incrementAndGet();
        reads.increment();
    }

    /** The read is over, one way or another. */
    public void ended() {
        outstanding.decrementAndGet();
    }

    /** Whether it is a standby that has answered of late. */
    public boolean healthy() {
        Sample told = probe.last();
        return told != null && told.standby() && System.nanoTime() - told.askedNanos() < staleNanos;
    }

    /** Whether it replays that timeline, and so what its primary writes. */
    boolean follows(int timeline) {
        Sample told = probe.last();
        return told != null && told.timeline() == timeline;
    }

    /** Whether it surely shows all up to {@code lsn} of {@code timeline}. */
    boolean shows(int timeline, long lsn) {
        Sample told = probe.last();
        return told != null
                && told.standby()
                && told.timeline() == timeline
                && Lsn.reached(told.position(), lsn);
    }
}

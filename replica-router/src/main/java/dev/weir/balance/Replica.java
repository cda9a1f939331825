package dev.weir.balance;

import dev.weir.freshness.MaxLag;
import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.topology.Lsn;
import dev.weir.topology.Member;
import dev.weir.topology.Node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** A server that may answer reads. Any thread may use it. */
public final class Replica {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    /** A replica whose last answer is older is not asked to read. */
    private static final long STALE_NANOS = Duration.ofSeconds(3).toNanos();

    /** Of its share, what a replica gets that has just come back. */
    private static final double LEAST_SHARE = 0.1;

    /** What the newest read counts in the average of those under way. */
    private static final double NEWEST = 1.0 / 64;

    private final Probe probe;
    private final Breaker breaker;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final LongAdder reads = new LongAdder();

    /** Of all threads that have given it reads; what one of them overwrites is soon made good. */
    private volatile double busy;

    /** Reads that it had been given when it was last looked after. */
    private long givenBefore;

    /** Written by whoever lists it anew, read by all. */
    private volatile Terms terms;

    /** Whether it has been ready to read before, and is not now; written by {@link #watch}. */
    private volatile boolean away;

    /** Past the limits; written by the probes' threads. */
    private volatile boolean farBehind;

    private volatile boolean tooFarBehind;

    /** When it came back; 0 if it has not been away. Written by {@link #watch}. */
    private volatile long backNanos;

    /** Whether it was ready at the last look; for {@link #watch} alone. */
    private boolean wasReady;

    /** Whether the log has it that it is silent; for {@link #watch} alone. */
    private boolean toldSilent;

    /** How it is listed, and what counts for all. */
    private record Terms(
            Member member,
            int rank,
            MaxLag prefer,
            MaxLag never,
            long slowStartNanos,
            long timeoutNanos) {
        static Terms of(Member member, Rules rules) {
            return new Terms(
                    member,
                    rules.zone().isEmpty() || rules.zone().equals(member.zone()) ? 0 : 1,
                    rules.prefer(),
                    rules.never(),
                    rules.slowStart().toNanos(),
                    rules.timeout().toNanos());
        }
    }

    /**
     * A replica that has not been asked anything.
     *
     * @param late whether others answer already, so that its share is to grow slowly
     */
    public Replica(Probe probe, Member member, Rules rules, boolean late) {
        this.probe = probe;
        this.terms = Terms.of(member, rules);
        this.away = late;
        this.breaker = new Breaker(probe.node(), rules.pause());
    }

    /** It is listed otherwise from now on. */
    public void relist(Member member, Rules rules) {
        terms = Terms.of(member, rules);
        breaker.pause(rules.pause());
    }

    public Node node() {
        return probe.node();
    }

    public Probe probe() {
        return probe;
    }

    /** How it is listed. */
    public Member member() {
        return terms.member();
    }

    /** Those of a lower one are chosen before it: lag counts for more than the zone. */
    int rank() {
        int rank = terms.rank();
        return farBehind ? rank + 2 : rank;
    }

    /** Whether it matters how far it is behind. */
    public boolean limited() {
        Terms now = terms;
        return now.prefer() != MaxLag.OFF || now.never() != MaxLag.OFF || farBehind || tooFarBehind;
    }

    /**
     * It is so far behind the primary.
     *
     * @param millis negative if that is not known
     * @param bytes the same
     */
    public void isBehind(long millis, long bytes) {
        Terms now = terms;
        farBehind = !now.prefer().allows(millis, bytes);
        tooFarBehind = !now.never().allows(millis, bytes);
    }

    /** Whether it is so far behind that it is not asked to read. */
    public boolean tooFarBehind() {
        return tooFarBehind;
    }

    /** Its share of the reads, compared with others; it grows slowly after it was away. */
    double weight(long now) {
        Terms listed = terms;
        int whole = listed.member().weight();
        if (away) {
            return whole * LEAST_SHARE;
        }
        long back = backNanos;
        if (back == 0 || listed.slowStartNanos() == 0) {
            return whole;
        }
        double grown = (double) (now - back) / listed.slowStartNanos();
        return whole * Math.clamp(grown, LEAST_SHARE, 1);
    }

    /** The part that it has at the moment of the share that it is listed with, in percent. */
    public int share() {
        return (int) Math.round(100 * weight(System.nanoTime()) / member().weight());
    }

    /** Reads that are under way there. */
    public int outstanding() {
        return outstanding.get();
    }

    /**
     * Reads that have been under way there of late, on average: from one moment to the next their
     * number tells little, for answers come in flocks.
     */
    double busy() {
        return busy;
    }

    /** Reads that it has been given so far. */
    public long reads() {
        return reads.sum();
    }

    /** Whether reads fail there. */
    public BreakerState breaker() {
        return breaker.state();
    }

    /** A read has been given to it; {@link #ended} follows. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // of two at once one may count: it is an average
    public void begun() {
        busy += (outstanding.incrementAndGet() - busy) * NEWEST;
        reads.increment();
        breaker.begun();
    }

    /**
     * The read is over.
     *
     * @param why half a sentence for the log, if it has failed
     */
    public void ended(Outcome outcome, String why) {
        outstanding.decrementAndGet();
        breaker.ended(outcome, why);
    }

    /** Whether it is a standby that has answered of late, and does not leave a question open. */
    public boolean healthy() {
        Sample told = probe.last();
        if (told == null || !told.standby()) {
            return false;
        }
        long now = System.nanoTime();
        return now - told.askedNanos() < STALE_NANOS
                && probe.silentNanos(now) <= terms.timeoutNanos() / 2;
    }

    /** Whether a read may be sent there. */
    public boolean ready() {
        return healthy() && breaker.allows(outstanding.get());
    }

    /** Whether it replays that timeline, and so what its primary writes. */
    public boolean follows(int timeline) {
        Sample told = probe.last();
        return told != null && told.timeline() == timeline;
    }

    /** Whether it surely shows all up to {@code lsn} of {@code timeline}. */
    public boolean shows(int timeline, long lsn) {
        Sample told = probe.last();
        return told != null
                && told.standby()
                && told.timeline() == timeline
                && Lsn.reached(told.position(), lsn);
    }

    /** Whether it shows at least what another does, as far as both have told. */
    boolean showsAsMuchAs(Replica other, int timeline) {
        Sample told = other.probe.last();
        return told != null && shows(timeline, told.position());
    }

    private void watchReadiness(long now) {
        boolean ready = healthy() && breaker.state() == BreakerState.CLOSED;
        if (ready && away) {
            backNanos = now;
            away = false;
        } else if (!ready && wasReady) {
            away = true;
        }
        wasReady = ready;
    }

    /**
     * Looks after it, a few times a second: whether it has come back, and whether it has left the
     * probe's question open for too long. For one thread.
     *
     * @return whether the reads that it has not answered either are to be asked elsewhere
     */
    public boolean watch() {
        long now = System.nanoTime();
        watchReadiness(now);
        long given = reads.sum();
        if (given == givenBefore) {
            busy = outstanding.get();
        }
        givenBefore = given;
        long silent = probe.silentNanos(now);
        long timeoutNanos = terms.timeoutNanos();
        if (silent > timeoutNanos / 2 && !toldSilent) {
            toldSilent = true;
            LOG.warn("{} has not answered for {} ms: it gets no reads", node(), silent / 1_000_000);
        } else if (silent == 0 && toldSilent) {
            toldSilent = false;
            LOG.info("{} answers again", node());
        }
        return silent > timeoutNanos && outstanding.get() > 0;
    }
}

package dev.weir.failover;

import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Who is the primary, by what the servers say of themselves. It is the one that is not in recovery;
 * of several, the one of the highest timeline, since each promotion begins a higher one. A node
 * that calls itself primary of a lower timeline than has been seen already is refused: it is an old
 * primary that has come back, and what is written there is lost.
 *
 * <p>Others decide who is to be it, a person, Patroni or repmgr; this follows. Any thread may use
 * it.
 */
public final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    /** A node that leaves a question unanswered for longer is not waited for. */
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Runnable listener;
    private final List<Confirmation> open = new ArrayList<>();
    private final Set<Probe> refused = ConcurrentHashMap.newKeySet();
    private final LongAdder failovers = new LongAdder();
    private final LongAdder losses = new LongAdder();

    // Written under the lock of this object.
    private volatile List<Probe> nodes;
    private volatile Probe leader;
    private volatile int timeline;
    private volatile boolean settled;

    /** Since when it is not certain who it is. */
    private volatile long doubtNanos = System.nanoTime();

    private int incarnation;

    /** A server connection that waits to hear what its server is. */
    private record Confirmation(
            @Nullable Probe server,
            boolean asPrimary,
            long sinceNanos,
            Executor executor,
            Confirmed confirmed) {}

    /** Hears what has come of {@link #confirm}. */
    public interface Confirmed {
        /**
         * Called once.
         *
         * @param refusal why the server may not be written to, as a sentence; null if it may
         */
        void heard(@Nullable String refusal);
    }

    /**
     * Nothing is known yet.
     *
     * @param listed the primary as it is configured, which is it until another proves to be
     * @param listener called when another is the primary, or the same is it again after it was
     *     away; on a probe's thread, with no lock held
     */
    public Leadership(Probe listed, List<Probe> nodes, Runnable listener) {
        this.leader = listed;
        this.nodes = List.copyOf(nodes);
        this.listener = listener;
    }

    /** The primary, or the last that was it. */
    public Probe leader() {
        return leader;
    }

    /** The highest timeline of a primary that has been seen; 0 if none has. */
    public int timeline() {
        return timeline;
    }

    /** Whether it is certain who it is, and it answers. */
    public boolean settled() {
        return settled;
    }

    /** How often another node has become the primary. */
    public long failovers() {
        return failovers.sum();
    }

    /** How often the primary has ceased to answer. */
    public long losses() {
        return losses.sum();
    }

    /**
     * Looks at these nodes from now on.
     *
     * @return false if the leader is not among them, and nothing has changed
     */
    public synchronized boolean nodes(List<Probe> now) {
        if (!now.contains(leader)) {
            return false;
        }
        nodes = List.copyOf(now);
        refused.retainAll(nodes);
        if (!settled) {
            nodes.forEach(node -> node.brisk(timeline > 0));
        }
        answer();
        return true;
    }

    /** Whether it calls itself primary, and must not be written to. */
    public boolean refuses(Probe node) {
        return refused.contains(node);
    }

    /** A server has answered, or failed to; from its probe. */
    public void look() {
        boolean news;
        synchronized (this) {
            news = choose();
            news |= settle();
            if (settled && news) {
                LOG.info("{} is the primary, on timeline {}", leader.node(), timeline);
            }
            answer();
        }
        if (news) {
            listener.run();
        }
    }

    /** Whether there is another leader, or timeline. */
    private boolean choose() {
        Probe best = null;
        Sample its = null;
        for (Probe node : nodes) {
            Sample told = node.last();
            if (told == null || told.standby() || foreign(node)) {
                refused.remove(node);
            } else if (told.timeline() < timeline) {
                refuse(node, told);
            } else if (its == null
                    || told.timeline() > its.timeline()
                    || (told.timeline() == its.timeline() && node == leader)) {
                best = node;
                its = told;
            }
        }
        if (best == null || its == null) {
            return false;
        }
        refused.remove(best);
        if (best == leader && its.timeline() == timeline) {
            refuseOthers(best);
            return false;
        }
        boolean first = timeline == 0;
        if (best != leader && !first) {
            failovers.increment();
            LOG.warn(
                    "{} has been promoted and is the primary now, on timeline {}; {} was it, on timeline {}",
                    best.node(),
                    its.timeline(),
                    leader.node(),
                    timeline);
        }
        leader = best;
        timeline = its.timeline();
        incarnation = best.incarnation();
        refuseOthers(best);
        if (!first && !settled) {
            // A higher timeline than that of the primary which was lost: nothing is to be awaited.
            settled = true;
            nodes.forEach(node -> node.brisk(false));
        }
        return true;
    }

    private void refuseOthers(Probe best) {
        for (Probe node : nodes) {
            Sample told = node.last();
            if (node == best || told == null || told.standby() || foreign(node)) {
                continue;
            }
            if (node.sameServer(best)) {
                refused.remove(node);
            } else {
                refuse(node, told);
            }
        }
    }

    /** Whether it is no copy of the primary at all. */
    private boolean foreign(Probe node) {
        return node.system() != 0 && leader.system() != 0 && node.system() != leader.system();
    }

    private void refuse(Probe node, Sample told) {
        if (refused.add(node)) {
            LOG.error(
                    "two primaries: {} calls itself primary of timeline {}, but timeline {} has begun elsewhere; nothing is sent to it. Stop it, and make it a standby (pg_rewind)",
                    node.node(),
                    told.timeline(),
                    timeline);
        }
    }

    /**
     * Finds out whether it is certain who the leader is.
     *
     * @return whether that is so again
     */
    private boolean settle() {
        Sample told = leader.last();
        boolean leads = told != null && !told.standby() && told.timeline() == timeline;
        if (settled && (!leads || leader.incarnation() != incarnation)) {
            settled = false;
            doubtNanos = told == null ? leader.failedNanos() : told.askedNanos();
            losses.increment();
            LOG.warn(
                    "{} is no longer certain to be the primary: {}",
                    leader.node(),
                    told == null
                            ? leader.failure()
                            : told.standby() ? "it is a standby now" : "it has been away");
            nodes.forEach(node -> node.brisk(true));
        }
        if (!settled && leads && allHeard()) {
            settled = true;
            incarnation = leader.incarnation();
            nodes.forEach(node -> node.brisk(false));
            return true;
        }
        return false;
    }

    /** Whether all nodes have said what they are since the doubt began, or do not say anything. */
    private boolean allHeard() {
        boolean silent = System.nanoTime() - doubtNanos > SILENT_NANOS;
        for (Probe node : nodes) {
            if (!node.heardSince(doubtNanos) && (node == leader || !silent)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Finds out whether a server connection may be used: its server has to say what it is after the
     * connection was begun, so that nothing that it was before can count.
     *
     * @param asPrimary whether it is to be written to
     * @param sinceNanos when it was begun
     */
    public void confirm(
            Node server,
            boolean asPrimary,
            long sinceNanos,
            Executor executor,
            Confirmed confirmed) {
        synchronized (this) {
            Probe probe = null;
            for (Probe node : nodes) {
                if (node.node().equals(server)) {
                    probe = node;
                }
            }
            open.add(new Confirmation(probe, asPrimary, sinceNanos, executor, confirmed));
            answer();
        }
    }

    private void answer() {
        for (Iterator<Confirmation> all = open.iterator(); all.hasNext(); ) {
            Confirmation one = all.next();
            Probe server = one.server();
            if (server == null || !nodes.contains(server)) {
                heard(one, "The node that was connected to is listed no more.");
                all.remove();
            } else if (one.asPrimary() ? answer(one, server) : answerStandby(one, server)) {
                all.remove();
            } else {
                server.soon();
            }
        }
    }

    private boolean answer(Confirmation one, Probe server) {
        Sample told = leader.last();
        if (server != leader) {
            heard(one, notPrimary(server));
            return true;
        }
        if (settled && told != null && told.askedNanos() - one.sinceNanos() >= 0) {
            heard(one, null);
            return true;
        }
        if (!settled && leader.heardSince(one.sinceNanos()) && allHeard()) {
            heard(one, notPrimary(server));
            return true;
        }
        return false;
    }

    private static boolean answerStandby(Confirmation one, Probe server) {
        if (!server.heardSince(one.sinceNanos())) {
            return false;
        }
        Sample told = server.last();
        heard(
                one,
                told != null && told.standby()
                        ? null
                        : "PostgreSQL at %s is no replica%s"
                                .formatted(
                                        server.node(),
                                        told == null ? ": " + server.failure() : "."));
        return true;
    }

    private static void heard(Confirmation one, @Nullable String refusal) {
        one.executor().execute(() -> one.confirmed().heard(refusal));
    }

    private String notPrimary(Probe server) {
        Sample told = server.last();
        return "PostgreSQL at "
                + server.node()
                + (told == null
                        ? " is not known to be the primary: " + server.failure()
                        : told.standby()
                                ? " is a standby, and no other node is a primary."
                                : " is an old primary, of a timeline that has ended.");
    }
}

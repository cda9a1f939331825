package dev.weir.discovery;

import dev.weir.failover.Leadership;
import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.topology.Member;
import dev.weir.topology.Node;
import dev.weir.topology.Origin;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Looks again and again for replicas that nobody has listed. What it finds is on trial until it has
 * said itself that it is a standby of the same cluster; what it finds no more is kept for two more
 * looks, and if nobody can be asked, until somebody can.
 *
 * <p>It has a platform thread of its own. Everything public may be called from any thread.
 */
public final class Finder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Finder.class);

    /** Nodes of one database, the listed ones too. */
    private static final int MOST = 64;

    /** Between two looks at those who have been asked, and have not answered yet. */
    private static final Duration BRISK = Duration.ofMillis(20);

    /** How long the first look waits for a primary. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Looks in a row in which a node is not found, and after which it is dropped, less one. */
    private static final int MISSES = 2;

    /** The nodes that there are. */
    public interface Cluster {
        /** Those who ask the nodes, the primary too. */
        List<Probe> probes();

        /** Whether a node is one of them whatever is found. */
        boolean lists(Node node);

        /** Has a node asked that may be one; or goes on with that. */
        Probe watch(Node node);

        /**
         * Ends that.
         *
         * @return false if it is one of the nodes
         */
        boolean forget(Node node);

        /** Connects to one of the nodes. */
        Connection connect(Node node) throws SQLException;
    }

    /** Something that was found. */
    private static final class Finding {
        Member member;
        boolean taken;

        /** When it was not found for the first time in a row; 0 if it was at the last look. */
        long missedNanos;

        /** Why it was not taken, as the log has it. */
        String refusal = "";

        Finding(Member member) {
            this.member = member;
        }
    }

    private final Names names;
    private final Leadership leadership;
    private final Cluster cluster;
    private final Consumer<List<Member>> found;
    private final Thread thread;
    private volatile Search search;
    private volatile boolean soon;
    private volatile boolean closed;

    /** Why not all are found; null if nothing is known to be amiss. */
    private volatile @Nullable String complaint;

    /** Why one that was found is not taken, the first of them; null if all are. */
    private volatile @Nullable String refusal;

    // For its thread alone.
    private final Map<Node, Finding> findings = new LinkedHashMap<>();
    private List<Member> told = List.of();

    /**
     * Starts to look.
     *
     * @param names what the names of {@code search} stand for
     * @param found hears what is there besides what is listed, whenever that is something else; on
     *     the finder's thread
     */
    public Finder(
            Search search,
            Names names,
            Leadership leadership,
            Cluster cluster,
            Consumer<List<Member>> found) {
        this.search = search;
        this.names = names;
        this.leadership = leadership;
        this.cluster = cluster;
        this.found = found;
        // A name server that does not answer keeps its thread, which no other must wait for.
        this.thread = Thread.ofPlatform().daemon().name("weir-finder").start(this::run);
    }

    /** Looks in another way from now on. */
    public void search(Search other) {
        search = other;
        soon();
    }

    /** Looks at once. */
    public void soon() {
        soon = true;
        LockSupport.unpark(thread);
    }

    /**
     * Why some replicas are not found, as half a sentence; null if nothing is known to be amiss.
     */
    public @Nullable String complaint() {
        String reason = complaint;
        return reason == null ? refusal : reason;
    }

    private void run() {
        long begun = System.nanoTime();
        while (!closed && !leadership.settled() && System.nanoTime() - begun < PATIENCE.toNanos()) {
            LockSupport.parkNanos(this, BRISK.toNanos());
        }
        while (!closed) {
            long looked = System.nanoTime();
            soon = false;
            try {
                look();
                while (judge() && !closed && !soon) {
                    LockSupport.parkNanos(this, BRISK.toNanos());
                }
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.error("replicas cannot be looked for", e);
                }
            }
            long left = search.interval().toNanos() - (System.nanoTime() - looked);
            while (left > 0 && !soon && !closed) {
                LockSupport.parkNanos(this, left);
                left = search.interval().toNanos() - (System.nanoTime() - looked);
            }
        }
        findings.keySet().forEach(cluster::forget);
    }

    // ---- what is there ----

    private void look() {
        Search now = search;
        Map<Node, Member> seen = new LinkedHashMap<>();
        Set<Origin> silent = EnumSet.noneOf(Origin.class);
        String reason = resolve(now.names(), seen, silent);
        if (now.standbys() != Search.Standbys.OFF) {
            String other = standbys(now, seen, silent);
            reason = reason == null ? other : reason;
        }
        if (reason != null && !reason.equals(complaint)) {
            LOG.warn("not all replicas are found: {}", reason);
        }
        complaint = reason;
        seen.forEach((node, member) -> {
            Finding finding = findings.computeIfAbsent(node, _ -> new Finding(member));
            finding.member = member;
            finding.missedNanos = 0;
        });
        long missed = System.nanoTime();
        for (Iterator<Finding> all = findings.values().iterator(); all.hasNext(); ) {
            Finding one = all.next();
            Member member = one.member;
            if (!seen.containsKey(member.node())
                    && !silent.contains(member.origin())
                    && !remains(member.node())
                    && isMissed(one, missed, now)) {
                all.remove();
                if (!one.taken) {
                    cluster.forget(member.node());
                }
            }
        }
    }

    /** Whether it is kept although it streams from nobody: it is the primary, or was it. */
    private boolean remains(Node node) {
        Probe leader = leadership.leader();
        return leader.node().equals(node)
                || cluster.probes().stream()
                        .anyMatch(it -> it.node().equals(node) && leadership.refuses(it));
    }

    private static boolean isMissed(Finding one, long now, Search search) {
        if (one.missedNanos == 0) {
            one.missedNanos = now == 0 ? 1 : now;
        }
        // A look may come a little early.
        return now - one.missedNanos >= MISSES * search.interval().toNanos() * 9 / 10;
    }

    /** Finds out what names stand for. */
    private @Nullable String resolve(
            List<Member> wanted, Map<Node, Member> seen, Set<Origin> silent) {
        String reason = null;
        for (Member name : wanted) {
            try {
                for (String address : names.addresses(name.node().host())) {
                    Node node = new Node(address, name.node().port());
                    seen.putIfAbsent(
                            node, new Member(node, name.weight(), name.zone(), Origin.DNS));
                }
            } catch (UnknownHostException e) {
                silent.add(Origin.DNS);
                reason = "the name %s has no address".formatted(name.node().host());
                LOG.debug("{}: {}", reason, e.getMessage());
            }
        }
        return reason;
    }

    /** Asks the primary and its standbys, of which some may feed others. */
    private @Nullable String standbys(Search now, Map<Node, Member> seen, Set<Origin> silent) {
        String reason = null;
        Probe leader = leadership.leader();
        for (Probe probe : cluster.probes()) {
            boolean leads = probe == leader;
            if (probe.last() == null || (leads && !leadership.settled())) {
                if (leads) {
                    silent.add(Origin.REPLICATION);
                }
                continue;
            }
            try (Connection connection = cluster.connect(probe.node())) {
                Standbys standbys = Standbys.of(probe.node(), connection, now);
                standbys.nodes()
                        .forEach(node ->
                                seen.putIfAbsent(
                                        node,
                                        new Member(
                                                node,
                                                Member.USUAL_WEIGHT,
                                                "",
                                                Origin.REPLICATION)));
                if (leads || reason == null) {
                    reason = standbys.complaint() == null ? reason : standbys.complaint();
                }
            } catch (SQLException e) {
                if (leads) {
                    silent.add(Origin.REPLICATION);
                }
                LOG.debug("{} does not tell of its standbys: {}", probe.node(), e.getMessage());
            }
        }
        return reason;
    }

    // ---- what it is ----

    /**
     * Takes those who have proved to be replicas.
     *
     * @return whether some have been asked what they are, and have not answered yet
     */
    private boolean judge() {
        boolean pending = false;
        String first = null;
        List<Probe> known = new ArrayList<>();
        for (Probe probe : cluster.probes()) {
            Finding finding = findings.get(probe.node());
            if (finding == null || cluster.lists(probe.node())) {
                known.add(probe);
            }
        }
        List<Member> taken = new ArrayList<>();
        for (Finding finding : findings.values()) {
            Node node = finding.member.node();
            if (cluster.lists(node)) {
                finding.taken = false;
                continue;
            }
            Probe probe = cluster.watch(node);
            pending |= probe.last() == null && probe.failure() == null;
            String why = known.size() < MOST ? refusal(finding, probe, known) : tooMany();
            finding.taken = why == null;
            if (why == null) {
                known.add(probe);
                taken.add(finding.member);
            } else if (!why.isEmpty() && !why.equals(finding.refusal)) {
                LOG.info("{} ({}) is not taken: {}", node, finding.member.origin(), why);
            }
            finding.refusal = Objects.requireNonNullElse(why, "");
            String failure = probe.failure();
            if (first == null && why != null && failure != null) {
                first = "%s does not answer: %s".formatted(node, failure);
            }
        }
        refusal = first;
        if (!taken.equals(told)) {
            told = List.copyOf(taken);
            publish(told);
        }
        return pending;
    }

    private static String tooMany() {
        return "there are %d nodes already".formatted(MOST);
    }

    /** Why it is not taken; null if it is, and empty if that has been said elsewhere. */
    private @Nullable String refusal(Finding finding, Probe probe, List<Probe> known) {
        for (Probe other : known) {
            if (other.sameServer(probe)) {
                return probe.node().equals(leadership.leader().node())
                        ? null
                        : "it is the same server as " + other.node();
            }
        }
        if (finding.taken) {
            return null;
        }
        Sample sample = probe.last();
        if (sample == null) {
            return "";
        }
        return sample.standby() || promoted(finding.member.origin(), sample)
                ? null
                : "it calls itself primary, of timeline %d; the primary's is %d"
                        .formatted(sample.timeline(), leadership.timeline());
    }

    /** Whether it is a primary that has come after the one that is known. */
    private boolean promoted(Origin origin, Sample sample) {
        return origin == Origin.DNS && sample.timeline() > leadership.timeline();
    }

    private synchronized void publish(List<Member> members) {
        if (!closed) {
            found.accept(members);
        }
    }

    /** Ends it; nothing is told any more. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        LockSupport.unpark(thread);
    }
}

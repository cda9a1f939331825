package dev.weir.failover;

import dev.weir.health.Probe;
import dev.weir.topology.Lsn;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Promotes the most advanced replica when the primary is lost, where nobody else decides. Not
 * before the primary has been silent for long, most nodes can be reached, no other process does the
 * same, and no standby receives anything any more: as long as one does, the primary lives.
 *
 * <p>It has a virtual thread of its own. Everything public may be called from any thread.
 */
public final class Promotion implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Promotion.class);

    /** Between two looks at the primary. */
    private static final Duration TICK = Duration.ofMillis(100);

    /** Between two looks at the standbys, in which none may have got anything. */
    private static final Duration STILL = Duration.ofMillis(500);

    /** Between two attempts; as much again by chance. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** Between two looks whether it could be done at all. */
    private static final Duration CHECK = Duration.ofMinutes(1);

    private static final Duration STEP = Duration.ofSeconds(60);

    private final Leadership leadership;
    private final List<Node> nodes;
    private final Switchover.Connections connections;
    private final Duration after;
    private final Thread thread;

    private volatile long count;

    /** Why no replica is, or could be, promoted; null if one could. */
    private volatile @Nullable String refusal;

    private volatile boolean closed;

    /**
     * Begins to watch the primary.
     *
     * @param nodes all that are listed, the primary too
     * @param connections gives sessions of a superuser, always in the same database of a node
     * @param after how long the primary must be silent
     */
    public Promotion(
            Leadership leadership,
            List<Node> nodes,
            Switchover.Connections connections,
            Duration after) {
        this.leadership = leadership;
        this.nodes = List.copyOf(nodes);
        this.connections = connections;
        this.after = after;
        this.thread =
                Thread.ofVirtual().name("weir-promotion " + nodes.getFirst()).start(this::run);
    }

    /** How often a replica has been promoted. */
    public long count() {
        return count;
    }

    /** Why no replica is promoted, or could not be if the primary were lost; null if one could. */
    public @Nullable String refusal() {
        return refusal;
    }

    private void run() {
        long since = System.nanoTime();
        long checked = since - CHECK.toNanos();
        while (!closed) {
            if (!lost()) {
                since = System.nanoTime();
                if (leadership.settled() && since - checked >= CHECK.toNanos()) {
                    checked = since;
                    check();
                }
            } else if (System.nanoTime() - since >= after.toNanos()) {
                attempt();
                pause(PAUSE.plusMillis(ThreadLocalRandom.current().nextLong(PAUSE.toMillis())));
            }
            pause(TICK);
        }
    }

    private void pause(Duration length) {
        if (!closed) {
            LockSupport.parkNanos(this, length.toNanos());
        }
    }

    /** Whether there was a primary, and it does not answer. */
    private boolean lost() {
        return leadership.timeline() > 0
                && !leadership.settled()
                && leadership.leader().last() == null;
    }

    /** Finds out in good time whether it could not be done. */
    private void check() {
        try {
            Electorate.check(nodes, connections);
            refusal = null;
        } catch (SwitchoverException e) {
            if (!Objects.equals(e.sentence(), refusal) && !closed) {
                LOG.error("`promote: automatic` could not do anything: {}", e.sentence());
            }
            refusal = e.sentence();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void attempt() {
        try (Electorate electorate = Electorate.gather(nodes, connections)) {
            Standing best = choose(electorate);
            promote(electorate, best);
            count++;
            refusal = null;
        } catch (SQLException | SwitchoverException e) {
            String reason = String.valueOf(e.getMessage());
            if (!Objects.equals(reason, refusal) && !closed) {
                LOG.warn(
                        "{} has not answered for {} s or more, and no replica is promoted: {}",
                        leadership.leader().node(),
                        after.toSeconds(),
                        reason);
            }
            refusal = reason;
        }
    }

    /** Who is to be promoted, if anybody may be. */
    private Standing choose(Electorate electorate) throws SQLException, SwitchoverException {
        List<Standing> before = look(electorate);
        pause(STILL);
        List<Standing> now = look(electorate);
        for (int i = 0; i < now.size(); i++) {
            if (!now.get(i).stands(before.get(i))) {
                throw new SwitchoverException(
                        now.get(i).node()
                                + " has just received something, so that a primary lives");
            }
        }
        if (!lost() || closed) {
            throw new SwitchoverException("the primary answers again");
        }
        electorate.requireHeld();
        return Collections.max(now, Standing.FURTHEST);
    }

    private List<Standing> look(Electorate electorate) throws SQLException, SwitchoverException {
        List<Standing> found = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Probe primary = leadership.leader();
        for (Electorate.Member member : electorate.members()) {
            if (!member.operator().is("SELECT pg_is_in_recovery()")) {
                throw new SwitchoverException(member.node() + " is a primary, and answers");
            }
            String system =
                    member.operator().ask("SELECT system_identifier FROM pg_control_system()");
            if (primary.system() != 0 && Long.parseLong(system) != primary.system()) {
                throw new SwitchoverException(
                        member.node() + " is no copy of the primary: it must not be listed");
            }
            found.add(Standing.of(member));
            names.add(member.node().toString());
        }
        for (Standing one : found) {
            if (one.timeline() > leadership.timeline()) {
                throw new SwitchoverException(
                        "%s follows timeline %d already: somebody else has promoted a node"
                                .formatted(one.node(), one.timeline()));
            }
            // Who cascades from another standby that is here may go on to do so.
            if (!one.sender().isEmpty() && !names.contains(one.sender())) {
                throw new SwitchoverException(
                        "%s still receives from %s, so that a primary lives"
                                .formatted(one.node(), one.sender()));
            }
        }
        return found;
    }

    private void promote(Electorate electorate, Standing best)
            throws SQLException, SwitchoverException {
        LOG.warn(
                "PROMOTING {}: the primary {} has not answered for {} s, none of the {} reachable of {} nodes receives from it, and this one has most (timeline {}, up to {})",
                best.node(),
                leadership.leader().node(),
                after.toSeconds(),
                electorate.members().size(),
                nodes.size(),
                best.timeline(),
                Lsn.text(best.received()));
        Operator next = operator(electorate, best.node());
        next.ask("SELECT pg_promote(false)");
        Deadline.in(STEP)
                .await(
                        () -> !next.is("SELECT pg_is_in_recovery()"),
                        best.node() + " was told to become the primary and does not: see its log");
        for (Electorate.Member member : electorate.members()) {
            if (!member.node().equals(best.node())) {
                repoint(member, best.node(), next);
            }
        }
        Deadline.in(STEP)
                .await(
                        () ->
                                leadership.settled()
                                        && leadership.leader().node().equals(best.node()),
                        best.node() + " has been promoted, but is not seen as the primary");
        LOG.warn(
                "{} has been promoted and takes writes; should the old primary come back, nothing is sent to it",
                best.node());
    }

    private static Operator operator(Electorate electorate, Node node) {
        return electorate.members().stream()
                .filter(it -> it.node().equals(node))
                .findFirst()
                .orElseThrow()
                .operator();
    }

    private static void repoint(Electorate.Member member, Node next, Operator nextOperator) {
        try {
            new Standby(member.node(), member.operator()).follow(next, nextOperator);
            LOG.info("{} follows {} now", member.node(), next);
        } catch (SQLException e) {
            LOG.error(
                    "{} could not be told to follow {}; by hand: ALTER SYSTEM SET primary_conninfo: {}",
                    member.node(),
                    next,
                    e.getMessage());
        }
    }

    /** Ends it; an attempt that is under way is finished. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}

package dev.weir.failover;

import dev.weir.topology.Lsn;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a replica the primary, so that clients notice nothing but a short wait: what could fail is
 * looked at first, then transactions are held, the old primary is fenced, and the replica promoted
 * once it has replayed all. If a step before the promotion fails, all is put back. For one thread
 * that may block.
 */
public final class Switchover {
    private static final Logger LOG = LoggerFactory.getLogger(Switchover.class);

    /** For what takes milliseconds if nothing is wrong. */
    private static final Duration STEP = Duration.ofSeconds(10);

    private static final long MOST_LAG = 64L << 20;
    private static final int KNOWS_FLUSH = 17;

    private final Leadership leadership;
    private final Node target;
    private final List<Node> others;
    private final Connections connections;
    private final Traffic traffic;
    private final Duration patience;
    private final boolean force;

    /** Who promotes instead; null if nobody does. */
    private final @Nullable Promoter promoter;

    private final List<Step> steps = new ArrayList<>();
    private long stepNanos = System.nanoTime();

    /**
     * One thing that was done.
     *
     * @param what half a sentence
     * @param millis how long it took
     */
    public record Step(String what, long millis) {}

    /** Promotes the node by its own means: a tool that manages the cluster. */
    public interface Promoter {
        /**
         * Returns once it has.
         *
         * @throws SwitchoverException if it has not
         */
        void promote(Node old, Node next) throws SwitchoverException;
    }

    /** Gives sessions of a superuser, in a database that nobody writes to. */
    public interface Connections {
        Connection connect(Node node) throws SQLException;
    }

    /**
     * Nothing is done yet.
     *
     * @param others the nodes that are standbys before and after
     * @param patience how long running transactions may take to end
     * @param force whether those that take longer are ended, rather than all given up
     * @param promoter who promotes, fences and repoints while transactions are held; null if that
     *     is done by SQL
     */
    public Switchover(
            Leadership leadership,
            Node target,
            List<Node> others,
            Connections connections,
            Traffic traffic,
            Duration patience,
            boolean force,
            @Nullable Promoter promoter) {
        this.leadership = leadership;
        this.target = target;
        this.others = List.copyOf(others);
        this.connections = connections;
        this.traffic = traffic;
        this.patience = patience;
        this.force = force;
        this.promoter = promoter;
    }

    /**
     * Carries it out.
     *
     * @return what was done
     * @throws SwitchoverException if the node is not the primary now
     */
    public List<Step> run() throws SwitchoverException {
        Node old = leadership.leader().node();
        LOG.info("switchover from {} to {}", old, target);
        stepNanos = System.nanoTime();
        Promoter tool = promoter;
        if (tool != null) {
            runBy(tool, old);
            return List.copyOf(steps);
        }
        try (Operator primary = operator(old);
                Operator next = operator(target)) {
            List<Standby> standbys = new ArrayList<>();
            List<Operator> operators = new ArrayList<>();
            try {
                look(primary, next);
                for (Node other : others) {
                    Operator operator = operatorIfUp(other);
                    if (operator != null) {
                        operators.add(operator);
                        standbys.add(new Standby(other, operator));
                    }
                }
                done("looked at the nodes");
                change(primary, next, standbys);
            } finally {
                for (Operator operator : operators) {
                    operator.close();
                }
            }
        } catch (SQLException e) {
            throw new SwitchoverException(
                    "A node did not do as it was told: %s.".formatted(e.getMessage()), e);
        }
        LOG.info("switchover to {} is done: {}", target, steps);
        return List.copyOf(steps);
    }

    private void runBy(Promoter tool, Node old) throws SwitchoverException {
        traffic.hold();
        try {
            drain();
            tool.promote(old, target);
            done("the command has ended");
            awaitLeader();
            done(target + " is the primary");
        } catch (SQLException e) {
            throw new SwitchoverException(String.valueOf(e.getMessage()), e);
        } finally {
            traffic.release();
        }
        done("released what waited");
    }

    private void awaitLeader() throws SQLException, SwitchoverException {
        Deadline.in(STEP)
                .await(
                        () -> leadership.settled() && leadership.leader().node().equals(target),
                        target + " has been promoted, but is not seen as the primary");
    }

    private Operator operator(Node node) throws SwitchoverException {
        try {
            return new Operator(connections.connect(node));
        } catch (SQLException e) {
            throw new SwitchoverException(
                    "%s cannot be reached as an operator: %s.".formatted(node, e.getMessage()), e);
        }
    }

    /** A standby that is down stays what it is: nobody waits for it. */
    private @Nullable Operator operatorIfUp(Node node) {
        try {
            Operator operator = new Operator(connections.connect(node));
            if (operator.is("SELECT pg_is_in_recovery()")) {
                return operator;
            }
            operator.close();
        } catch (SQLException e) {
            LOG.warn("{} is left out of the switchover: {}", node, e.getMessage());
        }
        return null;
    }

    // ---- before anybody notices ----

    private static void require(boolean condition, String otherwise) throws SwitchoverException {
        if (!condition) {
            throw new SwitchoverException(otherwise);
        }
    }

    private void look(Operator primary, Operator next) throws SQLException, SwitchoverException {
        String superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
        require(
                primary.is(superuser) && next.is(superuser),
                "The operator is no superuser: it could not fence the old primary.");
        require(
                !primary.is("SELECT pg_is_in_recovery()"),
                "The node that is to be replaced is no primary.");
        require(next.is("SELECT pg_is_in_recovery()"), target + " is no standby.");
        String identity = "SELECT system_identifier FROM pg_control_system()";
        require(
                primary.ask(identity).equals(next.ask(identity)),
                target + " is no copy of the primary at all.");
        require(
                next.is("SELECT status = 'streaming' FROM pg_stat_wal_receiver"),
                target
                        + " receives nothing from the primary at the moment (pg_stat_wal_receiver).");
        require(
                next.is("SELECT pg_get_wal_replay_pause_state() = 'not paused'"),
                "Replay is paused on %s: pg_wal_replay_resume() first.".formatted(target));
        require(
                next.is(
                        "SELECT setting = '0' FROM pg_settings WHERE name = 'recovery_min_apply_delay'"),
                "%s replays with a delay: set recovery_min_apply_delay to 0 first."
                        .formatted(target));
        long lag =
                Lsn.parse(primary.ask("SELECT pg_current_wal_flush_lsn()"))
                        - Lsn.parse(next.ask("SELECT pg_last_wal_replay_lsn()"));
        require(
                lag < MOST_LAG,
                "%s is %d MiB behind: wait until it has caught up.".formatted(target, lag >> 20));
    }

    /** Lets the other standbys stream from the next primary, while that is none yet. */
    private void repoint(List<Standby> standbys, Operator next)
            throws SQLException, SwitchoverException {
        for (Standby standby : standbys) {
            standby.follow(target, next);
        }
        Deadline deadline = Deadline.in(STEP);
        for (Standby standby : standbys) {
            deadline.await(
                    () -> standby.streamsFrom(target),
                    "%s cannot stream from %s; its log says why (pg_hba.conf, max_wal_senders?)"
                            .formatted(standby.node(), target));
        }
        if (!standbys.isEmpty()) {
            done("the other standbys stream from " + target);
        }
    }

    // ---- what can be undone ----

    private void change(Operator primary, Operator next, List<Standby> standbys)
            throws SQLException, SwitchoverException {
        Fence fence = Fence.before(primary);
        boolean held = false;
        boolean fenced = false;
        try {
            // Without its standbys, a synchronous primary would let commits wait.
            boolean synchronous =
                    !primary.is("SELECT current_setting('synchronous_standby_names') = ''");
            if (!synchronous) {
                repoint(standbys, next);
            }
            held = true;
            traffic.hold();
            drain();
            fenced = true;
            fence.close(Deadline.in(STEP));
            done("fenced the old primary");
            if (synchronous) {
                repoint(standbys, next);
            }
            catchUp(primary, next);
        } catch (SQLException | SwitchoverException e) {
            standbys.forEach(Standby::restore);
            if (fenced) {
                reopen(fence, primary);
            }
            if (held) {
                traffic.release();
            }
            throw e;
        }
        promote(fence, next);
    }

    private void drain() throws SQLException, SwitchoverException {
        Deadline deadline = Deadline.in(patience);
        if (force) {
            if (!deadline.reached(() -> traffic.running() == 0)) {
                LOG.warn(
                        "{} transactions have not ended in time; they are ended",
                        traffic.running());
                traffic.cutOff();
                Deadline.in(STEP)
                        .await(() -> traffic.running() == 0, "transactions cannot be ended");
            }
        } else {
            deadline.await(
                    () -> traffic.running() == 0,
                    "transactions or pinned sessions have not ended (SHOW CLIENTS); SWITCHOVER … FORCE ends them");
        }
        done("running transactions have ended");
    }

    private static void reopen(Fence fence, Operator primary) {
        try {
            fence.open(primary);
        } catch (SQLException e) {
            LOG.error(
                    "the old primary could not be opened again; by hand: ALTER DATABASE … ALLOW_CONNECTIONS true: {}",
                    e.getMessage());
        }
    }

    /** Waits until the node has replayed a message behind which nothing of anybody's comes. */
    private void catchUp(Operator primary, Operator next) throws SQLException, SwitchoverException {
        String end =
                primary.version() >= KNOWS_FLUSH
                        ? primary.ask(
                                "SELECT pg_logical_emit_message(false, 'weir', 'switchover', true)")
                        : last(primary);
        Deadline.in(STEP)
                .await(
                        () -> next.is("SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn", end),
                        target + " does not replay all that the old primary has written");
        done(target + " has replayed all, up to " + end);
    }

    private static String last(Operator primary) throws SQLException {
        primary.ask("SELECT pg_logical_emit_message(true, 'weir', 'switchover')");
        return primary.ask("SELECT pg_current_wal_flush_lsn()");
    }

    // ---- what cannot ----

    private void promote(Fence fence, Operator next) throws SQLException, SwitchoverException {
        try {
            require(
                    next.is("SELECT pg_promote(true, 60)"),
                    "%s was told to become the primary and has not within 60 s. The old primary stays fenced: look at the log of %s."
                            .formatted(target, target));
            done("promoted " + target);
            fence.open(next);
            awaitLeader();
            done("opened its databases");
        } finally {
            traffic.release();
        }
        done("released what waited");
    }

    private void done(String what) {
        long now = System.nanoTime();
        steps.add(new Step(what, Math.round((now - stepNanos) / 1e6)));
        stepNanos = now;
    }
}

package dev.weir.failover;

import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The nodes of one primary that can be reached, most of them, and held by nobody else: on each an
 * advisory lock is taken, which only one session can have, and which ends with the session. Two
 * that hold most of the nodes share one, so there can only be one. For one thread.
 */
final class Electorate implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Electorate.class);

    /** A session whose process is cut off must not keep its lock for long. */
    private static final String SHORT_LIVED = "SET idle_session_timeout = '30s'";

    /** Two numbers that nobody else uses: "WEIR", and one for promotions. */
    private static final String LOCK = "SELECT pg_try_advisory_lock(1464158546, 1)";

    /** One node, and a superuser's session there, which has the lock. */
    record Member(Node node, Operator operator) {}

    private final List<Member> members;
    private final int listed;

    private Electorate(List<Member> members, int listed) {
        this.members = members;
        this.listed = listed;
    }

    /**
     * Takes the locks, on all nodes in the same order, so that of two that try one succeeds.
     *
     * @throws SwitchoverException if they are not to be had
     */
    static Electorate gather(List<Node> nodes, Switchover.Connections connections)
            throws SwitchoverException {
        List<Node> sorted = nodes.stream().sorted(Comparator.comparing(Node::toString)).toList();
        Electorate found = new Electorate(new ArrayList<>(), nodes.size());
        @Nullable String last = null;
        try {
            for (Node node : sorted) {
                try {
                    found.add(node, connections);
                } catch (SQLException e) {
                    last = node + ": " + e.getMessage();
                }
            }
            found.requireMost(last);
            return found;
        } catch (SwitchoverException e) {
            found.close();
            throw e;
        }
    }

    /**
     * Finds out whether it would be possible, without a lock: nodes that cannot be reached at the
     * moment say nothing against it, if some can.
     */
    static void check(List<Node> nodes, Switchover.Connections connections)
            throws SwitchoverException {
        int reached = 0;
        @Nullable String last = null;
        for (Node node : nodes) {
            try (Operator operator = new Operator(connections.connect(node))) {
                requireRights(node, operator);
                reached++;
            } catch (SQLException e) {
                last = node + ": " + e.getMessage();
            }
        }
        if (reached <= nodes.size() / 2) {
            throw new SwitchoverException(
                    "only %d of %d nodes can be reached as switchover-user (%s)"
                            .formatted(reached, nodes.size(), last));
        }
    }

    private static void requireRights(Node node, Operator operator)
            throws SQLException, SwitchoverException {
        if (!operator.is("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")) {
            throw new SwitchoverException(
                    "the switchover-user is no superuser at %s, and could not repoint the other standbys"
                            .formatted(node));
        }
    }

    private void add(Node node, Switchover.Connections connections)
            throws SQLException, SwitchoverException {
        Operator operator = new Operator(connections.connect(node));
        members.add(new Member(node, operator));
        requireRights(node, operator);
        operator.run(SHORT_LIVED);
        if (!operator.is(LOCK)) {
            throw new SwitchoverException("another Weir holds the lease, at " + node);
        }
    }

    private void requireMost(@Nullable String failure) throws SwitchoverException {
        if (members.size() <= listed / 2) {
            throw new SwitchoverException(
                    "only %d of %d nodes can be reached, which is not most of them%s"
                            .formatted(
                                    members.size(),
                                    listed,
                                    failure == null ? "" : " (" + failure + ")"));
        }
    }

    List<Member> members() {
        return members;
    }

    /** Makes sure that the locks are still held: that their sessions are still there. */
    void requireHeld() throws SQLException {
        for (Member member : members) {
            member.operator().ask("SELECT 1");
        }
    }

    /** Gives the locks back. */
    @Override
    public void close() {
        for (Member member : members) {
            try {
                member.operator().close();
            } catch (SQLException e) {
                LOG.debug("{}: {}", member.node(), e.getMessage());
            }
        }
        members.clear();
    }
}

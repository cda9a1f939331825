package dev.weir.deploy.acceptance;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Counts the server processes of the crowd, past the proxy. A process may outlive its connection by
 * a moment, so only those that stay are counted. For one thread.
 */
final class CrowdWatch {
    private static final int SAMPLES = 10;

    private final Connection observer;
    private final int limit;
    private final Deque<Set<Integer>> samples = new ArrayDeque<>();
    private int most;

    CrowdWatch(Connection observer, int limit) {
        this.observer = observer;
        this.limit = limit;
    }

    /** Takes a sample; fails if there have been too many processes for all of the last ones. */
    void look() throws SQLException {
        Set<Integer> now = new HashSet<>();
        try (Statement statement = observer.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT pid FROM pg_stat_activity WHERE usename = '"
                                        + CrowdRun.USER
                                        + "'")) {
            while (rows.next()) {
                now.add(rows.getInt(1));
            }
        }
        samples.addLast(now);
        if (samples.size() > SAMPLES) {
            samples.removeFirst();
        }
        most = Math.max(most, now.size());
        Set<Integer> all = new HashSet<>(now);
        samples.forEach(all::retainAll);
        if (samples.size() == SAMPLES && all.size() > limit) {
            throw new AssertionError(
                    "%d server connections of at most %d".formatted(all.size(), limit));
        }
    }

    /** The most at any one time. */
    int most() {
        return most;
    }

    /** The states of all of them, such as {@code idle}. */
    Set<String> states() throws SQLException {
        Set<String> states = new HashSet<>();
        try (Statement statement = observer.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT state FROM pg_stat_activity WHERE usename = '"
                                        + CrowdRun.USER
                                        + "'")) {
            while (rows.next()) {
                states.add(rows.getString(1));
            }
        }
        return states;
    }
}

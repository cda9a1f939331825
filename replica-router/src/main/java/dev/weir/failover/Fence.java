package dev.weir.failover;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.SQLException;
import java.util.List;

/**
 * Keeps everybody from a primary that is to be one no more. Its databases take no connections,
 * which no session can override (unlike {@code default_transaction_read_only}), and the sessions
 * that are there are ended. For one thread.
 */
final class Fence {
    private static final Logger LOG = LoggerFactory.getLogger(Fence.class);

    /** All but the one that the operator is connected to. */
    private static final String OPEN_DATABASES =
            """
            SELECT datname FROM pg_database
             WHERE datallowconn AND datname NOT IN (current_database(), 'template0')
             ORDER BY datname
            """;

    private static final String SESSIONS =
            """
            FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
            """;

    private final Operator primary;
    private final List<String> databases;

    private Fence(Operator primary, List<String> databases) {
        this.primary = primary;
        this.databases = databases;
    }

    /** Sees what is to be closed, and closes nothing yet. */
    static Fence before(Operator primary) throws SQLException {
        return new Fence(primary, primary.list(OPEN_DATABASES));
    }

    /** Closes it; returns once no session of anybody else is left. */
    void close(Deadline deadline) throws SQLException, SwitchoverException {
        LOG.info(
                "closing the databases {} on the old primary; by hand: ALTER DATABASE … ALLOW_CONNECTIONS true",
                databases);
        allow(primary, false);
        primary.run("SELECT pg_terminate_backend(pid) " + SESSIONS);
        deadline.await(
                () -> primary.ask("SELECT count(*) " + SESSIONS).equals("0"),
                "the sessions on the old primary do not end");
    }

    /**
     * Takes connections again; on the old primary to undo it, on the new one since it came along.
     */
    void open(Operator node) throws SQLException {
        allow(node, true);
    }

    private void allow(Operator node, boolean wanted) throws SQLException {
        StringBuilder all = new StringBuilder();
        for (String database : databases) {
            all.append("ALTER DATABASE ")
                    .append(node.name(database))
                    .append(" ALLOW_CONNECTIONS ")
                    .append(wanted)
                    .append(';');
        }
        if (!all.isEmpty()) {
            node.run(all.toString());
        }
    }
}

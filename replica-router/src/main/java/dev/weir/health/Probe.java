package dev.weir.health;

import dev.weir.topology.Lsn;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

/**
 * Asks one server for its role and position: now and then, and without a pause while somebody waits
 * for it. One answer serves all who wait.
 *
 * <p>It has a virtual thread of its own. Everything public may be called from any thread.
 */
public final class Probe implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Probe.class);

    private static final String QUESTION =
            """
            SELECT pg_is_in_recovery(),
                   CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                        ELSE pg_current_wal_insert_lsn() END::text,
                   CASE WHEN pg_is_in_recovery()
                        THEN extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000 END::bigint
            """;

    /** Of a server that does not answer. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Between two questions while somebody waits: what is awaited comes in a millisecond or so. */
    private static final long BREATH_NANOS = 200_000;

    /** Lets what has been written be flushed, so that standbys get it (manual 9.28.6). */
    private static final String NUDGE = "SELECT pg_logical_emit_message(false, 'weir', '', true)";

    /** Before PostgreSQL 17 a commit of its own does it. */
    private static final String OLD_NUDGE = "SELECT pg_logical_emit_message(true, 'weir', '')";

    private static final int KNOWS_FLUSH = 17;

    private final Node node;
    private final DataSource source;
    private final long tickNanos;
    private final Runnable listener;
    private final Thread thread;

    private volatile @Nullable Sample last;

    /** Written by the probe's thread alone. */
    private volatile int incarnation;

    private volatile @Nullable String failure;
    private volatile boolean wanted;
    private volatile boolean nudged;
    private volatile boolean closed;

    /**
     * Starts to ask.
     *
     * @param source gives connections to the server, and gives up after a while
     * @param tick how often it is asked when nobody waits
     * @param listener called on the probe's thread after each answer, and each failure
     */
    public Probe(Node node, DataSource source, Duration tick, Runnable listener) {
        this.node = node;
        this.source = source;
        this.tickNanos = tick.toNanos();
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("weir-probe " + node).start(this::run);
    }

    public Node node() {
        return node;
    }

    /** The last answer; null if there is none, or the server has not answered since. */
    public @Nullable Sample last() {
        return last;
    }

    /**
     * Changes when the server has been away: a standby that starts anew may show less than before,
     * for it replays again what it had not written to its files.
     */
    public int incarnation() {
        return incarnation;
    }

    /** Why it does not answer; null if it does, or has not been asked yet. */
    public @Nullable String failure() {
        return failure;
    }

    /** Somebody waits: asks again and again until {@link #rest}. */
    public void hurry() {
        if (!wanted) {
            wanted = true;
            LockSupport.unpark(thread);
        }
    }

    /**
     * Has the primary flush what it has written, before the next question: while a transaction is
     * open, PostgreSQL may leave the end of the WAL in memory for long, and no standby gets there.
     */
    public void nudge() {
        nudged = true;
    }

    /** Nobody waits any more. */
    public void rest() {
        wanted = false;
    }

    private void run() {
        while (!closed) {
            try (Connection connection = source.getConnection();
                    PreparedStatement question = connection.prepareStatement(QUESTION)) {
                while (!closed) {
                    if (nudged) {
                        nudged = false;
                        nudge(connection);
                    }
                    ask(question);
                    listener.run();
                    LockSupport.parkNanos(this, wanted ? BREATH_NANOS : tickNanos);
                }
            } catch (SQLException e) {
                failed(e);
                listener.run();
                LockSupport.parkNanos(this, PAUSE.toNanos());
            }
        }
    }

    private static void nudge(Connection connection) throws SQLException {
        boolean knows = connection.getMetaData().getDatabaseMajorVersion() >= KNOWS_FLUSH;
        try (Statement statement = connection.createStatement()) {
            statement.execute(knows ? NUDGE : OLD_NUDGE);
        }
    }

    private void ask(PreparedStatement question) throws SQLException {
        long now = System.nanoTime();
        try (ResultSet row = question.executeQuery()) {
            row.next();
            String position = row.getString(2);
            last =
                    new Sample(
                            now,
                            row.getBoolean(1),
                            position == null ? 0 : Lsn.parse(position),
                            row.getLong(3));
        }
        if (failure != null) {
            failure = null;
            LOG.info("{} answers", node);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void failed(SQLException e) {
        incarnation++;
        last = null;
        String reason = String.valueOf(e.getMessage());
        if (!closed && !Objects.equals(failure, reason)) {
            LOG.warn("{} does not answer: {}", node, reason);
        }
        failure = reason;
    }

    /** Ends it, within the time that its question takes. */
    @Override
    public void close() {
        closed = true;
        last = null;
        LockSupport.unpark(thread);
    }
}

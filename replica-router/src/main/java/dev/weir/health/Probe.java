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
            SELECT recovering,
                   CASE WHEN recovering THEN pg_last_wal_replay_lsn()
                        ELSE pg_current_wal_insert_lsn() END::text,
                   CASE WHEN recovering
                        THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
                                      (SELECT timeline_id FROM pg_control_checkpoint()))
                        ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int
                        END
              FROM (SELECT pg_is_in_recovery() AS recovering OFFSET 0) AS role
            """;

    /** The first is the same for all servers that were copied from one another. */
    private static final String IDENTITY =
            """
            SELECT system_identifier,
                   (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint
              FROM pg_control_system()
            """;

    /** Of a server that does not answer. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Between two questions, and after a failure, while it matters who is the primary. */
    private static final Duration BRISK = Duration.ofMillis(20);

    /** Between two questions while somebody waits: what is awaited comes in a millisecond or so. */
    private static final long BREATH_NANOS = 200_000;

    /** Lets what has been written be flushed, so that standbys get it (manual 9.28.6). */
    private static final String NUDGE = "SELECT pg_logical_emit_message(false, 'weir', '', true)";

    /** Before PostgreSQL 17 a commit of its own does it. */
    private static final String OLD_NUDGE = "SELECT pg_logical_emit_message(true, 'weir', '')";

    private static final int KNOWS_FLUSH = 17;

    /** The class of SQLSTATEs of a server that says nothing. */
    private static final String CONNECTION_FAILURE = "08";

    private static final String OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";

    private final Node node;
    private final DataSource source;
    private final Runnable listener;
    private final Thread thread;

    /** As long as it is a primary. */
    private final History history = new History();

    private volatile @Nullable Sample last;

    /** When the first question was asked that is not answered; 0 if all are. */
    private volatile long askedNanos;

    /** Written by the probe's thread alone. */
    private volatile int incarnation;

    private volatile @Nullable String failure;

    /** Of the last attempt that has failed; only meaningful together with a failure. */
    private volatile long failedNanos;

    private volatile long system;

    /** What {@link #system} must be; 0 if that does not matter. */
    private volatile long cluster;

    /** When the server was started, in microseconds; 0 if it is not known. */
    private volatile long started;

    private volatile boolean wanted;
    private volatile boolean soon;
    private volatile boolean brisk;
    private volatile boolean nudged;
    private volatile boolean closed;

    /** The server is no copy of those that it was to be a copy of. */
    private static final class OtherClusterException extends SQLException {
        private static final long serialVersionUID = 1L;

        OtherClusterException(long system, long cluster) {
            super(
                    "it is of another cluster: its system identifier is %s, the primary's is %s"
                            .formatted(
                                    Long.toUnsignedString(system), Long.toUnsignedString(cluster)),
                    OBJECT_NOT_IN_PREREQUISITE_STATE);
        }
    }

    /**
     * Starts to ask, at each {@link Beat} when nobody waits.
     *
     * @param source gives connections to the server, and gives up after a while
     * @param listener called on the probe's thread after each answer, and each failure
     */
    public Probe(Node node, DataSource source, Runnable listener) {
        this.node = node;
        this.source = source;
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

    /** Whether it was asked after {@code nanos}, and has answered or failed to. */
    public boolean heardSince(long nanos) {
        Sample told = last;
        return told != null
                ? told.askedNanos() - nanos >= 0
                : failure != null && failedNanos - nanos >= 0;
    }

    /** When the last attempt was made that has failed; only if one has. */
    public long failedNanos() {
        return failedNanos;
    }

    /**
     * What tells the data of this server from those of others that are no copies (manual 52.4
     * {@code IDENTIFY_SYSTEM}); 0 if it is not known.
     */
    public long system() {
        return system;
    }

    /**
     * Tells that it is to be a copy of a server of that {@link #system}: any other counts as one
     * that does not answer. 0 if it does not matter.
     */
    public void expect(long identifier) {
        cluster = identifier;
    }

    /** Whether both ask one and the same server, under two names, as far as they have heard. */
    public boolean sameServer(Probe other) {
        return started != 0
                && started == other.started
                && system == other.system
                && last != null
                && other.last != null;
    }

    /**
     * For how long, at a time by {@link System#nanoTime}, a primary had written more than up to
     * {@code lsn}, in nanoseconds; 0 if it had not. Nobody knows of what was before it was asked
     * first.
     */
    public long writtenSince(long lsn, long at) {
        return history.ageNanos(lsn, at);
    }

    /** Asks once more, now. */
    public void soon() {
        if (!soon) {
            soon = true;
            LockSupport.unpark(thread);
        }
    }

    /** Asks often for as long as that is set, but with a pause. */
    public void brisk(boolean often) {
        if (brisk != often) {
            brisk = often;
            LockSupport.unpark(thread);
        }
    }

    /**
     * For how long it has left a question open, or has not let anybody connect; 0 if it has
     * answered the last one.
     *
     * @param now by {@link System#nanoTime}
     */
    public long silentNanos(long now) {
        long asked = askedNanos;
        return asked == 0 ? 0 : Math.max(1, now - asked);
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
            long begun = System.nanoTime();
            asking(begun);
            try (Connection connection = source.getConnection();
                    PreparedStatement question = connection.prepareStatement(QUESTION)) {
                identify(connection);
                while (!closed) {
                    if (nudged) {
                        nudged = false;
                        nudge(connection);
                    }
                    soon = false;
                    begun = System.nanoTime();
                    ask(question, begun);
                    listener.run();
                    pause(
                            wanted || soon
                                    ? BREATH_NANOS
                                    : brisk ? BRISK.toNanos() : Beat.next(System.nanoTime()));
                }
            } catch (SQLException | RuntimeException e) {
                failed(e, begun);
                listener.run();
                pause((brisk ? BRISK : PAUSE).toNanos());
            }
        }
    }

    private void pause(long nanos) {
        if (!closed) {
            LockSupport.parkNanos(this, nanos);
        }
    }

    private void identify(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(IDENTITY)) {
            row.next();
            system = row.getLong(1);
            started = row.getLong(2);
        }
    }

    private void requireCopy() throws OtherClusterException {
        long expected = cluster;
        if (expected != 0 && system != expected) {
            throw new OtherClusterException(system, expected);
        }
    }

    private static void nudge(Connection connection) throws SQLException {
        boolean knows = connection.getMetaData().getDatabaseMajorVersion() >= KNOWS_FLUSH;
        try (Statement statement = connection.createStatement()) {
            statement.execute(knows ? NUDGE : OLD_NUDGE);
        }
    }

    private void asking(long now) {
        if (askedNanos == 0) {
            askedNanos = now == 0 ? 1 : now;
        }
    }

    private void ask(PreparedStatement question, long now) throws SQLException {
        requireCopy();
        asking(now);
        try (ResultSet row = question.executeQuery()) {
            row.next();
            String text = row.getString(2);
            long position = text == null ? 0 : Lsn.parse(text);
            boolean standby = row.getBoolean(1);
            if (standby) {
                history.forget();
            } else {
                history.saw(position, now);
            }
            last = new Sample(now, standby, row.getInt(3), position);
        }
        askedNanos = 0;
        if (failure != null) {
            failure = null;
            LOG.info("{} answers", node);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void failed(Exception e, long begun) {
        incarnation++;
        last = null;
        failedNanos = begun;
        String state = e instanceof SQLException sql ? sql.getSQLState() : null;
        if (state != null && !state.startsWith(CONNECTION_FAILURE)) {
            // Whoever refuses has spoken.
            askedNanos = 0;
        }
        String reason = reason(e);
        if (!closed && !Objects.equals(failure, reason)) {
            if (e instanceof OtherClusterException) {
                LOG.error("nothing is sent to {}: {}", node, reason);
            } else {
                LOG.warn("{} does not answer: {}", node, reason);
            }
        }
        failure = reason;
    }

    /** What is at the bottom of it: a pool of connections only tells how long it has waited. */
    private static String reason(Exception e) {
        Throwable cause = e;
        while (cause.getCause() instanceof SQLException deeper) {
            cause = deeper;
        }
        return String.valueOf(cause.getMessage());
    }

    /** Ends it, within the time that its question takes. */
    @Override
    public void close() {
        closed = true;
        last = null;
        LockSupport.unpark(thread);
    }
}

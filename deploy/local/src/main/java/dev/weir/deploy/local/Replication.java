package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * What a local server does as a replica, and what can be done to it. Threads: any.
 *
 * <p>All of it fails with {@link LocalServerException} if the server does not answer.
 */
public final class Replication {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final LocalPostgres server;

    Replication(LocalPostgres server) {
        this.server = server;
    }

    /**
     * Which of some data folders, of servers that may run or not, was the primary last: the one on
     * the highest timeline, if a promoted replica is among them. Empty if none is a primary's.
     */
    public static Optional<Path> lastPrimary(List<Path> folders) {
        return folders.stream()
                .filter(DataFolder::isComplete)
                .filter(it -> !Files.exists(it.resolve(DataFolder.STANDBY)))
                .max(Comparator.comparing(Replication::timelineOf));
    }

    /** By the names of its WAL segments (manual 28.6), in which hexadecimal digits lead. */
    private static String timelineOf(Path data) {
        try (Stream<Path> segments = Files.list(data.resolve("pg_wal"))) {
            return segments.map(it -> String.valueOf(it.getFileName()))
                    .filter(it -> it.matches("[0-9A-F]{24}"))
                    .map(it -> it.substring(0, 8))
                    .max(Comparator.naturalOrder())
                    .orElse("");
        } catch (IOException e) {
            throw new LocalServerException("The folder " + data + " cannot be read: " + e, e);
        }
    }

    /** Whether it is a replica at the moment. */
    public boolean standby() {
        return ask("SELECT pg_is_in_recovery()").equals("t");
    }

    /** The timeline that it is on, from 1; each promotion begins another. */
    public int timeline() {
        return Integer.parseInt(
                ask(
                        "SELECT CASE WHEN pg_is_in_recovery()"
                                + " THEN (SELECT received_tli FROM pg_stat_wal_receiver)"
                                + " ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
                                + " END"));
    }

    /** Whether it receives WAL of this timeline at the moment. */
    boolean streams(int timeline) {
        return ask("SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'"
                        + " AND received_tli = "
                        + timeline
                        + ")")
                .equals("t");
    }

    /**
     * Stops the replay of WAL, which goes on being received: sessions see an ever older state.
     * Returns once it stands still.
     */
    public void pauseReplay() {
        server.execute("SELECT pg_wal_replay_pause()");
        await(
                "replay pauses",
                () -> ask("SELECT pg_get_wal_replay_pause_state()").equals("paused"));
    }

    /** Lets the replay go on. */
    public void resumeReplay() {
        server.execute("SELECT pg_wal_replay_resume()");
    }

    /** Replays each commit only so long after it was made; zero ends that. */
    public void delay(Duration delay) {
        set("recovery_min_apply_delay", delay.toMillis() + "ms");
    }

    /**
     * Waits until it shows all that another server has written up to now, or has received as a
     * replica itself.
     */
    public void awaitReplayOf(LocalPostgres other) {
        // A receiver that has just started tells where it began, which may be before the replay.
        String target =
                new Replication(other)
                        .ask(
                                "SELECT CASE WHEN pg_is_in_recovery()"
                                        + " THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"
                                        + " ELSE pg_current_wal_flush_lsn() END");
        await(
                "replay reaches " + target,
                () ->
                        ask("SELECT pg_last_wal_replay_lsn() >= '" + target + "'::pg_lsn")
                                .equals("t"));
    }

    /** Makes it a primary, on a new timeline; returns once it takes writes. */
    public void promote() {
        if (!ask("SELECT pg_promote(true, 60)").equals("t")) {
            throw new LocalServerException(
                    "The server on port " + server.port() + " does not become a primary.");
        }
    }

    /**
     * Lets a replica stream from another server, or a replica, from now on, over a change of
     * timeline too; returns once it does. If the other is promoted while an old primary writes on,
     * that is to be done before: a replica that has more than the promoted one cannot follow it.
     */
    public void follow(LocalPostgres other) {
        set("primary_conninfo", other.replicationConnection());
        await(
                "it streams from port " + other.port(),
                () ->
                        ask("SELECT EXISTS (SELECT FROM pg_stat_wal_receiver"
                                        + " WHERE status = 'streaming' AND sender_port = "
                                        + other.port()
                                        + ")")
                                .equals("t"));
    }

    private void set(String setting, String value) {
        server.execute("ALTER SYSTEM SET %s = '%s'".formatted(setting, value.replace("'", "''")));
        server.execute("SELECT pg_reload_conf()");
    }

    private String ask(String sql) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        } catch (SQLException e) {
            throw new LocalServerException("`" + sql + "` failed: " + e.getMessage(), e);
        }
    }

    private void await(String what, BooleanSupplier condition) {
        if (!ServerProcess.await(PATIENCE, condition)) {
            throw new LocalServerException(
                    "Within %d s the server on port %d did not get so far that %s."
                            .formatted(PATIENCE.toSeconds(), server.port(), what));
        }
    }
}

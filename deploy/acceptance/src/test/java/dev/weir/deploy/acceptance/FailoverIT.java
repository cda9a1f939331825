package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The primary is lost, and another node becomes it. */
class FailoverIT {
    private static final int WRITERS = 10;

    /** What a server process says that has lost its postmaster. */
    private static final String ADMIN_SHUTDOWN = "57P01";

    private Replicated servers;
    private Weir weir;
    private volatile boolean over;

    @BeforeEach
    void start() throws IOException {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes SELECT id, 0 FROM generate_series(0, 100) id;
                        """);
        weir =
                servers.proxy()
                        .poolSize(5)
                        .routing(it -> it.replicaWait(Duration.ofSeconds(10)))
                        .operators(List.of("app"), List.of())
                        .start();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(places("state")).containsOnly("up"));
    }

    @AfterEach
    void stop() {
        over = true;
        weir.close();
        servers.close();
    }

    private Connection connect() throws SQLException {
        return Replicated.connect(weir);
    }

    private static int write(Connection connection, int id, int n) throws SQLException {
        return number(
                connection,
                "UPDATE notes SET n = %d WHERE id = %d RETURNING inet_server()".formatted(n, id));
    }

    /** A column of SHOW PLACES, in the order of the ports. */
    private List<String> places(String column) throws SQLException {
        try (Connection console = Replicated.console(weir);
                Statement statement = console.createStatement();
                ResultSet rows = statement.executeQuery("SHOW PLACES")) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(column));
            }
            return values;
        }
    }

    @Test
    void writesWaitForTheReplicaThatIsPromotedAndGoThere() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection idle = connect()) {
            assertThat(write(idle, 0, 1)).isEqualTo(servers.primary().port());
            // Acknowledged, and on the one that takes over.
            servers.one().replication().awaitReplayOf(servers.primary());
            servers.primary().kill9();
            List<Future<Integer>> waiting = new ArrayList<>();
            for (int i = 1; i <= WRITERS; i++) {
                int id = i;
                Callable<Integer> late =
                        () -> {
                            try (Connection connection = connect()) {
                                return write(connection, id, 1);
                            }
                        };
                waiting.add(threads.submit(late));
            }
            Future<Integer> known = threads.submit(() -> write(idle, 0, number(idle, "SELECT 2")));
            long ordered = System.nanoTime();
            servers.one().replication().promote();
            long promoted = System.nanoTime();
            for (Future<Integer> write : waiting) {
                assertThat(write.get()).isEqualTo(servers.one().port());
            }
            System.out.printf(
                    "failover: promoted in %d ms; all %d writes that waited were done %d ms later%n",
                    TimeUnit.NANOSECONDS.toMillis(promoted - ordered),
                    WRITERS,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - promoted));
            assertThat(known.get()).isEqualTo(servers.one().port());
            assertThat(number(idle, "SELECT n FROM notes WHERE id = 0")).isEqualTo(2);
        }
    }

    @Test
    void anOldPrimaryThatComesBackReceivesNothingUntilItIsAStandby() throws Exception {
        try (Connection connection = connect()) {
            write(connection, 0, 1);
            servers.one().replication().awaitReplayOf(servers.primary());
            servers.primary().kill9();
            servers.one().replication().promote();
            servers.two().replication().follow(servers.one());
            assertThat(write(connection, 0, 2)).isEqualTo(servers.one().port());

            servers.primary().start();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(places("state")).contains("fenced"));
            for (int i = 3; i < 100; i++) {
                assertThat(write(connection, 0, i)).isEqualTo(servers.one().port());
                assertThat(number(connection, "SELECT n FROM notes WHERE id = 0")).isEqualTo(i);
            }
            assertThat(servedFrom(servers.primary())).isZero();

            servers.primary().stop();
            servers.primary().rejoin(servers.one());
            // A session stays on its replica, so each look is one of its own.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        try (Connection other = connect()) {
                            return number(other, "SELECT inet_server()")
                                    == servers.primary().port();
                        }
                    });
            assertThat(number(connection, "SELECT n FROM notes WHERE id = 0")).isEqualTo(99);
        }
    }

    /** Sessions of clients on a server, at the moment. */
    private static int servedFrom(LocalPostgres server) throws SQLException {
        try (Connection connection = server.connect("postgres")) {
            return number(
                    connection,
                    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'"
                            + " AND application_name <> 'weir router'");
        }
    }

    @Test
    void ofTwoPrimariesTheOneOfTheHigherTimelineWinsAndTheOtherIsCutOff() throws Exception {
        try (Connection connection = connect();
                Connection open = connect();
                Statement statement = open.createStatement()) {
            write(connection, 0, 1);
            open.setAutoCommit(false);
            statement.executeUpdate("UPDATE notes SET n = 5 WHERE id = 5");
            servers.one().replication().awaitReplayOf(servers.primary());
            servers.one().replication().promote();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> write(connection, 0, 2) == servers.one().port());
            // Its transaction was on the one that is no primary any more.
            assertThatThrownBy(
                            () -> {
                                statement.executeUpdate("UPDATE notes SET n = 6 WHERE id = 6");
                                open.commit();
                            })
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
            assertThat(servedFrom(servers.primary())).isZero();
            assertThat(places("state")).contains("fenced");
        }
    }

    @Test
    void aPrimaryThatStartsAnewIsUsedAgain() throws Exception {
        try (Connection connection = connect()) {
            write(connection, 0, 1);
            servers.primary().stopImmediate();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Integer> waiting = threads.submit(() -> write(connection, 0, 2));
                servers.primary().start();
                assertThat(waiting.get()).isEqualTo(servers.primary().port());
            }
            for (int i = 3; i < 50; i++) {
                write(connection, 0, i);
                assertThat(number(connection, "SELECT n FROM notes WHERE id = 0")).isEqualTo(i);
            }
        }
    }

    @Test
    void nobodyIsServedLongerThanFailoverWaitByNoPrimary() throws Exception {
        try (Weir impatient =
                        servers.proxy()
                                .routing(it -> it.failoverWait(Duration.ofMillis(300)))
                                .start();
                Connection connection = Replicated.connect(impatient)) {
            write(connection, 0, 1);
            servers.primary().stopImmediate();
            assertThatThrownBy(() -> write(connection, 0, 2))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
            servers.primary().start();
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> write(connection, 0, 3) == servers.primary().port());
        }
    }

    @Test
    void withSynchronousReplicationNoAcknowledgedRowIsLost() throws Exception {
        LocalPostgres primary = servers.primary();
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'");
        primary.execute("SELECT pg_reload_conf()");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                AutoCloseable _ = () -> over = true) {
            List<Future<Integer>> writers = new ArrayList<>();
            for (int i = 1; i <= WRITERS; i++) {
                int id = i;
                writers.add(threads.submit(() -> writeUntilOver(id)));
            }
            await().until(() -> {
                try (Connection connection = connect()) {
                    return number(connection, "SELECT min(n) FROM notes WHERE id BETWEEN 1 AND 10")
                            > 5;
                }
            });
            primary.kill9();
            LocalPostgres next = mostAdvanced();
            next.replication().promote();
            // Of its own it has no standby yet, for which commits would wait.
            next.execute("ALTER SYSTEM SET synchronous_standby_names = ''");
            next.execute("SELECT pg_reload_conf()");
            int now;
            try (Connection connection = connect()) {
                now = number(connection, "SELECT min(n) FROM notes WHERE id BETWEEN 1 AND 10");
                int before = now;
                await().atMost(Duration.ofSeconds(30))
                        .failFast("a writer has ended", () -> anyDone(writers))
                        .until(() ->
                                number(
                                                connection,
                                                "SELECT min(n) FROM notes WHERE id BETWEEN 1 AND 10")
                                        > before + 5);
            }
            over = true;
            for (int i = 1; i <= WRITERS; i++) {
                int acknowledged = writers.get(i - 1).get();
                try (Connection connection = connect()) {
                    assertThat(number(connection, "SELECT n FROM notes WHERE id = " + i))
                            .isGreaterThanOrEqualTo(acknowledged);
                }
            }
        }
    }

    private static boolean anyDone(List<Future<Integer>> writers) {
        return writers.stream().anyMatch(Future::isDone);
    }

    /** The replica that has received most. */
    private LocalPostgres mostAdvanced() throws SQLException {
        try (Connection one = servers.one().connect("postgres");
                Connection two = servers.two().connect("postgres");
                Statement statement = one.createStatement();
                Statement other = two.createStatement();
                ResultSet its = other.executeQuery("SELECT pg_last_wal_receive_lsn()::text")) {
            its.next();
            try (ResultSet ahead =
                    statement.executeQuery(
                            "SELECT pg_last_wal_receive_lsn() >= '%s'"
                                    .formatted(its.getString(1)))) {
                ahead.next();
                return ahead.getBoolean(1) ? servers.one() : servers.two();
            }
        }
    }

    /** Counts a row up; tells how far that was acknowledged. */
    private int writeUntilOver(int id) throws Exception {
        int acknowledged = 0;
        while (!over) {
            try (Connection connection = connect()) {
                while (!over) {
                    number(
                            connection,
                            "UPDATE notes SET n = n + 1 WHERE id = %d RETURNING n".formatted(id));
                    acknowledged++;
                }
            } catch (SQLException e) {
                // The one statement that was under way when the primary was lost; some processes of
                // that live long enough to say why they end.
                assertThat(e.getSQLState())
                        .satisfiesAnyOf(
                                state -> assertThat(state).startsWith("08"),
                                state -> assertThat(state).isEqualTo(ADMIN_SHUTDOWN));
            }
        }
        return acknowledged;
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** An operator makes a replica the primary, and clients notice nothing but a wait. */
class SwitchoverIT {
    private static final int WRITERS = 30;

    private final AtomicLong longest = new AtomicLong();
    private Replicated servers;
    private Weir weir;
    private volatile boolean over;

    @BeforeEach
    void start() throws Exception {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes SELECT id, 0 FROM generate_series(0, 100) id;
                        GRANT ALL ON SCHEMA public TO app;
                        """);
        servers.primary().createDatabase("other", "app");
        servers.primary().execute("CREATE ROLE operator LOGIN SUPERUSER");
        weir =
                servers.proxy()
                        .poolSize(10)
                        .replicaWait(Duration.ofMillis(50))
                        .operators(List.of("app"), List.of())
                        .switchover("operator", null)
                        .start();
        await().atMost(Duration.ofSeconds(30)).until(() -> servers.one().replication().standby());
        // Clients read from replicas, so both are known.
        try (Connection connection = connect()) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> where(connection) != servers.primary().port());
        }
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

    private static int where(Connection connection) throws SQLException {
        return number(connection, "SELECT inet_server()");
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static int write(Connection connection, int id) throws SQLException {
        return number(
                connection,
                "UPDATE notes SET n = n + 1 WHERE id = %d RETURNING inet_server()".formatted(id));
    }

    private List<String> switchover(LocalPostgres to, String more) throws SQLException {
        try (Connection console =
                        DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:%d/weir?user=app&preferQueryMode=simple"
                                        .formatted(weir.port()));
                Statement statement = console.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SWITCHOVER TO 127.0.0.1:%d%s".formatted(to.port(), more))) {
            List<String> steps = new ArrayList<>();
            while (rows.next()) {
                steps.add("%s: %d ms".formatted(rows.getString(1), rows.getLong(2)));
            }
            return steps;
        }
    }

    @Test
    void clientsThatReadAndWriteSeeNoErrorAndNothingIsLost() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection connection = connect();
                AutoCloseable _ = () -> over = true) {
            List<Future<Integer>> writers = new ArrayList<>();
            for (int i = 1; i <= WRITERS; i++) {
                int id = i;
                writers.add(threads.submit(() -> writeUntilOver(id)));
            }
            await().until(() ->
                    number(connection, "SELECT min(n) FROM notes WHERE id IN (1, 30)") > 5);
            List<String> steps = switchover(servers.one(), "");
            System.out.println("switchover: " + String.join(", ", steps));
            assertThat(steps.getLast()).contains("is fenced");
            int then = number(connection, "SELECT min(n) FROM notes WHERE id IN (1, 30)");
            await().until(() ->
                    number(connection, "SELECT min(n) FROM notes WHERE id IN (1, 30)") > then + 5);
            assertThat(write(connection, 0)).isEqualTo(servers.one().port());
            // The other replica follows without a restart, and answers reads.
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> where(connection) == servers.two().port());
            over = true;
            for (int i = 1; i <= WRITERS; i++) {
                int written = writers.get(i - 1).get();
                assertThat(number(connection, "SELECT n FROM notes WHERE id = " + i))
                        .isEqualTo(written);
            }
            System.out.printf("switchover: the longest wait was %d ms%n", longest.get());
            assertThatThrownBy(() -> servers.primary().connect("other").close())
                    .hasMessageContaining("not currently accepting connections");
        }
    }

    /** Counts a row up and reads it; how often. */
    private int writeUntilOver(int id) throws SQLException {
        int written = 0;
        try (Connection connection = connect()) {
            while (!over) {
                long begun = System.nanoTime();
                if (written % 3 == 0) {
                    connection.setAutoCommit(false);
                    write(connection, id);
                    number(connection, "SELECT n FROM notes WHERE id = " + id);
                    connection.commit();
                    connection.setAutoCommit(true);
                } else {
                    write(connection, id);
                }
                written++;
                assertThat(number(connection, "SELECT n FROM notes WHERE id = " + id))
                        .isEqualTo(written);
                longest.accumulateAndGet((System.nanoTime() - begun) / 1_000_000, Math::max);
            }
        }
        return written;
    }

    @Test
    void whatWouldFailIsRefusedBeforeAnythingIsHeld() throws Exception {
        servers.one().replication().pauseReplay();
        assertThatThrownBy(() -> switchover(servers.one(), ""))
                .hasMessageContaining("pg_wal_replay_resume");
        assertThatThrownBy(() -> switchover(servers.primary(), ""))
                .hasMessageContaining("no replica of any database");
        try (Connection connection = connect()) {
            assertThat(write(connection, 0)).isEqualTo(servers.primary().port());
        }
    }

    @Test
    void ifItFailsOnTheWayAllIsAsItWas() throws Exception {
        try (Connection open = connect();
                Connection late = connect();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            open.setAutoCommit(false);
            write(open, 1);
            Future<List<String>> order = threads.submit(() -> switchover(servers.one(), ""));
            // The other replica is moved before anything is held.
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> follows(servers.two(), servers.one()));
            Future<Integer> waiting = threads.submit(() -> write(late, 2));
            servers.one().replication().pauseReplay();
            open.commit();
            assertThatThrownBy(order::get).hasMessageContaining("does not replay all");
            servers.one().replication().resumeReplay();

            assertThat(waiting.get()).isEqualTo(servers.primary().port());
            assertThat(write(late, 2)).isEqualTo(servers.primary().port());
            servers.primary().connect("other").close();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> follows(servers.two(), servers.primary()));
        }
    }

    private static boolean follows(LocalPostgres standby, LocalPostgres primary)
            throws SQLException {
        try (Connection connection = standby.connect("postgres")) {
            return number(
                            connection,
                            "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'"
                                    + " AND sender_port = "
                                    + primary.port())
                    > 0;
        }
    }
}

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
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
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
import java.util.stream.Stream;

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
                        .routing(it ->
                                it.replicaWait(Duration.ofMillis(50)).switchover("operator", null))
                        .operators(List.of("app"), List.of())
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

    private static int write(Connection connection, int id) throws SQLException {
        return number(
                connection,
                "UPDATE notes SET n = n + 1 WHERE id = %d RETURNING inet_server()".formatted(id));
    }

    private List<String> switchover(LocalPostgres to, String more) throws SQLException {
        try (Connection console = Replicated.console(weir);
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
    void pgbenchNoticesNothing(@TempDir Path folder) throws Exception {
        PsqlTool pgbench = PsqlTool.require("pgbench").to(weir.port(), "postgres", "app");
        PsqlTool.Result made = pgbench.run("", "-i", "-s", "5", "-q");
        assertThat(made.status()).as(made.output()).isZero();
        Process crowd =
                pgbench.start(
                        List.of(
                                "-n",
                                "-c",
                                "50",
                                "-j",
                                "50",
                                "-T",
                                "8",
                                "-l",
                                "--log-prefix=" + folder.resolve("log")));
        ExecutorService waiter = Executors.newVirtualThreadPerTaskExecutor();
        try (waiter) {
            Future<PsqlTool.Result> end =
                    waiter.submit(() -> PsqlTool.end(crowd, "", StandardCharsets.UTF_8));
            try (Connection connection = connect()) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() ->
                                number(
                                                connection,
                                                "SELECT count(*) FROM pgbench_history WHERE bid > 0")
                                        > 1000);
                System.out.println("switchover: " + switchover(servers.two(), ""));
                assertThat(end.get().status()).as(end.get().output()).isZero();
                assertThat(end.get().output()).contains("failed transactions: 0 ");
                System.out.printf(
                        "switchover: with 50 clients of pgbench, the longest of all took %d ms%n",
                        longest(folder));
                assertThat(
                                number(
                                        connection,
                                        "SELECT (SELECT sum(abalance) FROM pgbench_accounts)"
                                                + " - (SELECT sum(delta) FROM pgbench_history)"))
                        .isZero();
                assertThat(number(connection, "SELECT count(*) FROM pgbench_history"))
                        .isEqualTo(lines(folder).size());
            }
        }
    }

    private static List<String> lines(Path folder) throws IOException {
        List<String> all = new ArrayList<>();
        try (Stream<Path> logs = Files.list(folder)) {
            for (Path log : logs.toList()) {
                all.addAll(Files.readAllLines(log));
            }
        }
        return all;
    }

    /** In milliseconds. */
    private static long longest(Path folder) throws IOException {
        return lines(folder).stream()
                .mapToLong(line -> Long.parseLong(line.split(" ")[2]) / 1000)
                .max()
                .orElseThrow();
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

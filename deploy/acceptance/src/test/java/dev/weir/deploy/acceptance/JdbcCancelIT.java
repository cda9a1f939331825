package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Statements that are stopped, and clients that go away in the middle, of a small pool. */
class JdbcCancelIT {
    private static final int POOL = 2;
    private static final String CANCELED = "57014";

    private static JdbcStage stage;
    private static Weir weir;
    private static ExecutorService threads;
    private static Connection observer;

    @BeforeAll
    static void open() throws Exception {
        stage = JdbcStage.open();
        weir = stage.proxy().poolSize(POOL).start();
        threads = Executors.newVirtualThreadPerTaskExecutor();
        observer = stage.postgres().connect(JdbcStage.DATABASE);
    }

    @AfterAll
    static void close() throws Exception {
        threads.close();
        observer.close();
        weir.close();
        stage.close();
    }

    @BeforeEach
    void sweep() throws Exception {
        try (Connection connection = JdbcStage.through(weir, "")) {
            stage.sweep(connection);
        }
        stage.postgres().execute(JdbcStage.DATABASE, "CREATE TABLE item (id int)");
        stage.postgres().execute(JdbcStage.DATABASE, "GRANT ALL ON item TO player");
    }

    /** Whatever happened: every server connection can be had, and none is in a transaction. */
    @AfterEach
    void thePoolIsWhole() throws Exception {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> count("state <> 'idle'") == 0 && count("state = 'idle'") <= POOL);
        List<Connection> all = new ArrayList<>();
        Set<Integer> backends = new HashSet<>();
        for (int i = 0; i < POOL; i++) {
            Connection connection = JdbcStage.through(weir, "");
            connection.setAutoCommit(false);
            backends.add(JdbcStage.backend(connection));
            all.add(connection);
        }
        assertThat(backends).hasSize(POOL);
        for (Connection connection : all) {
            connection.close();
        }
    }

    /** The player's server processes of which {@code condition} holds. */
    private static int count(String condition) throws SQLException {
        return Integer.parseInt(
                one(
                        observer,
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'player' AND "
                                + condition));
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void awaitSleepers(int number) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> count("query LIKE '%pg_sleep%' AND state = 'active'") == number);
    }

    @Test
    void aQueryTimeoutStopsTheStatementAndNothingElse() throws Exception {
        try (Connection slow = JdbcStage.through(weir, "");
                Connection other = JdbcStage.through(weir, "");
                Statement statement = slow.createStatement()) {
            other.setAutoCommit(false);
            run(other, "INSERT INTO item VALUES (1)");
            Future<?> undisturbed = threads.submit(() -> run2(other, "SELECT pg_sleep(2)"));
            for (int i = 0; i < 2; i++) {
                statement.setQueryTimeout(1);
                assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(60)"))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo(CANCELED));
                assertThat(one(slow, "SELECT 'goes on'")).isEqualTo("goes on");
            }
            undisturbed.get();
            other.commit();
            assertThat(one(slow, "SELECT count(*) FROM item")).isEqualTo("1");
        }
    }

    private static Void run2(Connection connection, String sql) throws SQLException {
        run(connection, sql);
        return null;
    }

    @Test
    void cancelStopsTheClientsOwnStatementInATransaction() throws Exception {
        try (Connection slow = JdbcStage.through(weir, "");
                Statement statement = slow.createStatement()) {
            slow.setAutoCommit(false);
            run(slow, "INSERT INTO item VALUES (1)");
            Future<Boolean> sleeping =
                    threads.submit(() -> statement.execute("SELECT pg_sleep(60)"));
            awaitSleepers(1);
            statement.cancel();
            assertThatThrownBy(sleeping::get).hasMessageContaining("user request");
            SQLException failed =
                    catchThrowableOfType(SQLException.class, () -> run(slow, "SELECT 1"));
            assertThat(failed.getSQLState()).isEqualTo("25P02");
            slow.rollback();
            assertThat(one(slow, "SELECT count(*) FROM item")).isEqualTo("0");
            slow.rollback();
        }
    }

    @Test
    void cancelStopsAStatementThatStillWaitsForAServerConnection() throws Exception {
        try (JdbcChurn churn = new JdbcChurn(weir, POOL);
                Connection last = JdbcStage.through(weir, "");
                Connection waiting = JdbcStage.through(weir, "");
                Statement statement = waiting.createStatement()) {
            last.setAutoCommit(false);
            assertThat(JdbcStage.backend(last)).isEqualTo(churn.freeBackend());
            Future<Boolean> queued =
                    threads.submit(() -> statement.execute("INSERT INTO item VALUES (7)"));
            // There is nothing to see of a client that waits, so it is asked for until it has an
            // effect.
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        statement.cancel();
                        return queued.isDone();
                    });
            assertThatThrownBy(queued::get).hasMessageContaining("user request");
            last.rollback();
            assertThat(one(waiting, "SELECT count(*) FROM item")).isEqualTo("0");
        }
    }

    @Test
    void cancelsThatComeTooLateHitNobody() throws Exception {
        try (Connection hasty = JdbcStage.through(weir, "");
                Connection one = JdbcStage.through(weir, "");
                Connection two = JdbcStage.through(weir, "");
                Statement statement = hasty.createStatement()) {
            List<Future<Integer>> others = new ArrayList<>();
            for (Connection other : List.of(one, two)) {
                others.add(
                        threads.submit(() -> {
                            for (int i = 0; i < 300; i++) {
                                run(other, "SELECT pg_sleep(0.002)");
                            }
                            return 300;
                        }));
            }
            while (!others.stream().allMatch(Future::isDone)) {
                Future<Boolean> quick = threads.submit(() -> statement.execute("SELECT 1"));
                statement.cancel();
                try {
                    quick.get();
                } catch (java.util.concurrent.ExecutionException e) {
                    assertThat(e).hasMessageContaining("user request");
                }
            }
            for (Future<Integer> other : others) {
                assertThat(other.get()).isEqualTo(300);
            }
        }
    }

    @Test
    void anAbortedClientsStatementIsStoppedAndItsTransactionRolledBack() throws Exception {
        for (String statement :
                List.of("SELECT pg_sleep(60)", "UPDATE item SET id = 2; SELECT pg_sleep(60)")) {
            Connection gone = JdbcStage.through(weir, "");
            gone.setAutoCommit(false);
            run(gone, "INSERT INTO item VALUES (1)");
            run(gone, "LOCK TABLE item IN ACCESS EXCLUSIVE MODE");
            Future<?> sleeping = threads.submit(() -> run2(gone, statement));
            awaitSleepers(1);
            gone.abort(Runnable::run);
            assertThatThrownBy(sleeping::get).hasMessageContaining("");
            awaitSleepers(0);
            try (Connection next = JdbcStage.through(weir, "")) {
                assertThat(one(next, "SELECT count(*) FROM item")).isEqualTo("0");
            }
        }
    }

    @Test
    void aClientAbortedBetweenStatementsOfATransactionLeavesNoLock() throws Exception {
        for (int i = 0; i < 3 * POOL; i++) {
            Connection gone = JdbcStage.through(weir, "");
            gone.setAutoCommit(false);
            run(gone, "LOCK TABLE item IN ACCESS EXCLUSIVE MODE");
            gone.abort(Runnable::run);
            try (Connection next = JdbcStage.through(weir, "")) {
                assertThat(one(next, "SELECT count(*) FROM item")).isEqualTo("0");
            }
        }
    }

    @Test
    void aClientAbortedInTheMiddleOfACopyStoresNothing() throws Exception {
        for (int i = 0; i < 3 * POOL; i++) {
            Connection gone = JdbcStage.through(weir, "");
            CopyIn copy = copies(gone).copyIn("COPY item FROM STDIN");
            byte[] row = "12345\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            for (int n = 0; n < 1000; n++) {
                copy.writeToCopy(row, 0, row.length);
            }
            copy.flushCopy();
            gone.abort(Runnable::run);
            try (Connection next = JdbcStage.through(weir, "")) {
                assertThat(one(next, "SELECT count(*) FROM item")).isEqualTo("0");
            }
        }
    }

    @Test
    void aClientAbortedInTheMiddleOfALongResultCostsNothing() throws Exception {
        for (int i = 0; i < 2 * POOL; i++) {
            Connection gone = JdbcStage.through(weir, "");
            CopyOut copy =
                    copies(gone)
                            .copyOut(
                                    "COPY (SELECT repeat('x', 1000), generate_series(1, 100000000),"
                                            + " pg_sleep(0)) TO STDOUT");
            assertThat(copy.readFromCopy()).isNotEmpty();
            gone.abort(Runnable::run);
        }
        awaitSleepers(0);
    }

    @Test
    void aCopyOutCanBeCancelled() throws Exception {
        for (int i = 0; i < 2 * POOL; i++) {
            try (Connection direct = stage.direct("");
                    Connection through = JdbcStage.through(weir, "")) {
                assertThat(cancelledCopy(through)).isEqualTo(cancelledCopy(direct));
            }
        }
    }

    /** What the driver says of a COPY that it cancels, and of the statement behind it. */
    private static List<String> cancelledCopy(Connection connection) throws Exception {
        List<String> said = new ArrayList<>();
        CopyOut copy =
                copies(connection).copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT");
        assertThat(copy.readFromCopy()).isNotEmpty();
        note(said, copy::cancelCopy);
        // The driver reads the reply to its cancelled COPY as that to the next statement.
        note(said, () -> run(connection, "SELECT 1"));
        return said;
    }

    private static void note(List<String> said, JdbcScene.Action action) throws Exception {
        try {
            action.run();
            said.add("succeeded");
        } catch (SQLException e) {
            said.add(e.getSQLState() + " " + e.getMessage());
        }
    }

    @Test
    void aClosedConnectionsOpenTransactionIsRolledBack() throws Exception {
        for (int i = 0; i < 2 * POOL; i++) {
            Connection closed = JdbcStage.through(weir, "");
            closed.setAutoCommit(false);
            run(closed, "INSERT INTO item VALUES (1)");
            closed.close();
        }
        try (Connection next = JdbcStage.through(weir, "")) {
            assertThat(one(next, "SELECT count(*) FROM item")).isEqualTo("0");
        }
    }

    private static CopyManager copies(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getCopyAPI();
    }
}

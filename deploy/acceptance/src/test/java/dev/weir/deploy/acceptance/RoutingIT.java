package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Where statements go when there are replicas. */
class RoutingIT {
    /** Which server this is, by a function that may run on a replica. */
    private static final String WHERE = "SELECT inet_server()";

    private static Replicated servers;
    private static LocalPostgres primary;
    private static LocalPostgres one;
    private static LocalPostgres two;
    private static Weir weir;

    @BeforeAll
    static void start() throws IOException {
        servers =
                Replicated.start(
                        """
                        GRANT ALL ON SCHEMA public TO app;
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes VALUES (1, 0);
                        CREATE SEQUENCE counter;
                        GRANT ALL ON counter TO app;
                        CREATE FUNCTION secretly() RETURNS bigint STABLE LANGUAGE plpgsql
                            AS 'BEGIN RETURN nextval(''counter''); END';
                        """);
        primary = servers.primary();
        one = servers.one();
        two = servers.two();
        // So long that it is never over here: then a read goes to a replica for certain.
        weir =
                servers.proxy()
                        .poolSize(5)
                        .routing(it -> it.replicaWait(Duration.ofSeconds(10)))
                        .operators(List.of("app"), List.of())
                        .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        servers.close();
    }

    /** Until the catalog has been read and both replicas have answered. */
    @BeforeEach
    void settle() throws Exception {
        for (LocalPostgres replica : List.of(one, two)) {
            replica.replication().awaitReplayOf(primary);
        }
        try (Connection connection = connect()) {
            await().atMost(Duration.ofSeconds(30)).until(() -> where(connection) != primary.port());
        }
    }

    private static Connection connect() throws SQLException {
        return Replicated.connect(weir);
    }

    private static int where(Connection connection) throws SQLException {
        return number(connection, WHERE);
    }

    @Test
    void aReadIsAnsweredByAReplicaAndAWriteByThePrimary() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            assertThat(where(connection)).isIn(one.port(), two.port());
            assertThat(statement.executeUpdate("UPDATE notes SET n = n + 1 WHERE id = 1"))
                    .isEqualTo(1);
            assertThat(number(connection, "SELECT nextval('counter')")).isPositive();
        }
    }

    @Test
    void aStatementPreparedOnTheServerIsAnsweredByAReplica() throws Exception {
        try (Connection connection = connect();
                PreparedStatement read = connection.prepareStatement(WHERE + ", ?")) {
            for (int i = 0; i < 12; i++) {
                read.setInt(1, i);
                try (ResultSet row = read.executeQuery()) {
                    row.next();
                    // pgjdbc gives it a name at its fifth execution.
                    assertThat(row.getInt(1)).isNotEqualTo(primary.port());
                    assertThat(row.getInt(2)).isEqualTo(i);
                }
            }
        }
    }

    @Test
    void aTransactionStaysWholeOnThePrimary() throws Exception {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            assertThat(where(connection)).isEqualTo(primary.port());
            assertThat(where(connection)).isEqualTo(primary.port());
            connection.commit();
        }
    }

    @Test
    void aSessionSeesItsOwnWrites() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (int i = 1; i <= 300; i++) {
                statement.executeUpdate("UPDATE notes SET n = %d WHERE id = 1".formatted(i));
                assertThat(number(connection, "SELECT n FROM notes WHERE id = 1")).isEqualTo(i);
            }
        }
    }

    @Test
    void aReadThatTheReplicaRefusesIsAnsweredByThePrimaryUnseen() throws Exception {
        try (Connection connection = connect()) {
            int first = number(connection, "SELECT secretly()");
            assertThat(number(connection, "SELECT secretly()")).isEqualTo(first + 1);
            try (PreparedStatement read = connection.prepareStatement("SELECT secretly() + ?")) {
                read.setInt(1, 0);
                try (ResultSet row = read.executeQuery()) {
                    row.next();
                    assertThat(row.getInt(1)).isEqualTo(first + 2);
                }
            }
            assertThat(where(connection)).isNotEqualTo(primary.port());
        }
    }

    @Test
    void anErrorOfTheStatementItselfIsTheClients() throws Exception {
        try (Connection connection = connect()) {
            assertThatThrownBy(() -> number(connection, "SELECT 1 / (n - n) FROM notes"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("22012"));
            assertThat(where(connection)).isNotEqualTo(primary.port());
        }
    }

    @Test
    void whatFollowsAReadInAPipelineGoesWhereItBelongs() throws Exception {
        try (WireClient client = WireClient.login(weir.port(), "app", "postgres")) {
            for (int i = 0; i < 20; i++) {
                client.send(
                        Frontend.query(WHERE),
                        Frontend.query("UPDATE notes SET n = %d WHERE id = 1".formatted(i)),
                        Frontend.query("SELECT n FROM notes WHERE id = 1"),
                        Frontend.query("BEGIN"),
                        Frontend.query(WHERE),
                        Frontend.query("COMMIT"));
                for (int answer = 0; answer < 6; answer++) {
                    List<Backend> messages = client.readUntil('Z');
                    assertThat(messages).noneMatch(it -> it.type() == 'E');
                    if (answer == 2) {
                        assertThat(messages.toString()).contains("DataRow(" + i + ")");
                    }
                    if (answer == 4) {
                        assertThat(messages.toString()).contains("DataRow(" + primary.port() + ")");
                    }
                }
            }
            client.terminate();
        }
    }

    @Test
    void aSettingOfTheSessionHoldsOnEveryServer() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET app.tenant = 'a'");
            for (int i = 0; i < 20; i++) {
                try (ResultSet row =
                        statement.executeQuery(
                                "SELECT current_setting('app.tenant'), inet_server()")) {
                    row.next();
                    assertThat(row.getString(1)).isEqualTo("a");
                    assertThat(row.getInt(2)).isNotEqualTo(primary.port());
                }
                if (i % 5 == 0) {
                    statement.executeUpdate("UPDATE notes SET n = n WHERE id = 1");
                }
            }
        }
    }

    @Test
    void clientsAreNotToldThatAReplicaIsOne() throws Exception {
        try (WireClient client = WireClient.login(weir.port(), "app", "postgres")) {
            client.query(WHERE);
            assertThat(client.readUntil('Z')).noneMatch(it -> it.type() == 'S');
            client.query("UPDATE notes SET n = n WHERE id = 1");
            assertThat(client.readUntil('Z')).noneMatch(it -> it.type() == 'S');
            client.terminate();
        }
    }

    @Test
    void theConsoleTellsHowFarTheServersAreAndWhatStayed() throws Exception {
        try (Connection connection = connect();
                Connection console = console();
                Statement statement = console.createStatement()) {
            where(connection);
            number(connection, "SELECT nextval('counter')");
            one.replication().pauseReplay();
            try {
                primary.execute("UPDATE notes SET n = n WHERE id = 1");
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> place(statement, one, "lag_bytes") > 0);
            } finally {
                one.replication().resumeReplay();
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> place(statement, one, "lag_bytes") == 0);
            assertThat(place(statement, one, "reads") + place(statement, two, "reads"))
                    .isPositive();
            try (ResultSet rows = statement.executeQuery("SHOW ROUTES")) {
                List<String> outcomes = new ArrayList<>();
                while (rows.next()) {
                    outcomes.add(rows.getString("outcome"));
                }
                assertThat(outcomes).contains("answered by replicas", "stayed: volatile_function");
            }
        }
    }

    @Test
    void theConsoleExplainsWhereAStatementWouldGoAndWhy() throws Exception {
        try (Connection console = console();
                Statement statement = console.createStatement()) {
            assertThat(explain(statement, "SELECT ';', \"n\" FROM notes -- ;"))
                    .anyMatch(it -> it.startsWith("statement|may leave the primary|it only reads"))
                    .anyMatch(it -> it.startsWith("floor|1:0/"))
                    .anyMatch(it -> it.startsWith("node 127.0.0.1:" + one.port() + "|1:0/"))
                    .anyMatch(it -> it.startsWith("place|"));
            assertThat(explain(statement, "ON postgres SELECT nextval('counter')"))
                    .anyMatch(it ->
                            it.startsWith(
                                    "statement|stays on the primary|it calls a volatile function: nextval"))
                    .anyMatch(it -> it.startsWith("place|primary 127.0.0.1:" + primary.port()));
            one.replication().pauseReplay();
            two.replication().pauseReplay();
            try {
                primary.execute("UPDATE notes SET n = n WHERE id = 1");
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() ->
                                assertThat(explain(statement, "TABLE notes"))
                                        .anyMatch(it -> it.contains("bytes behind that"))
                                        .anyMatch(it -> it.startsWith("place|primary")));
            } finally {
                one.replication().resumeReplay();
                two.replication().resumeReplay();
            }
            assertThatThrownBy(() -> explain(statement, "ON nowhere SELECT 1"))
                    .hasMessageContaining("\"nowhere\" has no replicas");
            assertThatThrownBy(() -> explain(statement, ""))
                    .hasMessageContaining("no statement follows");
        }
    }

    private static List<String> explain(Statement console, String what) throws SQLException {
        try (ResultSet rows = console.executeQuery("EXPLAIN ROUTE " + what)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1) + "|" + rows.getString(2) + "|" + rows.getString(3));
            }
            return all;
        }
    }

    private static Connection console() throws SQLException {
        return Replicated.console(weir);
    }

    private static long place(Statement console, LocalPostgres server, String column)
            throws SQLException {
        try (ResultSet rows = console.executeQuery("SHOW PLACES")) {
            while (rows.next()) {
                if (rows.getString("place").equals("127.0.0.1:" + server.port())) {
                    return rows.getLong(column);
                }
            }
        }
        throw new AssertionError("no place on port " + server.port());
    }

    @Test
    void withoutAReplicaThatAnswersReadsGoToThePrimaryAndComeBack() throws Exception {
        try (Connection connection = connect();
                Connection idle = connect()) {
            where(idle);
            one.kill9();
            two.kill9();
            for (int i = 0; i < 50; i++) {
                assertThat(number(connection, "SELECT n FROM notes WHERE id = 1")).isNotNegative();
            }
            assertThat(where(connection)).isEqualTo(primary.port());
            assertThat(where(idle)).isEqualTo(primary.port());
            one.start();
            two.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> where(connection) != primary.port());
        }
    }
}

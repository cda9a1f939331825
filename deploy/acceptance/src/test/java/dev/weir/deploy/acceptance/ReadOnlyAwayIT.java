package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Sessions that cannot write, while servers are away or change their roles. */
class ReadOnlyAwayIT {
    private static final String WHERE = "SELECT inet_server()";

    private static Replicated servers;
    private static Weir weir;
    private static Weir strict;

    @BeforeAll
    static void start() throws Exception {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes VALUES (1, 0);
                        """);
        Proxy proxy =
                servers.proxy()
                        .readOnlyPort()
                        .routing(it -> it.failoverWait(Duration.ofMillis(500)));
        weir = proxy.start();
        strict = proxy.routing(it -> it.readOnlyOnPrimary(false)).start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        strict.close();
        servers.close();
    }

    /** Until the replicas answer, whatever was done to them. */
    @BeforeEach
    void settle() {
        for (Weir one : new Weir[] {weir, strict}) {
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> {
                        try (Connection reader = reader(one);
                                Connection writer = Replicated.connect(one)) {
                            return number(reader, WHERE) != servers.primary().port()
                                    && number(writer, "SELECT n FROM notes FOR UPDATE") == 0
                                    && number(writer, WHERE) != servers.primary().port();
                        }
                    });
        }
    }

    private static Connection reader(Weir at) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres?user=app&preferQueryMode=simple"
                        .formatted(at.readOnlyPort()));
    }

    private static void assertState(String expected, ThrowingCallable statement) {
        assertThatThrownBy(statement)
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo(expected));
    }

    @Test
    void withoutReplicasThePrimaryAnswersSingleReadsAndNothingElse() throws Exception {
        try (Connection before = reader(weir);
                Connection refused = reader(strict)) {
            servers.one().stopImmediate();
            servers.two().stopImmediate();
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> number(before, WHERE) == servers.primary().port());
            assertState("08001", () -> number(refused, WHERE));
            assertState("57P03", () -> reader(strict).close());
            try (Connection connection = reader(weir);
                    Statement statement = connection.createStatement()) {
                statement.execute("SET statement_timeout = '10s'");
                assertState(
                        "08001",
                        () -> statement.execute("SET default_transaction_read_only = off"));
                assertThat(number(connection, WHERE)).isEqualTo(servers.primary().port());
                assertState("08001", () -> statement.execute("UPDATE notes SET n = 7"));
                assertState(
                        "08001",
                        () -> statement.execute("/* weir: replica */ SELECT pg_notify('a', 'b')"));
                assertState("25006", () -> statement.execute("BEGIN READ WRITE"));
                connection.setAutoCommit(false);
                assertState("08001", () -> number(connection, WHERE));
                connection.rollback();
                connection.setAutoCommit(true);
                assertThat(number(connection, "SELECT n FROM notes")).isZero();
            }
        } finally {
            servers.one().start();
            servers.two().start();
        }
    }

    @Test
    void withoutAPrimaryTheReplicasAnswer() throws Exception {
        try (Connection before = reader(strict)) {
            servers.primary().stopImmediate();
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> number(before, "SELECT n FROM notes") == 0);
            try (Connection connection = reader(strict)) {
                assertThat(number(connection, WHERE))
                        .isIn(servers.one().port(), servers.two().port());
            }
        } finally {
            servers.primary().start();
        }
    }

    @Test
    void whoIsOnAReplicaThatIsPromotedWritesNothingThere() throws Exception {
        try (Connection connection = reader(strict);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            int there = number(connection, WHERE);
            boolean first = there == servers.one().port();
            LocalPostgres promoted = first ? servers.one() : servers.two();
            LocalPostgres other = first ? servers.two() : servers.one();
            // The old primary writes on: what the other had of that, and the promoted one had not,
            // would keep it from following for ever.
            other.replication().follow(promoted);
            promoted.replication().awaitReplayOf(other);
            promoted.replication().promote();
            assertState("25006", () -> statement.execute("UPDATE notes SET n = 7"));
            connection.rollback();
            connection.setAutoCommit(true);
            assertState("25006", () -> statement.execute("BEGIN READ WRITE"));
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> number(connection, WHERE) == other.port());
            assertState("25006", () -> statement.execute("UPDATE notes SET n = 7"));
        }
    }

    @Test
    void aDatabaseWithoutReplicasHasNothingForThem() {
        assertState(
                "55000",
                () ->
                        DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:%d/template1?user=app"
                                        .formatted(weir.readOnlyPort())));
    }
}

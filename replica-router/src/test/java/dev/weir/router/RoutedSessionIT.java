package dev.weir.router;

import static dev.weir.router.Servers.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.deploy.local.LocalPostgres;
import dev.weir.topology.Node;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

/** The router within an application, without Weir; deploy/docs/library.md shows this. */
class RoutedSessionIT {
    private static final String WHERE = "SELECT server()";

    private static LocalPostgres primary;
    private static LocalPostgres replica;

    @BeforeAll
    static void start() {
        primary = LocalPostgres.builder().start();
        primary.execute(
                """
                CREATE FUNCTION server() RETURNS int STABLE LANGUAGE sql
                    AS 'SELECT current_setting(''port'')::int';
                CREATE TABLE notes (n int);
                CREATE SEQUENCE counter;
                CREATE FUNCTION secretly() RETURNS int STABLE LANGUAGE plpgsql
                    AS 'BEGIN RETURN nextval(''counter''); END';
                """);
        replica = primary.replica().start();
    }

    @AfterAll
    static void stop() {
        replica.close();
        primary.close();
    }

    private static DataSource source(Node node) {
        return Servers.source(node, primary.superuser());
    }

    private static int ask(RoutedSession session, String sql) throws SQLException {
        return session.run(
                sql,
                connection -> {
                    try (Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery(sql)) {
                        row.next();
                        return row.getInt(1);
                    }
                });
    }

    private static Router router() {
        Router router = new Router(node(primary), List.of(node(replica)), RoutedSessionIT::source);
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        router.verdict(WHERE.getBytes(UTF_8)).mayLeave()
                                && router.replicas().getFirst().healthy());
        return router;
    }

    private static RoutedSession session(Router router) {
        // So long that it is never over here.
        return new RoutedSession(router, RoutedSessionIT::source, Duration.ofSeconds(20));
    }

    @Test
    void readsAreAnsweredByAReplicaThatShowsWhatTheSessionHasWritten() throws SQLException {
        try (Router router = router()) {
            RoutedSession session = session(router);
            assertThat(ask(session, WHERE)).isEqualTo(replica.port());
            for (int i = 1; i <= 20; i++) {
                ask(session, "INSERT INTO notes VALUES (" + i + ") RETURNING n");
                assertThat(ask(session, "SELECT max(n) FROM notes")).isEqualTo(i);
                assertThat(ask(session, WHERE)).isEqualTo(replica.port());
            }
        }
    }

    @Test
    void aReadThatAReplicaRefusesIsAnsweredByThePrimary() throws SQLException {
        try (Router router = router()) {
            RoutedSession session = session(router);
            assertThat(ask(session, "SELECT secretly()")).isPositive();
            assertThat(router.verdict("SELECT secretly()".getBytes(UTF_8)).mayLeave()).isFalse();
        }
    }

    @Test
    void aReadThatWouldWaitForTooLongIsAnsweredByThePrimary() throws Exception {
        replica.replication().pauseReplay();
        try (Router router = router();
                Connection connection = primary.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO notes VALUES (0)");
            RoutedSession session =
                    new RoutedSession(router, RoutedSessionIT::source, Duration.ofMillis(20));
            assertThat(ask(session, WHERE)).isEqualTo(primary.port());
        } finally {
            replica.replication().resumeReplay();
        }
    }
}

package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** What becomes of a transaction when a replica refuses a statement, or fails, or none is free. */
class ReadOnlyTransactionFailureIT {
    private static final String WHERE = "SELECT inet_server()";

    private static Replicated servers;
    private static Weir weir;

    @BeforeAll
    static void start() throws Exception {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes SELECT id, 0 FROM generate_series(1, 100) id;
                        """);
        weir = servers.patient();
    }

    @AfterAll
    static void stop() {
        weir.close();
        servers.close();
    }

    private static WireClient login() throws IOException {
        return WireClient.login(weir.port(), "app", "postgres");
    }

    private static String primary() {
        return String.valueOf(servers.primary().port());
    }

    @Test
    void anErrorFailsTheTransactionWhereverItIs() throws Exception {
        try (WireClient client = login()) {
            client.query("BEGIN READ ONLY").readAnswer();
            client.one(WHERE);
            client.query("UPDATE notes SET n = 1");
            client.expectError("ERROR", "25006");
            client.expect("ReadyForQuery(E)");
            client.query("SELECT 1").expectError("ERROR", "25P02");
            client.expect("ReadyForQuery(E)");
            client.query("COMMIT").expect("CommandComplete(ROLLBACK)", "ReadyForQuery(I)");
            client.query("UPDATE notes SET n = 0 WHERE id = 6")
                    .expect("CommandComplete(UPDATE 1)", "ReadyForQuery(I)");
            client.terminate();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT pg_advisory_lock(1)",
                "SELECT pg_try_advisory_xact_lock(1)",
                "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
                "SELECT lastval()"
            })
    void whatWouldMeanNothingOnAReplicaIsRefusedThere(String sql) throws Exception {
        try (WireClient client = login()) {
            for (boolean simple : new boolean[] {true, false}) {
                client.query("BEGIN READ ONLY").readAnswer();
                assertThat(client.one(WHERE)).isNotEqualTo(primary());
                if (simple) {
                    client.query(sql);
                } else {
                    client.send(
                            Frontend.parse("a", sql),
                            Frontend.bind("", "a"),
                            Frontend.execute(""),
                            Frontend.sync());
                }
                assertThat(client.expectError("ERROR", "0A000").field('M'))
                        .contains("on a replica");
                client.expect("ReadyForQuery(E)");
                client.query("ROLLBACK").expect("CommandComplete(ROLLBACK)", "ReadyForQuery(I)");
            }
            assertThat(client.one(WHERE)).isNotEqualTo(primary());
            // As the first statement of its transaction it is carried out, on the primary.
            if (!sql.contains("lastval")) {
                client.query("BEGIN READ ONLY").readAnswer();
                client.query(sql);
                assertThat(client.readAnswer()).contains("ReadyForQuery(T)");
                assertThat(client.one(WHERE)).isEqualTo(primary());
                client.query("ROLLBACK").readAnswer();
            }
            client.terminate();
        }
    }

    @Test
    void whoGetsNoServerInTimeHasATransactionThatFailed() throws Exception {
        try (Weir small =
                        servers.proxy()
                                .poolSize(1)
                                .queryWaitTimeout(Duration.ofSeconds(1))
                                .start();
                WireClient busy = WireClient.login(small.port(), "app", "postgres");
                WireClient client = WireClient.login(small.port(), "app", "postgres")) {
            busy.query("BEGIN").readAnswer();
            busy.query("UPDATE notes SET n = n WHERE id = 8").readAnswer();
            client.query("BEGIN").readAnswer();
            client.query("UPDATE notes SET n = 1 WHERE id = 9");
            assertThat(client.next().type()).isEqualTo('E');
            client.expect("ReadyForQuery(E)");
            client.query("COMMIT").expect("CommandComplete(ROLLBACK)", "ReadyForQuery(I)");

            client.query("BEGIN").readAnswer();
            client.query("SELECT 1 FROM notes FOR UPDATE");
            assertThat(client.next().type()).isEqualTo('E');
            client.expect("ReadyForQuery(E)");
            busy.query("COMMIT").readAnswer();
            client.query("UPDATE notes SET n = 1 WHERE id = 9").expectError("ERROR", "25P02");
            client.expect("ReadyForQuery(E)");
            client.send(
                    Frontend.parse("", "ROLLBACK"),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync());
            assertThat(client.readAnswer())
                    .contains("CommandComplete(ROLLBACK)", "ReadyForQuery(I)");
            assertThat(client.one("SELECT n FROM notes WHERE id = 9")).isEqualTo("0");
            client.terminate();
            busy.terminate();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplicaThatFailsBeforeItAnsweredIsReplacedByThePrimary(boolean glued) throws Exception {
        String slow =
                "SELECT inet_server(), pg_sleep(CASE inet_server() WHEN %s THEN 0 ELSE 60 END)"
                        .formatted(primary());
        try (WireClient client = login()) {
            if (glued) {
                client.send(
                        Frontend.parse("", "BEGIN READ ONLY"),
                        Frontend.bind("", ""),
                        Frontend.execute(""),
                        Frontend.parse("", slow),
                        Frontend.bind("", ""),
                        Frontend.execute(""),
                        Frontend.sync());
            } else {
                client.query("BEGIN READ ONLY").readAnswer();
                client.query(slow);
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> terminate(servers.one()) + terminate(servers.two()) > 0);
            assertThat(client.readAnswer())
                    .contains("DataRow(" + primary() + ", )", "ReadyForQuery(T)");
            assertThat(client.one("SHOW transaction_read_only")).isEqualTo("on");
            client.query("COMMIT").expect("CommandComplete(COMMIT)", "ReadyForQuery(I)");
            client.terminate();
        }
    }

    private static int terminate(LocalPostgres server) throws SQLException {
        try (Connection connection = server.connect("postgres")) {
            return number(
                    connection,
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                            + " WHERE query LIKE '%THEN 0 ELSE 60%' AND state = 'active'"
                            + " AND pid <> pg_backend_pid()");
        }
    }

    @Test
    void replicasThatAreGoneDoNotHoldUpATransaction() throws Exception {
        try (WireClient client = login()) {
            client.query("BEGIN READ ONLY").readAnswer();
            servers.one().kill9();
            servers.two().kill9();
            assertThat(client.one(WHERE)).isEqualTo(primary());
            client.query("COMMIT").expect("CommandComplete(COMMIT)", "ReadyForQuery(I)");
            client.terminate();
        } finally {
            servers.one().start();
            servers.two().start();
            servers.awaitBoth(weir);
        }
    }
}

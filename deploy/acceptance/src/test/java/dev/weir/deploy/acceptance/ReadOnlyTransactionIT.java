package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;

/** Where transactions go when there are replicas, and none of them fails. */
class ReadOnlyTransactionIT {
    private static final String WHERE = "SELECT inet_server()";

    private static Replicated servers;
    private static Weir weir;

    @BeforeAll
    static void start() throws Exception {
        servers =
                Replicated.start(
                        """
                        GRANT ALL ON SCHEMA public TO app;
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes SELECT id, 0 FROM generate_series(1, 100) id;
                        CREATE SEQUENCE counter;
                        GRANT ALL ON counter TO app;
                        CREATE FUNCTION secretly() RETURNS bigint STABLE LANGUAGE plpgsql
                            AS 'BEGIN RETURN txid_current(); END';
                        CREATE ROLE reader LOGIN;
                        ALTER ROLE reader SET default_transaction_read_only = on;
                        CREATE ROLE careful LOGIN;
                        ALTER ROLE careful SET default_transaction_isolation = serializable;
                        """);
        weir = servers.patient();
    }

    @AfterAll
    static void stop() {
        weir.close();
        servers.close();
    }

    private static Connection connect(String options) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres?socketTimeout=60&%s"
                        .formatted(weir.port(), options));
    }

    private static WireClient login(String user) throws IOException {
        return WireClient.login(weir.port(), user, "postgres");
    }

    private static String primary() {
        return String.valueOf(servers.primary().port());
    }

    // ---- pgjdbc ----

    @ParameterizedTest
    @CsvSource({
        "extended, transaction, 5",
        "extended, transaction, 1",
        "extendedForPrepared, transaction, 5",
        "extendedCacheEverything, transaction, 1",
        "simple, transaction, 5",
        "extended, always, 5",
        "simple, always, 5"
    })
    void aReadOnlyTransactionOfPgjdbcGoesWholeToAReplica(
            String queryMode, String readOnlyMode, int threshold) throws Exception {
        try (Connection connection =
                connect(
                        "user=app&preferQueryMode=%s&readOnlyMode=%s&prepareThreshold=%d"
                                .formatted(queryMode, readOnlyMode, threshold))) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            for (int round = 0; round < 8; round++) {
                int place = number(connection, WHERE);
                assertThat(place).isNotEqualTo(servers.primary().port());
                Savepoint savepoint = connection.setSavepoint();
                try (PreparedStatement read =
                        connection.prepareStatement("SELECT id, inet_server() FROM notes")) {
                    read.setFetchSize(10);
                    try (ResultSet rows = read.executeQuery()) {
                        int count = 0;
                        while (rows.next()) {
                            count++;
                            assertThat(rows.getInt(2)).isEqualTo(place);
                        }
                        assertThat(count).isEqualTo(100);
                    }
                }
                connection.rollback(savepoint);
                if (round % 2 == 0) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
            }
            connection.setReadOnly(false);
            assertThat(number(connection, WHERE)).isEqualTo(servers.primary().port());
            connection.commit();
        }
    }

    @Test
    void withAutocommitAlwaysReadOnlyOfPgjdbcStillSeesWhatTheSessionWrote() throws Exception {
        try (Connection connection = connect("user=app&readOnlyMode=always");
                Statement statement = connection.createStatement()) {
            for (int i = 1; i < 50; i++) {
                connection.setReadOnly(false);
                statement.executeUpdate("UPDATE notes SET n = %d WHERE id = 1".formatted(i));
                connection.setReadOnly(true);
                connection.setAutoCommit(false);
                assertThat(number(connection, "SELECT n FROM notes WHERE id = 1")).isEqualTo(i);
                assertThat(number(connection, WHERE)).isNotEqualTo(servers.primary().port());
                connection.setAutoCommit(true);
            }
        }
    }

    @Test
    void aFirstStatementThatAReplicaRefusesIsAnsweredByThePrimaryUnseen() throws Exception {
        try (Connection connection = connect("user=app")) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            for (int i = 0; i < 3; i++) {
                assertThat(number(connection, "SELECT secretly()")).isPositive();
                assertThat(number(connection, WHERE)).isEqualTo(servers.primary().port());
                connection.commit();
            }
            assertThat(number(connection, WHERE)).isNotEqualTo(servers.primary().port());
            connection.commit();
        }
    }

    // ---- the simple protocol ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN READ ONLY",
                "start transaction isolation level repeatable read, read only;",
                "/* a */ BEGIN TRANSACTION READ ONLY -- b",
                "BEGIN READ ONLY NOT DEFERRABLE"
            })
    void aReadOnlyTransactionGoesToAReplica(String begin) throws Exception {
        try (WireClient client = login("app")) {
            String tag = begin.startsWith("start") ? "START TRANSACTION" : "BEGIN";
            client.query(begin);
            client.expect("CommandComplete(" + tag + ")", "ReadyForQuery(T)");
            assertThat(client.one("SHOW transaction_read_only")).isEqualTo("on");
            assertThat(client.one(WHERE)).isNotEqualTo(primary());
            client.query("COMMIT").expect("CommandComplete(COMMIT)", "ReadyForQuery(I)");
            client.terminate();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN",
                "BEGIN READ WRITE",
                "BEGIN READ ONLY READ WRITE",
                "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
                "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE",
                "BEGIN READ ONLY DEFERRABLE"
            })
    void anyOtherStaysOnThePrimary(String begin) throws Exception {
        try (WireClient client = login("app")) {
            client.query(begin).expect("CommandComplete(BEGIN)", "ReadyForQuery(T)");
            assertThat(client.one(WHERE)).isEqualTo(primary());
            client.query("ROLLBACK").expect("CommandComplete(ROLLBACK)", "ReadyForQuery(I)");
            client.terminate();
        }
    }

    @Test
    void whatATransactionIsMayBeSaidBehindItsBegin() throws Exception {
        try (WireClient client = login("app")) {
            client.query("BEGIN").expect("CommandComplete(BEGIN)", "ReadyForQuery(T)");
            client.query("SET TRANSACTION READ ONLY")
                    .expect("CommandComplete(SET)", "ReadyForQuery(T)");
            client.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    .expect("CommandComplete(SET)", "ReadyForQuery(T)");
            assertThat(client.one(WHERE)).isNotEqualTo(primary());
            assertThat(client.one("SHOW transaction_isolation")).isEqualTo("repeatable read");
            client.query("COMMIT").expect("CommandComplete(COMMIT)", "ReadyForQuery(I)");

            client.query("BEGIN READ ONLY").readAnswer();
            client.query("SET TRANSACTION READ WRITE").readAnswer();
            client.query("UPDATE notes SET n = 7 WHERE id = 2")
                    .expect("CommandComplete(UPDATE 1)", "ReadyForQuery(T)");
            client.query("COMMIT").expect("CommandComplete(COMMIT)", "ReadyForQuery(I)");
            assertThat(client.one("SELECT n FROM notes WHERE id = 2")).isEqualTo("7");
            client.terminate();
        }
    }

    @Test
    void aTransactionWithoutStatementsNeedsNoServer() throws Exception {
        try (WireClient client = login("app");
                WireClient first = login("app");
                WireClient second = login("app")) {
            for (WireClient busy : List.of(first, second)) {
                busy.query("BEGIN").readAnswer();
                busy.query("UPDATE notes SET n = n WHERE id = %d".formatted(busy == first ? 3 : 4));
                busy.expect("CommandComplete(UPDATE 1)", "ReadyForQuery(T)");
            }
            for (String end : List.of("COMMIT", "ROLLBACK", "END", "abort work;")) {
                client.query("BEGIN").expect("CommandComplete(BEGIN)", "ReadyForQuery(T)");
                client.send(Frontend.sync()).expect("ReadyForQuery(T)");
                String tag = end.equals("COMMIT") || end.equals("END") ? "COMMIT" : "ROLLBACK";
                client.query(end).expect("CommandComplete(" + tag + ")", "ReadyForQuery(I)");
            }
            first.query("COMMIT").readAnswer();
            second.query("COMMIT").readAnswer();
            client.query("BEGIN").readAnswer();
            client.terminate();
        }
    }

    @Test
    void aBatchIsFollowedByWhatBelongsToIt() throws Exception {
        try (WireClient client = login("app")) {
            for (int i = 0; i < 20; i++) {
                client.send(
                        Frontend.query("BEGIN READ ONLY"),
                        Frontend.query(WHERE),
                        Frontend.query("SELECT n FROM notes WHERE id = 5"),
                        Frontend.query("COMMIT"),
                        Frontend.query("UPDATE notes SET n = %d WHERE id = 5".formatted(i + 1)),
                        Frontend.query("BEGIN"),
                        Frontend.query(WHERE),
                        Frontend.query("ROLLBACK"));
                client.expect("CommandComplete(BEGIN)", "ReadyForQuery(T)");
                assertThat(client.readAnswer()).doesNotContain("DataRow(" + primary() + ")");
                assertThat(client.readAnswer()).contains("DataRow(" + i + ")");
                client.expect("CommandComplete(COMMIT)", "ReadyForQuery(I)");
                client.expect("CommandComplete(UPDATE 1)", "ReadyForQuery(I)");
                client.expect("CommandComplete(BEGIN)", "ReadyForQuery(T)");
                assertThat(client.readAnswer()).contains("DataRow(" + primary() + ")");
                client.expect("CommandComplete(ROLLBACK)", "ReadyForQuery(I)");
            }
            client.query("UPDATE notes SET n = 0 WHERE id = 5").readAnswer();
            client.terminate();
        }
    }

    @Test
    void severalStatementsInOneMessageMayBeginOne() throws Exception {
        try (WireClient client = login("app")) {
            client.query("BEGIN READ ONLY; " + WHERE);
            assertThat(client.readAnswer())
                    .contains("CommandComplete(BEGIN)", "ReadyForQuery(T)")
                    .doesNotContain("DataRow(" + primary() + ")");
            client.query("COMMIT").readAnswer();
            client.query("BEGIN; " + WHERE);
            assertThat(client.readAnswer()).contains("DataRow(" + primary() + ")");
            client.query("COMMIT").readAnswer();
            client.query("BEGIN READ ONLY; SELECT 1; " + WHERE);
            assertThat(client.readAnswer()).contains("DataRow(" + primary() + ")");
            client.query("COMMIT").readAnswer();
            client.terminate();
        }
    }

    @Test
    void cursorsAndSettingsOfTheTransactionGoWithIt() throws Exception {
        try (WireClient client = login("app")) {
            client.query("BEGIN READ ONLY").readAnswer();
            client.query("DECLARE c CURSOR FOR SELECT inet_server() FROM notes").readAnswer();
            assertThat(client.one("FETCH 1 FROM c")).isNotEqualTo(primary());
            client.query("CLOSE c").expect("CommandComplete(CLOSE CURSOR)", "ReadyForQuery(T)");
            client.query("COMMIT").readAnswer();
            client.query("BEGIN READ ONLY").readAnswer();
            client.query("SET LOCAL app.tenant = 'a'").readAnswer();
            assertThat(client.one("SELECT current_setting('app.tenant')")).isEqualTo("a");
            assertThat(client.one(WHERE)).isNotEqualTo(primary());
            client.query("ROLLBACK").readAnswer();
            client.query("BEGIN READ ONLY").readAnswer();
            client.query("DECLARE c CURSOR WITH HOLD FOR SELECT inet_server()").readAnswer();
            client.query("COMMIT").readAnswer();
            assertThat(client.one("FETCH 1 FROM c")).isEqualTo(primary());
            client.terminate();
        }
    }

    // ---- what else is known of it ----

    @Test
    void aSessionWhoseTransactionsAreReadOnlyByDefaultNeedsNoWords() throws Exception {
        try (WireClient client = login("reader")) {
            client.query("BEGIN").readAnswer();
            assertThat(client.one(WHERE)).isNotEqualTo(primary());
            client.query("COMMIT").readAnswer();
            client.query("SET default_transaction_read_only = off").readAnswer();
            client.query("BEGIN").readAnswer();
            assertThat(client.one(WHERE)).isEqualTo(primary());
            client.query("COMMIT").readAnswer();
            client.query("RESET default_transaction_read_only").readAnswer();
            client.query("BEGIN READ WRITE").readAnswer();
            assertThat(client.one(WHERE)).isEqualTo(primary());
            client.query("COMMIT").readAnswer();
            client.terminate();
        }
    }

    @Test
    void aSessionWhoseTransactionsAreSerializableByDefaultStaysOnThePrimary() throws Exception {
        try (WireClient client = login("app");
                WireClient unseen = login("careful")) {
            client.query("SET default_transaction_isolation = serializable").readAnswer();
            client.query("BEGIN READ ONLY").readAnswer();
            assertThat(client.one(WHERE)).isEqualTo(primary());
            client.query("COMMIT").readAnswer();
            // Its setting is reported to nobody: the replica refuses, and the primary answers.
            unseen.query("BEGIN READ ONLY").readAnswer();
            assertThat(unseen.one(WHERE + " + 0")).isEqualTo(primary());
            unseen.query("COMMIT").readAnswer();
            client.terminate();
            unseen.terminate();
        }
    }
}

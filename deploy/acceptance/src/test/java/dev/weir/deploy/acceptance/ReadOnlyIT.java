package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

/** Sessions that cannot write, by their user or their port, and what drivers make of them. */
class ReadOnlyIT {
    private static final String READ_ONLY_TRANSACTION = "25006";

    private static Replicated servers;
    private static Weir weir;

    @BeforeAll
    static void start() throws Exception {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        CREATE SEQUENCE counter;
                        CREATE FUNCTION note() RETURNS int LANGUAGE sql
                            AS 'UPDATE notes SET n = n + 1 RETURNING n';
                        CREATE ROLE reader LOGIN;
                        GRANT ALL ON notes, counter TO app, reader;
                        INSERT INTO notes VALUES (1, 0);
                        """);
        weir =
                servers.proxy()
                        .poolSize(3)
                        .readOnlyPort()
                        .reader("reader")
                        .routing(it -> it.replicaWait(Duration.ofSeconds(10)))
                        .start();
        for (LocalPostgres replica : new LocalPostgres[] {servers.one(), servers.two()}) {
            replica.replication().awaitReplayOf(servers.primary());
        }
        try (Connection connection = Replicated.connect(weir)) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            number(connection, "SELECT inet_server()") != servers.primary().port());
        }
    }

    @AfterAll
    static void stop() {
        weir.close();
        servers.close();
    }

    private static Connection connect(int port, String user, String more) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres?user=%s&socketTimeout=60%s"
                        .formatted(port, user, more));
    }

    private static Connection reader() throws SQLException {
        return connect(weir.readOnlyPort(), "app", "");
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void assertRefused(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo(READ_ONLY_TRANSACTION));
        }
    }

    private static void assertUntouched() throws SQLException {
        try (Connection connection = servers.primary().connect("postgres")) {
            assertThat(number(connection, "SELECT sum(n) FROM notes")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE notes SET n = 7",
                "SELECT note()",
                "SELECT nextval('counter')",
                "CREATE TABLE more (id int)",
                "DELETE FROM notes; SELECT 1",
                "/* weir: primary */ UPDATE notes SET n = 7",
                "BEGIN READ WRITE",
                "START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE",
                "COPY notes FROM STDIN",
                "SELECT n FROM notes FOR UPDATE",
                "NOTIFY somebody"
            })
    void whatWritesIsRefused(String sql) throws Exception {
        try (Connection connection = reader()) {
            assertRefused(connection, sql);
            assertThat(number(connection, "SELECT inet_server()"))
                    .isNotEqualTo(servers.primary().port());
        }
        assertUntouched();
    }

    @Test
    void noSettingLetsItWrite() throws Exception {
        try (Connection connection = connect(weir.port(), "reader", "");
                Statement statement = connection.createStatement()) {
            statement.execute("SET default_transaction_read_only = off");
            assertRefused(connection, "UPDATE notes SET n = 7");
            statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE");
            assertRefused(connection, "UPDATE notes SET n = 7");
            statement.execute("SET weir.route = 'primary'");
            assertRefused(connection, "UPDATE notes SET n = 7");
            statement.execute("RESET ALL");
            assertThat(text(connection, "SHOW default_transaction_read_only")).isEqualTo("on");
            connection.setAutoCommit(false);
            assertThat(number(connection, "SELECT inet_server()"))
                    .isNotEqualTo(servers.primary().port());
            assertRefused(connection, "UPDATE notes SET n = 7");
            connection.rollback();
            assertThat(number(connection, "SELECT count(*) FROM notes")).isEqualTo(1);
            connection.commit();
        }
        assertUntouched();
    }

    @Test
    void itSeesWhatWasThereWhenItConnected() throws Exception {
        try (Connection writer = Replicated.connect(weir);
                Statement statement = writer.createStatement()) {
            for (int i = 1; i <= 50; i++) {
                statement.executeUpdate("INSERT INTO notes VALUES (100 + %d, 0)".formatted(i));
                try (Connection connection = reader()) {
                    assertThat(number(connection, "SELECT max(id) FROM notes")).isEqualTo(100 + i);
                }
            }
            statement.executeUpdate("DELETE FROM notes WHERE id > 100");
        }
    }

    @Test
    void driversTakeItForAStandby() throws Exception {
        try (Connection connection = reader()) {
            assertThat(text(connection, "SHOW transaction_read_only")).isEqualTo("on");
            assertThat(text(connection, "SELECT pg_is_in_recovery()")).isEqualTo("t");
        }
        assertThat(greeting(weir.readOnlyPort()))
                .contains("in_hot_standby=on", "default_transaction_read_only=on");
        assertThat(greeting(weir.port()))
                .contains("in_hot_standby=off", "default_transaction_read_only=off");
    }

    private static String greeting(int port) throws Exception {
        try (WireClient client = WireClient.connect(port)) {
            client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
            return client.readGreeting().toString();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"secondary", "preferSecondary"})
    void pgjdbcGoesToTheReadOnlyPortForASecondary(String type) throws Exception {
        assertThat(answeredAt(type)).isEqualTo(weir.readOnlyPort());
    }

    @Test
    void pgjdbcGoesToTheOtherForThePrimary() throws Exception {
        assertThat(answeredAt("primary")).isEqualTo(weir.port());
    }

    /** The port that pgjdbc takes, whichever stands first. */
    private static int answeredAt(String type) throws SQLException {
        int found = 0;
        int[][] orders = {{weir.port(), weir.readOnlyPort()}, {weir.readOnlyPort(), weir.port()}};
        for (int[] ports : orders) {
            try (Connection connection =
                    DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?user=app&targetServerType=%s"
                                    .formatted(ports[0], ports[1], type))) {
                int port =
                        text(connection, "SHOW default_transaction_read_only").equals("on")
                                ? weir.readOnlyPort()
                                : weir.port();
                assertThat(found).isIn(0, port);
                found = port;
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"read-only", "standby", "prefer-standby"})
    void libpqGoesToTheReadOnlyPortForAStandby(String attributes) throws Exception {
        assertThat(psql(weir.port(), weir.readOnlyPort(), attributes))
                .isEqualTo(String.valueOf(weir.readOnlyPort()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"read-write", "primary"})
    void libpqGoesToTheOtherForAPrimary(String attributes) throws Exception {
        assertThat(psql(weir.readOnlyPort(), weir.port(), attributes))
                .isEqualTo(String.valueOf(weir.port()));
    }

    /** The port that psql takes of these two. */
    private static String psql(int first, int second, String attributes) throws Exception {
        PsqlTool.Result result =
                PsqlTool.require("psql")
                        .run(
                                "\\echo :PORT\n",
                                "-X",
                                "-q",
                                "-f",
                                "-",
                                "host=127.0.0.1,127.0.0.1 port=%d,%d dbname=postgres user=app target_session_attrs=%s"
                                        .formatted(first, second, attributes));
        assertThat(result.status()).as(result.output()).isZero();
        return result.output().strip();
    }

    @Test
    void whatWouldStayOnOneReplicaIsRefused() throws Exception {
        try (Connection connection = reader();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT pg_advisory_lock(7)"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("0A000"));
            assertThat(number(connection, "SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void aPipelineThatEndsItsTransactionGetsNoFurther() throws Exception {
        try (WireClient client = WireClient.login(weir.readOnlyPort(), "app", "postgres")) {
            client.send(
                    Frontend.query("BEGIN"),
                    Frontend.query("SELECT 1"),
                    Frontend.query("COMMIT"),
                    Frontend.query("UPDATE notes SET n = 7"),
                    Frontend.query("SELECT 2"));
            for (int i = 0; i < 5; i++) {
                client.readAnswer();
            }
        }
        assertUntouched();
    }
}

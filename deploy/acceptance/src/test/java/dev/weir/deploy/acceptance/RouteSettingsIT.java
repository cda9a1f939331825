package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.classify.Route;
import dev.weir.config.RouteConfig;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.freshness.MaxLag;

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
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What a session may ask of the routing: comments, settings, and a floor from another session. */
class RouteSettingsIT {
    private static final String WHERE = "SELECT inet_server()";

    /** Which server this is, by a function of which nobody knows what else it does. */
    private static final String DOUBTFUL = "SELECT doubtful()";

    private static Replicated servers;
    private static Weir weir;

    /** Another process, in front of the same servers. */
    private static Weir other;

    @BeforeAll
    static void start() throws Exception {
        servers =
                Replicated.start(
                        """
                        GRANT ALL ON SCHEMA public TO app;
                        CREATE ROLE reporter LOGIN;
                        CREATE ROLE anyone LOGIN;
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes VALUES (1, 0);
                        CREATE SEQUENCE counter;
                        GRANT ALL ON counter TO app;
                        CREATE FUNCTION doubtful() RETURNS int LANGUAGE sql
                            AS 'SELECT current_setting(''port'')::int';
                        """);
        weir =
                servers.proxy()
                        .poolSize(5)
                        .routing(it -> it.replicaWait(Duration.ofSeconds(10)))
                        .start();
        other =
                servers.proxy()
                        .poolSize(5)
                        .routing(it ->
                                it.replicaWait(Duration.ofMillis(10))
                                        .usual(new RouteConfig(Route.PRIMARY, null)))
                        .usual("reporter", new RouteConfig(Route.REPLICA, MaxLag.parse("1h")))
                        .usual("app", new RouteConfig(Route.AUTO, null))
                        .start();
        for (Weir one : List.of(weir, other)) {
            try (Connection connection = Replicated.connect(one)) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> !text(connection, WHERE).equals(primary()));
            }
        }
    }

    @AfterAll
    static void stop() {
        weir.close();
        other.close();
        servers.close();
    }

    private static String primary() {
        return String.valueOf(servers.primary().port());
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static WireClient login(Weir proxy, String user) throws IOException {
        return WireClient.login(proxy.port(), user, "postgres");
    }

    /** Until a replica has answered: the other process does not wait for one for long. */
    private static void awaitReplica(WireClient client, String sql) {
        await().atMost(Duration.ofSeconds(30)).until(() -> !client.one(sql).equals(primary()));
    }

    // ---- comments ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/* weir: primary */ SELECT inet_server()",
                "-- weir: primary\nSELECT inet_server()",
                "/* a /* nested */ one */ /*weir:primary*/ SELECT inet_server()"
            })
    void aCommentKeepsAReadOnThePrimary(String sql) throws Exception {
        try (Connection connection = Replicated.connect(weir);
                PreparedStatement read = connection.prepareStatement(sql)) {
            for (int i = 0; i < 7; i++) {
                try (ResultSet row = read.executeQuery()) {
                    row.next();
                    assertThat(row.getString(1)).isEqualTo(primary());
                }
                assertThat(text(connection, WHERE)).isNotEqualTo(primary());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT inet_server() /* weir: primary */",
                "/* weir: primary or not */ SELECT inet_server()",
                "/* weir: nowhere */ SELECT inet_server()"
            })
    void anyOtherCommentIsNone(String sql) throws Exception {
        try (Connection connection = Replicated.connect(weir)) {
            assertThat(text(connection, sql)).isNotEqualTo(primary());
        }
    }

    @Test
    void aCommentSendsWhatIsInDoubtToAReplicaAndNoWrite() throws Exception {
        try (Connection connection = Replicated.connect(weir);
                Statement statement = connection.createStatement()) {
            assertThat(text(connection, DOUBTFUL)).isEqualTo(primary());
            assertThat(text(connection, "/* weir: replica */ " + DOUBTFUL)).isNotEqualTo(primary());
            statement.executeUpdate("/* weir: replica */ UPDATE notes SET n = n WHERE id = 1");
            for (int i = 0; i < 2; i++) {
                assertThat(text(connection, "/* weir: replica */ SELECT nextval('counter')"))
                        .isNotNull();
            }
            assertThat(
                            text(
                                    connection,
                                    "/* weir: replica */ SELECT doubtful() FROM pg_advisory_xact_lock(1)"))
                    .isEqualTo(primary());
            assertThat(
                            text(
                                    connection,
                                    "/* weir: replica */ WITH w AS (UPDATE notes SET n = n RETURNING 1)"
                                            + " SELECT doubtful() FROM w"))
                    .isEqualTo(primary());
        }
    }

    @Test
    void aCommentInFrontOfBeginCountsForTheTransaction() throws Exception {
        try (WireClient client = login(weir, "app")) {
            client.query("/* weir: primary */ BEGIN READ ONLY").readAnswer();
            assertThat(client.one(WHERE)).isEqualTo(primary());
            client.query("COMMIT").readAnswer();
            client.query("/* weir: replica */ BEGIN READ ONLY").readAnswer();
            assertThat(client.one(DOUBTFUL)).isNotEqualTo(primary());
            client.query("COMMIT").readAnswer();
            client.query("BEGIN READ ONLY").readAnswer();
            assertThat(client.one(DOUBTFUL)).isEqualTo(primary());
            client.query("COMMIT").readAnswer();
            client.terminate();
        }
    }

    // ---- settings ----

    @ParameterizedTest
    @CsvSource({"simple", "extended"})
    void aSessionSaysWhereItWantsToBeAnswered(String mode) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:%d/postgres?user=app&preferQueryMode=%s"
                                        .formatted(weir.port(), mode));
                Statement statement = connection.createStatement()) {
            assertThat(text(connection, "SHOW weir.route")).isEqualTo("auto");
            assertThat(text(connection, "SELECT current_setting('weir.max_lag')")).isEqualTo("off");
            statement.execute("SET weir.route = 'primary'");
            assertThat(text(connection, WHERE)).isEqualTo(primary());
            assertThat(text(connection, "/* weir: replica */ " + WHERE)).isNotEqualTo(primary());
            assertThat(text(connection, "SHOW weir.route")).isEqualTo("primary");
            statement.execute("SET SESSION weir.route TO replica");
            assertThat(text(connection, DOUBTFUL)).isNotEqualTo(primary());
            statement.executeUpdate("UPDATE notes SET n = n WHERE id = 1");
            statement.execute("RESET weir.route");
            assertThat(text(connection, "SHOW weir.route")).isEqualTo("auto");
            assertThat(text(connection, DOUBTFUL)).isEqualTo(primary());
            assertThat(text(connection, WHERE)).isNotEqualTo(primary());

            connection.setAutoCommit(false);
            statement.execute("SET weir.route = 'primary'");
            connection.rollback();
            connection.setReadOnly(true);
            assertThat(text(connection, WHERE)).isNotEqualTo(primary());
            connection.commit();
            statement.execute("SET LOCAL weir.route = 'primary'");
            assertThat(text(connection, WHERE)).isEqualTo(primary());
            connection.commit();
            assertThat(text(connection, WHERE)).isNotEqualTo(primary());
            connection.commit();
        }
    }

    @Test
    void whatTheConfigurationSaysIsOverruledByTheUsersAndTheSessionsOwn() throws Exception {
        for (LocalPostgres replica : List.of(servers.one(), servers.two())) {
            replica.replication().awaitReplayOf(servers.primary());
        }
        try (WireClient app = login(other, "app");
                WireClient reporter = login(other, "reporter");
                WireClient anyone = login(other, "anyone");
                WireClient options =
                        WireClient.login(
                                other.port(),
                                Map.of(
                                        "user",
                                        "anyone",
                                        "database",
                                        "postgres",
                                        "options",
                                        "-c weir.route=replica"))) {
            awaitReplica(app, WHERE);
            awaitReplica(reporter, DOUBTFUL);
            assertThat(reporter.one("SHOW weir.max_lag")).isEqualTo("3600s");
            assertThat(anyone.one(WHERE)).isEqualTo(primary());
            assertThat(anyone.one("SHOW weir.route")).isEqualTo("primary");
            awaitReplica(options, DOUBTFUL);
            options.query("SET weir.route = 'auto'").readAnswer();
            assertThat(options.one(DOUBTFUL)).isEqualTo(primary());
            options.query("RESET ALL").readAnswer();
            awaitReplica(options, DOUBTFUL);
            for (WireClient one : List.of(app, reporter, anyone, options)) {
                one.terminate();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET weir.route = 'secondary'",
                "SET LOCAL weir.route TO nowhere",
                "SET weir.max_lag = '12 parsecs'",
                "SET weir.floor = 'yesterday'",
                "set Weir.Rout = 'auto'"
            })
    void whatIsNoValueIsRefused(String sql) throws Exception {
        try (WireClient client = login(weir, "app")) {
            client.query(sql).expectError("ERROR", "22023");
            client.expect("ReadyForQuery(I)");
            client.send(
                    Frontend.parse("", sql),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync());
            client.expectError("ERROR", "22023");
            client.expect("ReadyForQuery(I)");
            client.query("BEGIN").readAnswer();
            client.query(sql).expectError("ERROR", "22023");
            client.expect("ReadyForQuery(E)");
            client.query("COMMIT").expect("CommandComplete(ROLLBACK)", "ReadyForQuery(I)");
            client.query("BEGIN").readAnswer();
            client.query("UPDATE notes SET n = n WHERE id = 1").readAnswer();
            client.query(sql).expectError("ERROR", "22023");
            client.expect("ReadyForQuery(E)");
            client.query("ROLLBACK").readAnswer();
            assertThat(client.one(WHERE)).isNotEqualTo(primary());
            client.terminate();
        }
        assertThatThrownBy(() ->
                        DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:%d/postgres?user=app&options=-c%%20weir.route=secondary"
                                        .formatted(weir.port())))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
    }

    @Test
    void aReplicaThatIsTooFarBehindIsNotAsked() throws Exception {
        List<LocalPostgres> replicas = List.of(servers.one(), servers.two());
        try (WireClient client = login(other, "app")) {
            awaitReplica(client, WHERE);
            for (LocalPostgres replica : replicas) {
                replica.replication().pauseReplay();
            }
            servers.primary().execute("UPDATE notes SET n = n WHERE id = 1");
            client.query("SET weir.max_lag = '1B'").readAnswer();
            await().atMost(Duration.ofSeconds(30)).until(() -> client.one(WHERE).equals(primary()));
            client.query("SET weir.max_lag = '1h'").readAnswer();
            client.query("SET weir.max_lag = '1GB'").readAnswer();
            client.terminate();
        } finally {
            for (LocalPostgres replica : replicas) {
                replica.replication().resumeReplay();
            }
        }
    }

    // ---- a floor from another session ----

    @ParameterizedTest
    @CsvSource({"simple", "extended"})
    void aReadInAnotherProcessSeesAWriteInThisOne(String mode) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:%d/postgres?user=app&preferQueryMode=" + mode;
        List<LocalPostgres> replicas = List.of(servers.one(), servers.two());
        try (Connection writer = DriverManager.getConnection(url.formatted(weir.port()));
                Connection reader = DriverManager.getConnection(url.formatted(other.port()));
                Statement write = writer.createStatement();
                Statement read = reader.createStatement()) {
            for (int i = 1; i <= 10; i++) {
                for (LocalPostgres replica : replicas) {
                    replica.replication().resumeReplay();
                    replica.replication().awaitReplayOf(servers.primary());
                }
                String before = text(reader, "SELECT n FROM notes WHERE id = 1");
                for (LocalPostgres replica : replicas) {
                    replica.replication().pauseReplay();
                }
                int now = 1000 + Integer.parseInt(before);
                write.executeUpdate("UPDATE notes SET n = %d WHERE id = 1".formatted(now));
                String token = text(writer, "SHOW weir.floor");
                assertThat(token).matches("\\d+:[0-9A-F]+/[0-9A-F]+");
                read.execute("SET weir.floor = '%s'".formatted(token));
                assertThat(text(reader, "SELECT n FROM notes WHERE id = 1"))
                        .isEqualTo(String.valueOf(now));
                assertThat(text(reader, "SELECT current_setting('weir.floor')"))
                        .isGreaterThanOrEqualTo(token.substring(0, 2));
            }
        } finally {
            for (LocalPostgres replica : replicas) {
                replica.replication().resumeReplay();
            }
        }
    }

    @Test
    void aFloorOfATimelineThatIsNotThereYetKeepsTheSessionOnThePrimary() throws Exception {
        try (WireClient client = login(other, "app")) {
            awaitReplica(client, WHERE);
            client.query("SET weir.floor = '99:0/1'").readAnswer();
            assertThat(client.one(WHERE)).isEqualTo(primary());
            client.terminate();
        }
    }

    @Test
    void whereTheFloorCannotBeToldTheTokenStandsForAllThatIsWritten() throws Exception {
        servers.primary().execute("CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher");
        List<LocalPostgres> replicas = List.of(servers.one(), servers.two());
        try (Weir blind =
                        servers.proxy()
                                .poolSize(5)
                                .routing(it -> it.routerUser("watcher"))
                                .start();
                Connection writer = Replicated.connect(blind);
                Connection reader = Replicated.connect(other);
                Statement write = writer.createStatement();
                Statement read = reader.createStatement()) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !text(writer, WHERE).equals(primary()));
            servers.primary()
                    .execute(
                            """
                            ALTER ROLE watcher NOLOGIN;
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'watcher';
                            """);
            for (LocalPostgres replica : replicas) {
                replica.replication().awaitReplayOf(servers.primary());
                replica.replication().pauseReplay();
            }
            for (int i = 1; i <= 2; i++) {
                write.executeUpdate("UPDATE notes SET n = -%d WHERE id = 1".formatted(i));
                String token = text(writer, "SHOW weir.floor");
                assertThat(token).matches("1:now/[0-9a-f]+");
                read.execute("SET weir.floor = '%s'".formatted(token));
                assertThat(text(reader, "SELECT n FROM notes WHERE id = 1")).isEqualTo("-" + i);
            }
        } finally {
            for (LocalPostgres replica : replicas) {
                replica.replication().resumeReplay();
            }
            servers.primary().execute("ALTER ROLE watcher LOGIN");
        }
    }
}

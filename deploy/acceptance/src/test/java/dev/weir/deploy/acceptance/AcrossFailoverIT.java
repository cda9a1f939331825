package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;

/** What is not a statement follows the primary, too, or says that it does not. */
class AcrossFailoverIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private Replicated servers;
    private Weir weir;

    @BeforeEach
    void start() throws Exception {
        servers = Replicated.start("GRANT SELECT ON pg_catalog.pg_authid TO app");
        weir =
                Weir.start(
                        ConfigFile.parse(
                                """
                                listen-port: 0
                                http-port: 0
                                auth-user: app
                                auth-query-cache-time: 0
                                databases:
                                  postgres:
                                    host: 127.0.0.1
                                    port: %d
                                    replicas: 127.0.0.1:%d, 127.0.0.1:%d
                                    router-user: app
                                users:
                                  app: { password: app }
                                """
                                        .formatted(
                                                servers.primary().port(),
                                                servers.one().port(),
                                                servers.two().port()),
                                "test"));
    }

    @AfterEach
    void stop() {
        weir.close();
        servers.close();
    }

    private Connection connect(String user) throws Exception {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres?user=%s&password=%s&assumeMinServerVersion=14"
                        .formatted(weir.port(), user, user));
    }

    /** Beside the primary, which lives on. */
    private void promote() {
        servers.one().replication().awaitReplayOf(servers.primary());
        servers.one().replication().promote();
    }

    @Test
    void passwordsAreLookedUpWhereThePrimaryIsNow() throws Exception {
        connect("app").close();
        promote();
        servers.one().createRole("newcomer", "newcomer");
        await().atMost(LONG)
                .ignoreExceptions()
                .untilAsserted(() -> {
                    try (Connection connection = connect("newcomer")) {
                        assertThat(number(connection, "SELECT inet_server()"))
                                .isNotEqualTo(servers.primary().port());
                    }
                });
    }

    @Test
    void passwordsAreLookedUpAtAReplicaWhileThePrimaryIsAway() throws Exception {
        servers.primary().createRole("reader", "reader");
        try (Connection connection = connect("reader")) {
            await().atMost(LONG)
                    .until(() ->
                            number(connection, "SELECT inet_server()") != servers.primary().port());
        }
        servers.primary().stopImmediate();
        // Who has been greeted before is so again without a server connection.
        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> {
                    connect("reader").close();
                    return true;
                });
    }

    @Test
    void whoListensHearsThatThePrimaryIsAnother() throws Exception {
        try (Connection connection = connect("app");
                Statement statement = connection.createStatement()) {
            statement.execute("LISTEN news");
            promote();
            org.postgresql.PGConnection listener =
                    connection.unwrap(org.postgresql.PGConnection.class);
            await().atMost(LONG)
                    .untilAsserted(() -> {
                        String state = "";
                        try {
                            listener.getNotifications(1000);
                        } catch (java.sql.SQLException e) {
                            state = String.valueOf(e.getSQLState());
                        }
                        assertThat(state).startsWith("08");
                    });
        }
        try (Connection again = connect("app");
                Statement statement = again.createStatement();
                Connection other = connect("app");
                Statement notify = other.createStatement()) {
            statement.execute("LISTEN news");
            notify.execute("NOTIFY news");
            await().atMost(LONG)
                    .until(() ->
                            again.unwrap(org.postgresql.PGConnection.class)
                                            .getNotifications(1000)
                                            .length
                                    == 1);
        }
    }
}

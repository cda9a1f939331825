package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ConfigSource;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Nodes come and go while sessions are there. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DiscoveryIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Which server this is, by a function that may run on a replica. */
    private static final String WHERE = "SELECT inet_server()";

    /** Who is there on behalf of Weir. */
    private static final String OF_APP =
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'";

    private static Replicated servers;
    private static LocalPostgres primary;
    private static LocalPostgres one;
    private static LocalPostgres two;

    @TempDir private Path folder;
    private Weir weir;

    @BeforeAll
    static void startServers() {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE notes (n int);
                        GRANT ALL ON notes TO app;
                        """);
        primary = servers.primary();
        one = servers.one();
        two = servers.two();
    }

    @AfterAll
    static void stopServers() {
        servers.close();
    }

    @AfterEach
    void stop() {
        weir.close();
    }

    private Path file() {
        return folder.resolve("weir.yaml");
    }

    /** As whom Weir asks the servers. */
    private String routerUser = "app";

    /** Writes a configuration; the database has {@code keys} besides the usual. */
    private void write(String keys) throws Exception {
        Files.writeString(
                file(),
                """
                listen-port: 0
                http-port: 0
                auth-type: trust
                event-loops: 2
                admin-users: app
                users:
                  app: { password: app }
                  plain: { password: plain }
                databases:
                  postgres:
                    host: 127.0.0.1
                    port: %d
                    router-user: %s
                    replica-wait: 10s
                    %s
                """
                        .formatted(primary.port(), routerUser, keys));
    }

    private void start(String keys) throws Exception {
        write(keys);
        weir = Weir.start(ConfigSource.file(file()));
    }

    private void reload(String keys) throws Exception {
        write(keys);
        try (Connection console = Replicated.console(weir);
                Statement order = console.createStatement()) {
            order.execute("RELOAD");
        }
    }

    /** Lets a replica tell its primary where it is, in the place of a name. */
    private static void nameByAddress(LocalPostgres replica) throws SQLException {
        try (Connection there = replica.connect("postgres");
                Statement statement = there.createStatement()) {
            String upstream;
            try (ResultSet row = statement.executeQuery("SHOW primary_conninfo")) {
                row.next();
                upstream = row.getString(1);
            }
            statement.execute(
                    "ALTER SYSTEM SET primary_conninfo = '%s application_name=127.0.0.1:%d'"
                            .formatted(upstream.replace("'", "''"), replica.port()));
            statement.execute("SELECT pg_reload_conf()");
        }
    }

    /** Whether reads of new sessions reach a server. */
    private boolean isReached(LocalPostgres server) throws SQLException {
        try (Connection session = Replicated.connect(weir)) {
            return number(session, WHERE) == server.port();
        }
    }

    /** A column of SHOW PLACES, by the port of the node. */
    private Map<Integer, String> places(String column) throws SQLException {
        try (Connection console = Replicated.console(weir);
                Statement statement = console.createStatement();
                ResultSet rows = statement.executeQuery("SHOW PLACES")) {
            Map<Integer, String> values = new TreeMap<>();
            while (rows.next()) {
                String place = rows.getString("place");
                int port = Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
                assertThat(values.put(port, String.valueOf(rows.getString(column)))).isNull();
            }
            return values;
        }
    }

    /** Reads until that server answers, once at least; each read is answered by somebody. */
    private static void awaitReadOn(Connection session, LocalPostgres server) throws SQLException {
        try (PreparedStatement where = session.prepareStatement(WHERE)) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> {
                        try (ResultSet row = where.executeQuery()) {
                            return row.next() && row.getInt(1) == server.port();
                        }
                    });
        }
    }

    private static void write(Connection session) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.executeUpdate("INSERT INTO notes VALUES (1)");
        }
    }

    @Test
    @Order(1)
    void aReloadWithAnotherListCountsForSessionsThatAreThereAlready() throws Exception {
        start("replicas: 127.0.0.1:" + one.port());
        try (Connection session = Replicated.connect(weir);
                Connection busy = Replicated.connect(weir)) {
            awaitReadOn(session, one);
            awaitReadOn(busy, one);
            busy.setAutoCommit(false);
            busy.setReadOnly(true);
            assertThat(number(busy, WHERE)).isEqualTo(one.port());

            reload("replicas: 127.0.0.1:" + two.port());

            assertThat(number(busy, WHERE)).as("a transaction ends first").isEqualTo(one.port());
            busy.commit();
            busy.setAutoCommit(true);
            awaitReadOn(busy, two);
            awaitReadOn(session, two);
            write(session);
            assertThat(number(session, WHERE)).isEqualTo(two.port());
            assertThat(places("state")).containsOnlyKeys(primary.port(), two.port());
            try (Connection there = one.connect("postgres")) {
                await().atMost(PATIENCE).until(() -> number(there, OF_APP) == 0);
            }

            reload(
                    "replicas: 127.0.0.1:%d weight=10, 127.0.0.1:%d"
                            .formatted(one.port(), two.port()));

            // Who is well where it is stays there.
            await().atMost(PATIENCE).until(() -> isReached(one));
            assertThat(places("weight")).containsEntry(one.port(), "10");
        }
    }

    @Test
    @Order(2)
    void eachAddressOfANameIsAReplica() throws Exception {
        start(
                """
                replicas-from-dns: localhost:%d weight=20, localhost:%d
                    discovery-interval: 200ms
                """
                        .formatted(one.port(), two.port()));
        try (Connection session = Replicated.connect(weir)) {
            await().atMost(PATIENCE).until(() -> isReached(one));
            await().atMost(PATIENCE).until(() -> isReached(two));
            assertThat(places("origin"))
                    .containsEntry(one.port(), "dns")
                    .containsEntry(two.port(), "dns");
            assertThat(places("weight")).containsEntry(one.port(), "20");

            reload("replicas: 127.0.0.1:" + two.port());

            awaitReadOn(session, two);
            assertThat(places("origin"))
                    .containsOnlyKeys(primary.port(), two.port())
                    .containsEntry(two.port(), "listed");
        }
    }

    @Test
    @Order(3)
    void whoMayNotSeeWhoStreamsIsTold() throws Exception {
        primary.createRole("plain", "plain");
        routerUser = "plain";
        start("replicas-from-primary: client_addr");

        await().atMost(PATIENCE)
                .until(() ->
                        places("failure")
                                .get(primary.port())
                                .endsWith(
                                        "may not see who streams from 127.0.0.1:%d: GRANT pg_monitor"
                                                .formatted(primary.port())));
        assertThat(places("state")).containsOnlyKeys(primary.port());
    }

    @Test
    @Order(4)
    void whoeverStreamsFromThePrimaryIsFoundAndGoesAndComesBack() throws Exception {
        nameByAddress(one);
        nameByAddress(two);
        start(
                """
                replicas-from-primary: application_name
                    discovery-interval: 200ms
                """);
        try (Connection session = Replicated.connect(weir)) {
            awaitReadOn(session, number(session, WHERE) == one.port() ? one : two);
            await().atMost(PATIENCE).until(() -> isReached(one));
            await().atMost(PATIENCE).until(() -> isReached(two));
            assertThat(places("origin"))
                    .containsEntry(primary.port(), "listed")
                    .containsEntry(one.port(), "pg_stat_replication")
                    .containsEntry(two.port(), "pg_stat_replication");

            two.stop();
            await().atMost(PATIENCE)
                    .until(() -> {
                        write(session);
                        assertThat(number(session, WHERE)).isIn(primary.port(), one.port());
                        return !places("state").containsKey(two.port());
                    });

            two.start();
            one.replication().pauseReplay();
            write(session);
            awaitReadOn(session, two);
            one.replication().resumeReplay();

            one.replication().awaitReplayOf(primary);
            primary.kill9();
            one.replication().promote();
            assertThat(number(session, "SELECT count(*) FROM notes")).isPositive();
            write(session);
            assertThat(places("role")).containsEntry(one.port(), "primary");
            two.replication().follow(one);
            nameByAddress(two);
            awaitReadOn(session, two);
            primary.start();
            await().atMost(PATIENCE)
                    .until(() -> "fenced".equals(places("state").get(primary.port())));
            write(session);
        }
    }
}

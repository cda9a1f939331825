package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ConfigSource;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How far replicas are behind, and what becomes of the reads of those that are far. */
class LagIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String WHERE = "SELECT inet_server()";

    private static Replicated servers;

    private final MetricsClient metrics = new MetricsClient();

    @TempDir private Path folder;

    LagIT() throws Exception {}

    @BeforeAll
    static void start() {
        servers = Replicated.start("CREATE TABLE notes (n int);");
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @AfterEach
    void resume() {
        servers.one().replication().resumeReplay();
        servers.two().replication().resumeReplay();
    }

    /**
     * One with such limits.
     *
     * @param limits lines of the configuration of the database
     */
    private Weir weir(String limits) throws Exception {
        Path file = folder.resolve("weir.yaml");
        Files.writeString(
                file,
                """
                listen-port: 0
                http-port: %d
                auth-type: trust
                admin-users: app
                databases:
                  postgres:
                    host: 127.0.0.1
                    port: %d
                    replicas: 127.0.0.1:%d, 127.0.0.1:%d
                    router-user: app
                    replica-wait: 10s
                %s
                """
                        .formatted(
                                metrics.port(),
                                servers.primary().port(),
                                servers.one().port(),
                                servers.two().port(),
                                limits.indent(4)));
        Weir weir = Weir.start(ConfigSource.file(file));
        servers.settle(weir);
        return weir;
    }

    private static Map<String, String> place(ConsoleClient console, LocalPostgres server)
            throws SQLException {
        return console.row("PLACES", "place", "127.0.0.1:" + server.port());
    }

    private double metric(String name, LocalPostgres server) throws Exception {
        return metrics.value(
                "%s{database=\"postgres\",place=\"127.0.0.1:%d\"}".formatted(name, server.port()));
    }

    private static void write() {
        servers.primary().execute("INSERT INTO notes SELECT generate_series(1, 100)");
    }

    @Test
    void lagIsTheTimeSinceWhatIsMissingWasWritten() throws Exception {
        try (Weir weir = weir("");
                ConsoleClient console = ConsoleClient.open(weir.port(), "app", "simple")) {
            write();
            // Nothing is missing, however long ago the last commit was.
            await().pollDelay(Duration.ofMillis(1200))
                    .atMost(PATIENCE)
                    .until(() -> place(console, servers.one()).get("lag_ms").equals("0"));
            assertThat(metric("weir_place_lag_seconds", servers.one())).isZero();
            long before = System.nanoTime();
            servers.one().replication().pauseReplay();
            await().atMost(PATIENCE)
                    .until(() -> {
                        write();
                        long lag = Long.parseLong(place(console, servers.one()).get("lag_ms"));
                        long most = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
                        assertThat(lag).isLessThanOrEqualTo(most);
                        return lag > 1000;
                    });
            assertThat(metric("weir_place_lag_seconds", servers.one())).isGreaterThan(1);
            assertThat(metric("weir_place_lag_bytes", servers.one())).isPositive();
            servers.one().replication().resumeReplay();
            await().atMost(PATIENCE)
                    .until(() ->
                            place(console, servers.one()).get("lag_ms").equals("0")
                                    && place(console, servers.two()).get("lag_ms").equals("0"));
        }
    }

    @Test
    void whoCouldStayOnAReplicaLeavesItForOneThatIsWithinTheLimit() throws Exception {
        try (Weir weir = weir("replica-lag-prefer: 100ms, 1GB");
                Connection connection = Replicated.connect(weir)) {
            int there =
                    await().atMost(PATIENCE)
                            .until(
                                    () -> Replicated.number(connection, WHERE),
                                    port -> port != servers.primary().port());
            boolean first = there == servers.one().port();
            LocalPostgres other = first ? servers.two() : servers.one();
            (first ? servers.one() : servers.two()).replication().pauseReplay();
            write();
            await().atMost(PATIENCE)
                    .until(() -> Replicated.number(connection, WHERE) == other.port());
            // Where none is within it, they answer all the same.
            other.replication().pauseReplay();
            write();
            assertThat(Replicated.number(connection, WHERE)).isNotEqualTo(servers.primary().port());
        }
    }

    @Test
    void aReplicaPastTheLastLimitIsNotRead() throws Exception {
        try (Weir weir = weir("replica-lag-never: 8kB");
                ConsoleClient console = ConsoleClient.open(weir.port(), "app", "simple");
                Connection connection = Replicated.connect(weir)) {
            await().atMost(PATIENCE)
                    .until(() -> Replicated.number(connection, WHERE) != servers.primary().port());
            servers.one().replication().pauseReplay();
            servers.two().replication().pauseReplay();
            write();
            write();
            await().atMost(PATIENCE)
                    .until(() -> Replicated.number(connection, WHERE) == servers.primary().port());
            assertThat(place(console, servers.one()).get("state")).isEqualTo("behind");
            servers.one().replication().resumeReplay();
            await().atMost(PATIENCE)
                    .until(() -> Replicated.number(connection, WHERE) == servers.one().port());
        }
    }
}

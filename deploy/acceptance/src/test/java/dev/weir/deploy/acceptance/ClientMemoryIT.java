package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ConfigSource;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Clients that together make Weir keep more than it may. */
class ClientMemoryIT {
    private static final int CROWD = 60;
    private static final String LIMIT = "max-client-memory: 1MiB";

    private static LocalPostgres postgres;

    @TempDir private Path folder;

    private final MetricsClient metrics = new MetricsClient();
    private final List<WireClient> crowd = new ArrayList<>();

    ClientMemoryIT() throws IOException {}

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        for (String role : List.of("app", "other")) {
            postgres.createRole(role, role);
        }
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @AfterEach
    void disperse() throws IOException {
        for (WireClient client : crowd) {
            client.close();
        }
    }

    private ConfigSource config(String more) throws IOException {
        return OpenConfig.write(folder, postgres, metrics.port(), "default-pool-size: 1\n" + more);
    }

    private static WireClient login(Weir weir, String user) throws IOException {
        return WireClient.login(weir.port(), user, "postgres");
    }

    private static boolean refused(Weir weir) throws IOException {
        try (WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
            return client.readUntil('Z').stream()
                    .anyMatch(it -> it.type() == 'E' && "53200".equals(it.sqlState()));
        }
    }

    /** The pool's only server connection is taken, and a crowd has sent long statements. */
    private void press(Weir weir) throws IOException {
        for (int i = 0; i < CROWD; i++) {
            crowd.add(login(weir, "app"));
        }
        crowd.getFirst().one("BEGIN; SELECT 1");
        String filler = "x".repeat(40_000);
        for (WireClient client : crowd.subList(1, CROWD)) {
            client.query("SELECT length('" + filler + "')");
        }
    }

    private void relieve() throws IOException {
        crowd.getFirst().query("COMMIT");
        crowd.getFirst().readUntil('Z');
        for (WireClient client : crowd.subList(1, CROWD)) {
            assertThat(client.readAnswer()).contains("DataRow(40000)");
            assertThat(client.one("SELECT 2")).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "epoll", "nio"})
    void beyondTheLimitNewClientsAreRefusedAndAllOthersAreServed(String transport)
            throws Exception {
        try (Weir weir = Weir.start(config(LIMIT + "\ntransport: " + transport));
                WireClient other = login(weir, "other")) {
            assertThat(weir.awaitHttp()).isTrue();
            press(weir);
            await().until(() -> refused(weir));
            assertThat(metrics.value("weir_client_memory_bytes"))
                    .isGreaterThan(metrics.value("weir_client_memory_limit_bytes"))
                    // None of them is read on.
                    .isLessThan(CROWD * 128.0 * 1024);
            assertThat(metrics.value("weir_logins_refused_total{sqlstate=\"53200\"}")).isPositive();

            // Operators, and whoever is there and has a server connection, notice nothing.
            ConsoleClient.open(weir.port(), "boss").close();
            for (int i = 0; i < 50; i++) {
                assertThat(other.one("SELECT repeat('x', 100000)")).contains("100000 bytes");
            }

            relieve();
            await().until(() -> !refused(weir));
            assertThat(other.one("SELECT 3")).isEqualTo("3");
        }
    }

    @Test
    void withoutALimitNobodyIsRefused() throws Exception {
        try (Weir weir = Weir.start(config(""))) {
            press(weir);
            assertThat(refused(weir)).isFalse();
            relieve();
        }
    }

    @Test
    void aReloadChangesTheLimit() throws Exception {
        try (Weir weir = Weir.start(config(""));
                ConsoleClient console = ConsoleClient.open(weir.port(), "boss")) {
            press(weir);
            config(LIMIT);
            console.order("RELOAD");
            await().until(() -> refused(weir));
            config("max-client-memory: 1GiB");
            console.order("RELOAD");
            await().until(() -> !refused(weir));
            config(LIMIT);
            console.order("RELOAD");
            await().until(() -> refused(weir));
            config("");
            console.order("RELOAD");
            assertThat(refused(weir)).isFalse();
            relieve();
        }
    }

    @Test
    void aClientThatReadsLateGetsAllOfItsAnswerWhileMemoryIsScarce() throws Exception {
        try (Weir weir = Weir.start(config(LIMIT));
                WireClient other = login(weir, "other")) {
            press(weir);
            await().until(() -> refused(weir));
            other.query("SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
            // It reads only now that the crowd has been served.
            relieve();
            assertThat(other.readUntil('Z').stream().filter(it -> it.type() == 'D'))
                    .hasSize(20_000);
            assertThat(other.one("SELECT 3")).isEqualTo("3");
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.config.ConfigSource;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.LocalLink;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
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

/** More clients connect at once than may be accepted in a second. */
class AcceptRateIT {
    private static LocalPostgres postgres;

    @TempDir private Path folder;

    private final MetricsClient metrics = new MetricsClient();
    private final List<WireClient> crowd = new ArrayList<>();

    AcceptRateIT() throws IOException {}

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private ConfigSource config(String more) throws IOException {
        return OpenConfig.write(folder, postgres, metrics.port(), more);
    }

    /** They connect and ask for a session, and do not wait for it. */
    private void rush(int port, int count) throws IOException {
        List<WireClient> they = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            they.add(WireClient.connect(port));
        }
        crowd.addAll(they);
        for (WireClient client : they) {
            client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
        }
    }

    private void allAreServed() throws IOException {
        for (WireClient client : crowd) {
            client.readGreeting();
            assertThat(client.one("SELECT 1")).isEqualTo("1");
            client.terminate();
            client.close();
        }
        crowd.clear();
    }

    private double rests() throws Exception {
        return metrics.value("weir_accept_rests_total");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "epoll", "nio"})
    void whoComesBeyondTheRateWaitsInTheBacklogAndIsServedAtLast(String transport)
            throws Exception {
        try (Weir weir = Weir.start(config("max-accept-rate: 4\ntransport: " + transport));
                WireClient early = WireClient.login(weir.port(), "app", "postgres")) {
            assertThat(weir.awaitHttp()).isTrue();
            rush(weir.port(), 10);

            // Who is there already notices nothing.
            for (int i = 0; i < 100; i++) {
                assertThat(early.one("SELECT 1")).isEqualTo("1");
            }
            allAreServed();

            assertThat(rests()).isPositive();
            assertThat(metrics.value("weir_accept_rested_seconds_total")).isPositive();
        }
    }

    @Test
    void bothListenersShareTheRate() throws Exception {
        try (Weir weir =
                        Weir.start(
                                config(
                                        "max-accept-rate: 4\nunix-socket-dir: %s"
                                                .formatted(folder)));
                LocalLink link = new LocalLink(folder.resolve(".s.PGSQL." + weir.port()))) {
            assertThat(weir.awaitHttp()).isTrue();
            rush(weir.port(), 4);
            rush(link.port(), 4);
            allAreServed();
            assertThat(rests()).isPositive();
        }
    }

    @Test
    void aReloadLetsThoseInWhoWait() throws Exception {
        try (Weir weir = Weir.start(config("max-accept-rate: 1"));
                ConsoleClient console = ConsoleClient.open(weir.port(), "boss")) {
            assertThat(weir.awaitHttp()).isTrue();
            rush(weir.port(), 100);
            config("max-accept-rate: 0");
            console.order("RELOAD");
            allAreServed();
            assertThat(rests()).isPositive();
        }
    }

    @Test
    void anEndWhileClientsWaitToBeAcceptedComesAtOnce() throws Exception {
        Weir weir = Weir.start(config("max-accept-rate: 1"));
        try (weir) {
            rush(weir.port(), 20);
        }
        weir.awaitClosed();
        for (WireClient client : crowd) {
            client.close();
        }
    }
}

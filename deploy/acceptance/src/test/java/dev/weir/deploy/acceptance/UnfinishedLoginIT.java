package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/** Who leaves amid a login, who takes too long for it, and who finds no room. */
class UnfinishedLoginIT {
    private static final Map<String, String> APP = Map.of("user", "app", "database", "postgres");

    private static LocalPostgres postgres;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @Test
    void aClientMayVanishAtAnyByteOfItsLogin() throws IOException {
        byte[] login = Frontend.together(Frontend.startup(APP), Frontend.query("SELECT 1"));
        try (Weir weir = Proxy.inFrontOf(postgres.port()).start();
                Bystander bystander = new Bystander(weir, "app", "postgres")) {
            for (int sent = 0; sent <= login.length; sent++) {
                try (WireClient client = WireClient.connect(weir.port())) {
                    client.send(Arrays.copyOf(login, sent));
                }
            }
            await().untilAsserted(() -> assertThat(weir.clients()).isEqualTo(1));
            bystander.assertServed();
        }
    }

    @Test
    void aLoginThatIsNotFinishedInTimeIsEnded() throws IOException {
        try (Weir strict =
                        Proxy.inFrontOf(postgres.port())
                                .loginTimeout(Duration.ofMillis(300))
                                .start();
                WireClient silent = WireClient.connect(strict.port());
                WireClient slow = WireClient.connect(strict.port());
                WireClient done = WireClient.login(strict.port(), "app", "postgres")) {
            slow.send(Arrays.copyOf(Frontend.startup(APP), 10));
            assertThat(silent.expectFatal("08P01").field('M')).contains("client-login-timeout");
            slow.expectFatal("08P01");
            assertThat(done.one("SELECT 'still here'")).isEqualTo("still here");
        }
    }

    @Test
    void oneClientTooManyIsRefusedAndComesInWhenAnotherLeaves() throws IOException {
        try (Weir small = Proxy.inFrontOf(postgres.port()).maxClients(2).start();
                WireClient one = WireClient.login(small.port(), "app", "postgres");
                WireClient two = WireClient.login(small.port(), "app", "postgres")) {
            try (WireClient three = WireClient.connect(small.port())) {
                three.send(Frontend.startup(APP));
                assertThat(three.expectFatal("53300").field('M')).contains("max-client-conn");
            }
            // Whoever has not said what it wants does not count.
            try (WireClient silent = WireClient.connect(small.port())) {
                assertThat(one.one("SELECT 1")).isEqualTo("1");
                two.terminate();
                await().untilAsserted(() -> assertThat(small.clients()).isEqualTo(1));
                silent.send(Frontend.startup(APP));
                silent.readGreeting();
                assertThat(silent.one("SELECT 3")).isEqualTo("3");
            }
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.PeeringConfig;
import dev.weir.config.PeeringConfig.Peer;
import dev.weir.config.UnixSocketConfig;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

/** Cancel requests that come to another process than their session. */
class PeeringIT {
    @TempDir private static Path folder;

    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Proxy proxy(int id, Map<Integer, Peer> peers) {
        return Proxy.inFrontOf(postgres.port()).peering(new PeeringConfig(id, peers));
    }

    private static Peer at(int port) {
        return new Peer("127.0.0.1", port);
    }

    private static WireClient login(Weir weir, int protocol) throws IOException {
        WireClient client = WireClient.connect(weir.port());
        client.send(Frontend.startup(protocol, Map.of("user", "app", "database", "postgres")));
        client.readGreeting();
        return client;
    }

    private static void sleep(WireClient client) throws Exception {
        client.query("SELECT pg_sleep(60)");
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement()) {
            await().pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        try (ResultSet rows =
                                statement.executeQuery(
                                        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'")) {
                            return rows.next();
                        }
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3 << 16, (3 << 16) | 2})
    void aRequestFindsItsSessionWhicheverProcessItComesTo(int protocol) throws Exception {
        int one = freePort();
        int two = freePort();
        int three = freePort();
        Map<Integer, Peer> all = Map.of(1, at(one), 2, at(two), 16_383, at(three));
        try (Weir first = proxy(1, all).port(one).start();
                Weir second = proxy(2, all).port(two).start();
                Weir third = proxy(16_383, all).port(three).start();
                WireClient client = login(first, protocol);
                WireClient other = login(third, protocol)) {
            for (Weir at : new Weir[] {first, second, third}) {
                sleep(client);
                WireClient.cancel(at.port(), client.key());
                assertThat(String.valueOf(client.readAnswer())).contains("ERROR 57014");
            }
            sleep(other);
            WireClient.cancel(first.port(), other.key());
            assertThat(String.valueOf(other.readAnswer())).contains("ERROR 57014");
        }
    }

    @Test
    void aPeerMayBeAtAUnixDomainSocket() throws Exception {
        int one = freePort();
        Map<Integer, Peer> peers = Map.of(1, new Peer(folder.toString(), one));
        try (Weir first =
                        proxy(1, peers)
                                .port(one)
                                .unixSocket(new UnixSocketConfig(folder, 0700))
                                .start();
                Weir second = proxy(2, peers).start();
                WireClient client = login(first, 3 << 16)) {
            sleep(client);
            WireClient.cancel(second.port(), client.key());
            assertThat(String.valueOf(client.readAnswer())).contains("ERROR 57014");
        }
    }

    @Test
    void aRequestThatEachTakesForTheOthersGoesRoundOnlyAFewTimes() throws Exception {
        int one = freePort();
        int two = freePort();
        // A process that is gone: both believe that the other is it.
        try (Weir first = proxy(1, Map.of(7, at(two))).port(one).start();
                Weir second = proxy(2, Map.of(7, at(one))).port(two).start();
                WireClient client = login(first, 3 << 16)) {
            byte[] key = client.key();
            int number = (7 << 17) | 3;
            ByteBuffer.wrap(key).putInt(number);
            WireClient.cancel(second.port(), key);
            assertThat(client.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aRequestForAPeerThatIsGoneOrUnknownIsSettledAtOnce() throws Exception {
        try (Weir weir = proxy(1, Map.of(2, at(freePort()))).start();
                WireClient client = login(weir, 3 << 16)) {
            for (int peer : new int[] {0, 1, 2, 3, 16_383}) {
                byte[] key = client.key();
                ByteBuffer.wrap(key).putInt((peer << 17) | 3);
                WireClient.cancel(weir.port(), key);
            }
            assertThat(client.one("SELECT 1")).isEqualTo("1");
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.acceptance.wire.WireClient.Pace;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What a client may send first, and what becomes of one that sends something else. */
class FirstPacketIT {
    private static final Map<String, String> APP = Map.of("user", "app", "database", "postgres");

    private static LocalPostgres postgres;

    private Weir weir;
    private Bystander bystander;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void startWeir() throws IOException {
        weir = Proxy.inFrontOf(postgres.port()).start();
        bystander = new Bystander(weir, "app", "postgres");
    }

    @AfterEach
    void othersWereServed() throws IOException {
        bystander.assertServed();
        bystander.close();
        weir.close();
    }

    private WireClient connect() throws IOException {
        return WireClient.connect(weir.port());
    }

    private void assertLogsIn(WireClient client) throws IOException {
        client.send(Frontend.startup(APP));
        assertThat(client.readGreeting()).contains("ReadyForQuery(I)");
        assertThat(client.one("SELECT current_user")).isEqualTo("app");
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    // ---- what is allowed ----

    @Test
    void aStartupPacketMayComeInSingleBytes() throws IOException {
        try (WireClient client = connect()) {
            assertLogsIn(client.pace(Pace.BYTES));
        }
    }

    @Test
    void aQueryMayFollowTheStartupPacketWithoutWaiting() throws IOException {
        try (WireClient client = connect()) {
            client.send(Frontend.startup(APP), Frontend.query("SELECT 'early'"));
            client.readGreeting();
            assertThat(client.readAnswer()).contains("DataRow(early)", "ReadyForQuery(I)");
        }
    }

    @Test
    void encryptionIsDeclinedInEitherOrderAndTheLoginGoesOn() throws IOException {
        for (List<byte[]> requests :
                List.of(
                        List.of(Frontend.sslRequest()),
                        List.of(Frontend.gssEncRequest()),
                        List.of(Frontend.sslRequest(), Frontend.gssEncRequest()),
                        List.of(Frontend.gssEncRequest(), Frontend.sslRequest()))) {
            try (WireClient client = connect().pace(Pace.BYTES)) {
                for (byte[] request : requests) {
                    client.send(request);
                    assertThat(client.nextByte()).isEqualTo('N');
                }
                assertLogsIn(client);
            }
        }
    }

    /**
     * A version, and what comes of it: the one that is negotiated, or 0 if none is, and the key.
     */
    @ParameterizedTest
    @CsvSource({"0, -1, 4", "1, -1, 4", "2, -1, 32", "3, 2, 32", "9999, 2, 32"})
    void aProtocolIsSpokenOrNegotiatedDownAndTheCancelKeyIsItsOwn(
            int minor, int negotiated, int secret) throws IOException {
        try (WireClient client = connect()) {
            client.send(Frontend.startup((3 << 16) | minor, APP));
            List<Backend> greeting = client.readUntil('Z');
            List<Backend> negotiations = greeting.stream().filter(m -> m.type() == 'v').toList();
            assertThat(negotiations).hasSize(negotiated < 0 ? 0 : 1);
            if (negotiated >= 0) {
                assertThat(greeting.getFirst()).isSameAs(negotiations.getFirst());
                assertNegotiation(negotiations.getFirst(), negotiated);
            }
            byte[] key =
                    greeting.stream()
                            .filter(m -> m.type() == 'K')
                            .map(Backend::body)
                            .findFirst()
                            .orElseThrow();
            assertThat(key).as("process number and secret").hasSize(4 + secret);
            client.query("SELECT pg_sleep(60)");
            await().pollInterval(Duration.ofMillis(10)).until(FirstPacketIT::somebodySleeps);
            WireClient.cancel(weir.port(), key);
            assertThat(String.valueOf(client.readAnswer())).contains("ERROR 57014");
        }
    }

    private static boolean somebodySleeps() throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'")) {
            return rows.next();
        }
    }

    @Test
    void extensionsThatAreUnknownAreNamedOnceWhateverTheVersion() throws IOException {
        for (int minor : new int[] {0, 2, 9999}) {
            try (WireClient client = connect()) {
                client.send(
                        Frontend.startup(
                                (3 << 16) | minor,
                                Map.of("user", "app", "database", "postgres", "_pq_.nosuch", "1")));
                assertNegotiation(client.next(), Math.min(minor, 2), "_pq_.nosuch");
                assertThat(client.readUntil('Z')).noneMatch(m -> m.type() == 'v');
            }
        }
    }

    private static void assertNegotiation(Backend message, int minor, String... unknown) {
        assertThat(message.type()).isEqualTo('v');
        ByteBuffer body = ByteBuffer.wrap(message.body());
        assertThat(body.getInt()).as("version").isEqualTo((3 << 16) | minor);
        assertThat(body.getInt()).as("unknown options").isEqualTo(unknown.length);
        for (String option : unknown) {
            assertThat(new String(message.body(), US_ASCII)).contains(option);
        }
    }

    @Test
    void theDatabaseIsTheUsersOwnIfNoneIsNamed() throws IOException {
        try (WireClient client = connect()) {
            client.send(Frontend.startup(Map.of("user", "app")));
            client.expectFatal("3D000");
        }
        postgres.execute("CREATE DATABASE app");
        await().untilAsserted(() -> {
            try (WireClient client = connect()) {
                client.send(Frontend.startup(Map.of("user", "app", "database", "")));
                assertThat(client.next()).hasToString("Authentication(0)");
            }
        });
    }

    // ---- what is refused ----

    @Test
    void bytesBehindARequestForEncryptionAreRefused() throws IOException {
        for (byte[] request : List.of(Frontend.sslRequest(), Frontend.gssEncRequest())) {
            try (WireClient client = connect()) {
                client.send(request, Frontend.startup(APP));
                client.expectFatal("08P01");
            }
        }
    }

    @Test
    void aSecondRequestForTheSameEncryptionIsRefused() throws IOException {
        try (WireClient client = connect()) {
            client.send(Frontend.sslRequest());
            assertThat(client.nextByte()).isEqualTo('N');
            client.send(Frontend.sslRequest());
            client.expectFatal("08P01");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 3, 4, 7, 10_001, 1 << 20, Integer.MAX_VALUE})
    void aLengthThatNoStartupPacketHasIsRefused(int length) throws IOException {
        try (WireClient client = connect()) {
            client.send(ByteBuffer.allocate(8).putInt(length).putInt(3 << 16).array());
            client.expectFatal("08P01");
        }
    }

    @Test
    void aStartupPacketWithoutItsTerminatorIsRefused() throws IOException {
        byte[] whole = Frontend.startup(APP);
        for (int missing = 1; missing < whole.length - 8; missing++) {
            byte[] packet = java.util.Arrays.copyOf(whole, whole.length - missing);
            ByteBuffer.wrap(packet).putInt(packet.length);
            try (WireClient client = connect()) {
                client.send(packet);
                client.expectFatal("08P01");
            }
        }
    }

    @Test
    void somethingBehindTheTerminatorIsRefused() throws IOException {
        byte[] whole = Frontend.startup(APP);
        byte[] packet = java.util.Arrays.copyOf(whole, whole.length + 3);
        ByteBuffer.wrap(packet).putInt(packet.length);
        try (WireClient client = connect()) {
            client.send(packet);
            client.expectFatal("08P01");
        }
    }

    @Test
    void aUserMustBeNamed() throws IOException {
        for (Map<String, String> nobody :
                List.of(
                        Map.<String, String>of(),
                        Map.of("database", "postgres"),
                        Map.of("user", "", "database", "postgres"))) {
            try (WireClient client = connect()) {
                client.send(Frontend.startup(nobody));
                client.expectFatal("28000");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1 << 16, 2 << 16, 4 << 16, (1234 << 16) | 5681})
    void anotherProtocolIsRefused(int version) throws IOException {
        try (WireClient client = connect()) {
            client.send(Frontend.startup(version, APP));
            client.expectFatal("0A000");
        }
    }

    @Test
    void replicationIsRefusedWithAdvice() throws IOException {
        try (WireClient client = connect()) {
            client.send(
                    Frontend.startup(
                            Map.of(
                                    "user",
                                    "app",
                                    "database",
                                    "postgres",
                                    "replication",
                                    "database")));
            assertThat(client.expectFatal("0A000").field('M')).contains("directly");
        }
    }

    @Test
    void aSettingThatPostgresRefusesIsRefusedAtTheLogin() throws IOException {
        for (Map.Entry<String, String> refusal :
                Map.of("-c nosuch=1", "42704", "-c TimeZone=Nowhere/At_all", "22023").entrySet()) {
            try (WireClient client = connect()) {
                client.send(
                        Frontend.startup(
                                Map.of(
                                        "user",
                                        "app",
                                        "database",
                                        "postgres",
                                        "options",
                                        refusal.getKey())));
                client.expectFatal(refusal.getValue());
            }
        }
    }

    @Test
    void anUnknownDatabaseIsRefusedByName() throws IOException {
        for (String database : List.of("nosuch", "no\"such", "mit-Ümläuten")) {
            try (WireClient client = connect()) {
                client.send(Frontend.startup(Map.of("user", "app", "database", database)));
                assertThat(client.expectFatal("3D000").field('M')).contains(database);
            }
        }
    }

    @Test
    void anUnknownUserIsRefusedByName() throws IOException {
        try (WireClient client = connect()) {
            client.send(Frontend.startup(Map.of("user", "nobody", "database", "postgres")));
            assertThat(client.expectFatal("28000").field('M')).contains("nobody");
        }
    }

    @Test
    void otherProtocolsAreRefused() throws IOException {
        for (byte[] hello :
                List.of(
                        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII),
                        "SSH-2.0-OpenSSH_9.2\r\n".getBytes(US_ASCII),
                        // The beginning of a TLS handshake without an SSLRequest.
                        bytes(0x16, 0x03, 0x01, 0x00, 0xa5, 0x01, 0x00, 0x00, 0xa1, 0x03, 0x03),
                        "*1\r\n$4\r\nPING\r\n".getBytes(US_ASCII))) {
            try (WireClient client = connect()) {
                client.send(hello);
                client.expectFatal("08P01");
            }
        }
    }

    @Test
    void randomBytesAreRefusedOrWaitedForAndNeverAnswered() throws IOException {
        long seed = System.nanoTime();
        System.out.println("randomBytesAreRefusedOrWaitedForAndNeverAnswered: seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[1 + random.nextInt(300)];
            random.nextBytes(noise);
            if (i % 3 == 0 && noise.length >= 8) {
                // A length and a version that look well.
                ByteBuffer.wrap(noise).putInt(noise.length).putInt(3 << 16);
            }
            try (WireClient client = connect()) {
                client.send(noise);
                client.shutdownOutput();
                Backend answer = client.next();
                if (!answer.isEnd()) {
                    assertThat(answer.field('S')).as("%s", answer).isEqualTo("FATAL");
                    assertThat(answer.sqlState())
                            .isIn("08P01", "0A000", "28000", "3D000", "22021", "42704");
                }
            }
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.acceptance.wire.WireClient.Pace;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Clients behind a proxy that tells where they are. */
class ProxyProtocolIT {
    private static final String PROXY = "127.0.0.1";
    private static final String STRANGER = "127.0.0.2";

    private static LocalPostgres postgres;
    private static Weir weir;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
        Files.writeString(
                folder.resolve("pg_hba.conf"),
                """
                host all all 203.0.113.0/24 trust
                host all all 2001:db8::/32  trust
                host all all 127.0.0.1/32   password
                """);
        Path file = folder.resolve("weir.yaml");
        Files.writeString(
                file,
                """
                listen-port: 0
                http-port: 0
                proxy-protocol-from: 192.0.2.0/24, %s
                tcp-keepidle: 30s
                tcp-keepintvl: 10s
                tcp-keepcnt: 3
                tcp-user-timeout: 1m
                auth-type: hba
                auth-hba-file: pg_hba.conf
                databases: { "*": { host: 127.0.0.1, port: %d } }
                """
                        .formatted(PROXY, postgres.port()));
        weir = Weir.start(ConfigFile.load(file));
    }

    @AfterAll
    static void stop() {
        weir.close();
        postgres.close();
    }

    private static WireClient connect(String from, byte[] header, Pace pace) throws IOException {
        WireClient client = WireClient.connect(from, weir.port()).pace(pace);
        client.send(header, Frontend.startup(Map.of("user", "app", "database", "postgres")));
        return client;
    }

    private static byte[] version1(String header) {
        return ("PROXY " + header + "\r\n").getBytes(US_ASCII);
    }

    /** Version 2 of the header (section 2.2 of its specification). */
    private static byte[] version2(int command, int family, byte[] addresses) {
        return ByteBuffer.allocate(16 + addresses.length)
                .put(
                        new byte[] {
                            0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
                        })
                .put((byte) (0x20 | command))
                .put((byte) family)
                .putShort((short) addresses.length)
                .put(addresses)
                .array();
    }

    private static void assertServed(byte[] header) throws IOException {
        for (Pace pace : Pace.values()) {
            try (WireClient client = connect(PROXY, header, pace)) {
                client.readGreeting();
                assertThat(client.one("SELECT current_user")).isEqualTo("app");
                client.terminate();
            }
        }
    }

    private static void assertAskedAs(String address, byte[] header) throws IOException {
        try (WireClient client = connect(PROXY, header, Pace.WHOLE)) {
            assertThat(client.expectFatal("28000").field('M')).contains("host \"" + address + "\"");
        }
    }

    @Test
    void theAddressInTheHeaderIsTheClients() throws Exception {
        assertServed(version1("TCP4 203.0.113.7 192.0.2.1 54321 5432"));
        assertServed(version1("TCP6 2001:db8::7 2001:db8::1 54321 5432"));
        byte[] four = {(byte) 203, 0, 113, 7, (byte) 192, 0, 2, 1, 0x12, 0x34, 0x15, 0x38};
        assertServed(version2(1, 0x11, four));
        assertAskedAs("198.51.100.9", version1("TCP4 198.51.100.9 192.0.2.1 54321 5432"));
    }

    @Test
    void aProxyThatSpeaksForItselfIsWhereItIs() throws Exception {
        for (byte[] header : new byte[][] {version1("UNKNOWN"), version2(0, 0, new byte[0])}) {
            try (WireClient client = connect(PROXY, header, Pace.WHOLE)) {
                assertThat(client.next()).hasToString("Authentication(3)");
            }
        }
    }

    @Test
    void aTrustedProxyWithoutAHeaderIsHungUpOn() throws Exception {
        for (byte[] none :
                new byte[][] {
                    new byte[0], version1("TCP4 nonsense"), version2(1, 0x11, new byte[2])
                }) {
            try (WireClient client = connect(PROXY, none, Pace.WHOLE)) {
                client.expectClosed();
            }
        }
    }

    @Test
    void nobodyElseMaySayWhereItIs() throws Exception {
        try (WireClient client =
                connect(STRANGER, version1("TCP4 203.0.113.7 192.0.2.1 54321 5432"), Pace.WHOLE)) {
            client.expectFatal("08P01");
        }
        try (WireClient client = connect(STRANGER, new byte[0], Pace.WHOLE)) {
            assertThat(client.expectFatal("28000").field('M')).contains("\"127.0.0.2\"");
        }
    }
}

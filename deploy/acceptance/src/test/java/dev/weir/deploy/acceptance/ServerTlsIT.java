package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.config.ServerTlsConfig;
import dev.weir.config.ServerTlsConfig.Negotiation;
import dev.weir.config.TlsFiles;
import dev.weir.config.TlsMode;
import dev.weir.config.TlsProtocol;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** TLS between Weir and PostgreSQL. */
class ServerTlsIT {
    private static final String ENCRYPTED =
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    @TempDir private static Path folder;

    private static LocalPostgres postgres;
    private static LocalPostgres plain;
    private static LocalAuthority authority;
    private static LocalAuthority stranger;

    @BeforeAll
    static void start() {
        authority = new LocalAuthority(folder, "authority");
        stranger = new LocalAuthority(folder, "stranger");
        postgres =
                LocalPostgres.builder()
                        .authMethod("trust")
                        .tls(authority.issue("server", "localhost"), authority.certificate())
                        .hba("hostssl all encrypted 127.0.0.1/32 trust")
                        .hba("host all encrypted 127.0.0.1/32 reject")
                        .hba("hostssl all certified 127.0.0.1/32 cert")
                        .start();
        plain = LocalPostgres.builder().authMethod("trust").start();
        for (String role : List.of("app", "encrypted", "certified")) {
            postgres.createRole(role, role);
        }
        plain.createRole("app", "app");
    }

    @AfterAll
    static void stop() {
        postgres.close();
        plain.close();
    }

    private static ServerTlsConfig tls(TlsMode mode) {
        return tls(mode, Negotiation.POSTGRES, mode.verifies() ? authority : null, null);
    }

    private static ServerTlsConfig tls(
            TlsMode mode,
            Negotiation negotiation,
            @Nullable LocalAuthority trusted,
            LocalAuthority.@Nullable Issued own) {
        return new ServerTlsConfig(
                mode,
                negotiation,
                new TlsFiles(
                        own == null ? null : own.keyFile(),
                        own == null ? null : own.certFile(),
                        trusted == null ? null : trusted.certificate(),
                        List.of(TlsProtocol.values()),
                        List.of()));
    }

    private static Weir weir(LocalPostgres server, ServerTlsConfig tls) throws IOException {
        return Proxy.inFrontOf(server.port()).host("localhost").serverTls(tls).start();
    }

    @Test
    void theConsoleShowsWhichConnectionsAreEncryptedAndHow() throws Exception {
        LocalAuthority.Issued own = authority.issue("weir", "localhost");
        try (Weir weir =
                        Weir.start(
                                ConfigFile.parse(
                                        """
                                        listen-port: 0
                                        http-port: 0
                                        auth-type: trust
                                        admin-users: boss
                                        client-tls-sslmode: allow
                                        client-tls-key-file: %s
                                        client-tls-cert-file: %s
                                        databases:
                                          secret: { host: localhost, port: %d, dbname: postgres, server-tls-sslmode: require }
                                          open: { host: localhost, port: %d, dbname: postgres, server-tls-sslmode: disable }
                                        """
                                                .formatted(
                                                        own.keyFile(),
                                                        own.certFile(),
                                                        postgres.port(),
                                                        plain.port()),
                                        "test"));
                Connection secret = login(weir, "secret", "require");
                Connection open = login(weir, "open", "disable");
                ConsoleClient console = ConsoleClient.open(weir.port(), "boss")) {
            secret.createStatement().execute("SELECT 1");
            open.createStatement().execute("SELECT 1");
            for (String what : List.of("CLIENTS", "SERVERS")) {
                for (Map<String, String> row : console.show(what)) {
                    String tls = row.get("tls");
                    switch (String.valueOf(row.get("database"))) {
                        case "secret" -> assertThat(tls).startsWith("TLSv1.3/TLS_");
                        case "open" -> assertThat(tls).isEmpty();
                        default -> {}
                    }
                }
                assertThat(console.show(what))
                        .extracting(it -> it.get("database"))
                        .contains("secret", "open");
            }
        }
    }

    private static Connection login(Weir weir, String database, String mode) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:%d/%s?user=app&sslmode=%s"
                        .formatted(weir.port(), database, mode));
    }

    private static String ask(Weir weir, String user, String sql) throws IOException {
        try (WireClient client = WireClient.login(weir.port(), user, "postgres")) {
            return client.one(sql);
        }
    }

    private static String refusal(Weir weir, String user) throws IOException {
        try (WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.startup(Map.of("user", user, "database", "postgres")));
            return client.expectFatal("08001").field('M');
        }
    }

    // ---- modes ----

    static Stream<Arguments> modes() {
        return Stream.of(
                arguments(TlsMode.DISABLE, "f"),
                arguments(TlsMode.ALLOW, "f"),
                arguments(TlsMode.PREFER, "t"),
                arguments(TlsMode.REQUIRE, "t"),
                arguments(TlsMode.VERIFY_CA, "t"),
                arguments(TlsMode.VERIFY_FULL, "t"));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void aServerThatHasBothIsSpokenToAsTheModeSays(TlsMode mode, String encrypted)
            throws IOException {
        try (Weir weir = weir(postgres, tls(mode))) {
            assertThat(ask(weir, "app", ENCRYPTED)).isEqualTo(encrypted);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ALLOW", "PREFER", "REQUIRE"})
    void aServerThatWantsTlsHasIt(TlsMode mode) throws IOException {
        try (Weir weir = weir(postgres, tls(mode))) {
            assertThat(ask(weir, "encrypted", ENCRYPTED)).isEqualTo("t");
        }
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void aServerWithoutTlsIsSpokenToWhereTheModeAllowsIt(TlsMode mode) throws IOException {
        try (Weir weir = weir(plain, tls(mode))) {
            if (mode.required()) {
                assertThat(refusal(weir, "app"))
                        .contains("has no TLS")
                        .contains("server-tls-sslmode");
            } else {
                assertThat(ask(weir, "app", ENCRYPTED)).isEqualTo("f");
            }
        }
    }

    @Test
    void aCertificateByAStrangerIsRefusedWhereItIsVerified() throws IOException {
        for (TlsMode mode : List.of(TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)) {
            try (Weir weir = weir(postgres, tls(mode, Negotiation.POSTGRES, stranger, null))) {
                assertThat(refusal(weir, "app")).contains("does not come to terms");
            }
        }
    }

    @Test
    void aCertificateForAnotherHostIsRefusedByVerifyFullAlone() throws IOException {
        for (TlsMode mode : List.of(TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)) {
            try (Weir weir =
                    Proxy.inFrontOf(postgres.port())
                            .host("127.0.0.1")
                            .serverTls(tls(mode))
                            .start()) {
                if (mode == TlsMode.VERIFY_CA) {
                    assertThat(ask(weir, "app", ENCRYPTED)).isEqualTo("t");
                } else {
                    assertThat(refusal(weir, "app")).contains("does not come to terms");
                }
            }
        }
    }

    @Test
    void tlsMayBeginAtOnce() throws IOException {
        try (Weir weir =
                weir(postgres, tls(TlsMode.VERIFY_FULL, Negotiation.DIRECT, authority, null))) {
            assertThat(ask(weir, "app", ENCRYPTED)).isEqualTo("t");
        }
    }

    @Test
    void weirShowsItsCertificateToAServerThatAsksForOne() throws IOException {
        LocalAuthority.Issued own = authority.issue("certified");
        try (Weir weir = weir(postgres, tls(TlsMode.REQUIRE, Negotiation.POSTGRES, null, own));
                Weir without = weir(postgres, tls(TlsMode.REQUIRE))) {
            assertThat(ask(weir, "certified", ENCRYPTED)).isEqualTo("t");
            try (WireClient client = WireClient.connect(without.port())) {
                client.send(Frontend.startup(Map.of("user", "certified", "database", "postgres")));
                client.expectFatal("28000");
            }
        }
    }

    // ---- what is no PostgreSQL ----

    @Test
    void bytesBehindTheAnswerAreNotTakenForTheServers() throws IOException {
        for (String answer : List.of("SR\0\0\0\10\0\0\0\0", "NR\0\0\0\10\0\0\0\0")) {
            try (FakePostgres fake =
                            new FakePostgres(answer.getBytes(StandardCharsets.ISO_8859_1));
                    Weir weir =
                            Proxy.inFrontOf(fake.port()).serverTls(tls(TlsMode.PREFER)).start()) {
                assertThat(refusal(weir, "app")).contains("unencrypted data");
            }
        }
    }

    @Test
    void whatAnswersSomethingElseIsNotSpokenTo() throws IOException {
        for (String answer : List.of("HTTP/1.1 400", "E", "S", "")) {
            try (FakePostgres fake =
                            new FakePostgres(answer.getBytes(StandardCharsets.ISO_8859_1));
                    Weir weir =
                            Proxy.inFrontOf(fake.port()).serverTls(tls(TlsMode.REQUIRE)).start()) {
                assertThat(refusal(weir, "app")).startsWith("PostgreSQL at 127.0.0.1");
            }
        }
    }

    // ---- what server connections do ----

    @Test
    void aCancelRequestIsEncryptedAsItsServerConnectionIs() throws Exception {
        try (Weir weir = weir(postgres, tls(TlsMode.REQUIRE));
                WireClient client = WireClient.login(weir.port(), "app", "postgres")) {
            client.query("SELECT pg_sleep(60)");
            await().pollInterval(Duration.ofMillis(10))
                    .until(() ->
                            ask(
                                            weir,
                                            "app",
                                            "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'")
                                    .equals("1"));
            client.cancel();
            assertThat(String.valueOf(client.readAnswer())).contains("ERROR 57014");
            assertThat(client.one("SELECT 1")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void anEncryptedServerConnectionMovesBetweenLoops(Transport transport) throws IOException {
        try (Weir weir =
                        Proxy.inFrontOf(postgres.port())
                                .transport(transport)
                                .poolSize(1)
                                .eventLoops(2)
                                .serverTls(tls(TlsMode.REQUIRE))
                                .start();
                WireClient one = WireClient.login(weir.port(), "app", "postgres");
                WireClient two = WireClient.login(weir.port(), "app", "postgres");
                WireClient three = WireClient.login(weir.port(), "app", "postgres")) {
            String server = one.one("SELECT pg_backend_pid()");
            WireClient[] clients = {one, two, three};
            for (int turn = 0; turn < 300; turn++) {
                assertThat(clients[turn % 3].one("SELECT pg_backend_pid()"))
                        .as("turn %d", turn)
                        .isEqualTo(server);
            }
        }
    }

    @Test
    void anIdleServerConnectionThatHasEndedIsNotLent() throws Exception {
        try (Weir weir = weir(postgres, tls(TlsMode.REQUIRE));
                WireClient client = WireClient.login(weir.port(), "app", "postgres")) {
            String pid = client.one("SELECT pg_backend_pid()");
            postgres.execute("SELECT pg_terminate_backend(" + pid + ")");
            await().until(() ->
                    ask(weir, "app", "SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid)
                            .equals("0"));
            assertThat(client.one("SELECT pg_backend_pid()")).isNotEqualTo(pid);
        }
    }

    @Test
    void muchDataPassesBothWays() throws IOException {
        try (Weir weir = weir(postgres, tls(TlsMode.REQUIRE));
                WireClient client = WireClient.login(weir.port(), "app", "postgres")) {
            int size = 20 << 20;
            assertThat(client.one("SELECT length(repeat('x', " + size + "))"))
                    .isEqualTo(String.valueOf(size));
            String text = "y".repeat(size);
            assertThat(client.one("SELECT '" + text + "'")).contains(size + " bytes");
        }
    }
}

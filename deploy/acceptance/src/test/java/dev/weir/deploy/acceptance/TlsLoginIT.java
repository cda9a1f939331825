package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.app.Weir;
import dev.weir.config.ClientTlsConfig;
import dev.weir.config.LoginConfig.AuthType;
import dev.weir.config.ServerTlsConfig;
import dev.weir.config.TlsFiles;
import dev.weir.config.TlsMode;
import dev.weir.config.TlsProtocol;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;

/** Logins that rest on TLS: SCRAM bound to the channel, and certificates. */
class TlsLoginIT {
    @TempDir private static Path folder;

    private static LocalPostgres postgres;
    private static LocalAuthority authority;
    private static LocalAuthority.Issued own;
    private static SSLContext trusting;
    private static SSLContext showing;

    @BeforeAll
    static void start() throws Exception {
        authority = new LocalAuthority(folder, "authority");
        own = authority.issue("localhost", "localhost", "127.0.0.1");
        postgres =
                LocalPostgres.builder()
                        .authMethod("scram-sha-256")
                        .tls(own, authority.certificate())
                        .start();
        postgres.createRole("app", "secret");
        trusting = Trust.in(authority.certificate(), null);
        showing = Trust.in(authority.certificate(), authority.issue("app"));
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Weir weir(AuthType type, @Nullable Path caFile) throws IOException {
        return Proxy.inFrontOf(postgres.port())
                .authType(type)
                .user("app", "secret")
                .user("other", "secret")
                .clientTls(
                        new ClientTlsConfig(
                                TlsMode.ALLOW,
                                new TlsFiles(
                                        own.keyFile(),
                                        own.certFile(),
                                        caFile,
                                        List.of(TlsProtocol.values()),
                                        List.of())))
                .serverTls(
                        new ServerTlsConfig(
                                TlsMode.REQUIRE,
                                ServerTlsConfig.Negotiation.POSTGRES,
                                TlsFiles.NONE))
                .start();
    }

    // ---- SCRAM ----

    private static String mechanisms(WireClient client) throws IOException {
        client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
        Backend request = client.next();
        return new String(request.body(), 4, request.body().length - 4, StandardCharsets.US_ASCII);
    }

    @Test
    void channelBindingIsOfferedInsideTlsAndNowhereElse() throws IOException {
        try (Weir weir = weir(AuthType.SCRAM_SHA_256, null);
                WireClient plain = WireClient.connect(weir.port());
                WireClient encrypted = WireClient.connect(weir.port()).askForTls(trusting)) {
            assertThat(mechanisms(plain)).isEqualTo("SCRAM-SHA-256\0\0");
            assertThat(mechanisms(encrypted)).isEqualTo("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0");
        }
    }

    @Test
    void aDriverThatDemandsChannelBindingLogsIn() throws Exception {
        try (Weir weir = weir(AuthType.SCRAM_SHA_256, null)) {
            String url =
                    "jdbc:postgresql://localhost:%d/postgres?user=app&password=secret&channelBinding=require&sslmode=verify-full&sslrootcert=%s"
                            .formatted(weir.port(), authority.certificate());
            try (Connection connection = DriverManager.getConnection(url);
                    ResultSet rows =
                            connection
                                    .createStatement()
                                    .executeQuery(
                                            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getBoolean(1)).isTrue();
            }
            String withoutTls =
                    "jdbc:postgresql://localhost:%d/postgres?user=app&password=secret&channelBinding=require&sslmode=disable"
                            .formatted(weir.port());
            assertThatThrownBy(() -> DriverManager.getConnection(withoutTls))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void psqlDemandsChannelBindingAndLogsIn() throws Exception {
        PsqlTool psql = PsqlTool.require("psql");
        try (Weir weir = weir(AuthType.SCRAM_SHA_256, null)) {
            PsqlTool.Result result =
                    psql.to(weir.port(), "postgres", "app")
                            .with(
                                    Map.of(
                                            "PGPASSWORD",
                                            "secret",
                                            "PGCHANNELBINDING",
                                            "require",
                                            "PGSSLMODE",
                                            "require"))
                            .run("", "-Atc", "SELECT 'bound'");
            assertThat(result.output()).isEqualTo("bound\n");
        }
    }

    @Test
    void aClientThatHasNotSeenTheOfferIsRefused() throws IOException {
        try (Weir weir = weir(AuthType.SCRAM_SHA_256, null);
                WireClient client = WireClient.connect(weir.port()).askForTls(trusting)) {
            mechanisms(client);
            client.send(Frontend.message('p', saslFirst("SCRAM-SHA-256", "y,,n=,r=abcdefgh")));
            client.expectFatal("08P01");
        }
    }

    @Test
    void aProofThatIsBoundToAnotherChannelIsRefused() throws IOException {
        try (Weir weir = weir(AuthType.SCRAM_SHA_256, null);
                WireClient client = WireClient.connect(weir.port()).askForTls(trusting)) {
            mechanisms(client);
            String header = "p=tls-server-end-point,,";
            client.send(
                    Frontend.message(
                            'p', saslFirst("SCRAM-SHA-256-PLUS", header + "n=,r=abcdefgh")));
            String first = new String(client.next().body(), StandardCharsets.US_ASCII);
            String nonce = first.substring(first.indexOf("r=") + 2, first.indexOf(",s="));
            String binding =
                    Base64.getEncoder()
                            .encodeToString(
                                    (header + "x".repeat(32)).getBytes(StandardCharsets.US_ASCII));
            String last = "c=" + binding + ",r=" + nonce + ",p=" + "A".repeat(43) + "=";
            client.send(Frontend.message('p', last.getBytes(StandardCharsets.US_ASCII)));
            client.expectFatal("08P01");
        }
    }

    private static byte[] saslFirst(String mechanism, String message) {
        byte[] name = mechanism.getBytes(StandardCharsets.US_ASCII);
        byte[] text = message.getBytes(StandardCharsets.US_ASCII);
        return java.nio.ByteBuffer.allocate(name.length + 1 + 4 + text.length)
                .put(name)
                .put((byte) 0)
                .putInt(text.length)
                .put(text)
                .array();
    }

    // ---- certificates ----

    @Test
    void aCertificateInTheUsersNameIsEnough() throws IOException {
        try (Weir weir = weir(AuthType.CERT, authority.certificate());
                WireClient client = WireClient.connect(weir.port()).askForTls(showing)) {
            client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
            client.readGreeting();
            assertThat(client.one("SELECT current_user")).isEqualTo("app");
        }
    }

    @Test
    void aCertificateInAnotherNameOrNoneIsRefused() throws IOException {
        try (Weir weir = weir(AuthType.CERT, authority.certificate());
                WireClient other = WireClient.connect(weir.port()).askForTls(showing);
                WireClient none = WireClient.connect(weir.port()).askForTls(trusting);
                WireClient plain = WireClient.connect(weir.port())) {
            other.send(Frontend.startup(Map.of("user", "other", "database", "postgres")));
            assertThat(other.expectFatal("28000").field('M'))
                    .isEqualTo("certificate authentication failed for user \"other\"");
            for (WireClient client : List.of(none, plain)) {
                client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
                assertThat(client.expectFatal("28000").field('M'))
                        .isEqualTo("connection requires a valid client certificate");
            }
        }
    }
}

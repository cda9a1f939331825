package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ClientTlsConfig;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.config.TlsFiles;
import dev.weir.config.TlsMode;
import dev.weir.config.TlsProtocol;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.acceptance.wire.WireClient.Pace;
import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.net.TlsException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;

/** TLS between clients and Weir, byte by byte. */
class ClientTlsIT {
    private static final Map<String, String> APP = Map.of("user", "app", "database", "postgres");

    @TempDir private static Path folder;

    private static LocalPostgres postgres;
    private static LocalAuthority authority;
    private static LocalAuthority.Issued own;
    private static SSLContext trusting;
    private static SSLContext showing;

    @BeforeAll
    static void start() throws Exception {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
        authority = new LocalAuthority(folder, "authority");
        own = authority.issue("localhost", "localhost", "127.0.0.1");
        trusting = Trust.in(authority.certificate(), null);
        showing = Trust.in(authority.certificate(), authority.issue("app"));
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static ClientTlsConfig tls(TlsMode mode, @Nullable Path caFile) {
        return new ClientTlsConfig(
                mode,
                new TlsFiles(
                        own.keyFile(),
                        own.certFile(),
                        caFile,
                        List.of(TlsProtocol.values()),
                        List.of()));
    }

    private static Weir weir(TlsMode mode) throws IOException {
        return weir(mode, mode.verifies() ? authority.certificate() : null);
    }

    private static Weir weir(TlsMode mode, @Nullable Path caFile) throws IOException {
        return Proxy.inFrontOf(postgres.port()).clientTls(tls(mode, caFile)).start();
    }

    private static WireClient login(WireClient client) throws IOException {
        client.send(Frontend.startup(APP));
        client.readGreeting();
        return client;
    }

    // ---- beginnings ----

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void aSessionIsEncryptedOnEveryTransport(Transport transport) throws IOException {
        try (Weir weir =
                        Proxy.inFrontOf(postgres.port())
                                .transport(transport)
                                .clientTls(tls(TlsMode.REQUIRE, null))
                                .start();
                WireClient client = WireClient.connect(weir.port())) {
            login(client.askForTls(trusting));
            assertThat(client.one("SELECT 'secret'")).isEqualTo("secret");
            assertThat(client.certificate()).isEqualTo(certificate(own));
            client.terminate();
        }
    }

    @Test
    void theLoginMayArriveInPieces() throws IOException {
        try (Weir weir = weir(TlsMode.REQUIRE);
                WireClient client = WireClient.connect(weir.port()).pace(Pace.BYTES)) {
            login(client.askForTls(trusting));
            assertThat(client.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aClientMayBeginWithTlsIfItNamesItsProtocol() throws IOException {
        try (Weir weir = weir(TlsMode.PREFER);
                WireClient client = WireClient.connect(weir.port())) {
            login(client.secure(trusting, "postgresql"));
            assertThat(client.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aClientThatBeginsWithTlsAndNamesNoProtocolIsRefused() throws IOException {
        for (String[] protocols : List.of(new String[0], new String[] {"http/1.1"})) {
            try (Weir weir = weir(TlsMode.PREFER);
                    WireClient client = WireClient.connect(weir.port())) {
                client.secure(trusting, protocols);
                client.send(Frontend.startup(APP));
                client.expectFatal("08P01");
            }
        }
    }

    @Test
    void encryptionByGssapiIsDeclinedAndTlsMayFollow() throws IOException {
        try (Weir weir = weir(TlsMode.REQUIRE);
                WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.gssEncRequest());
            assertThat(client.nextByte()).isEqualTo('N');
            login(client.askForTls(trusting));
        }
    }

    @Test
    void insideATlsSessionNoOtherCanBeAskedFor() throws IOException {
        try (Weir weir = weir(TlsMode.REQUIRE)) {
            for (byte[] request : List.of(Frontend.sslRequest(), Frontend.gssEncRequest())) {
                try (WireClient client = WireClient.connect(weir.port())) {
                    client.askForTls(trusting).send(request);
                    client.expectFatal("08P01");
                }
            }
        }
    }

    @Test
    void bytesBehindTheRequestForTlsAreNotTakenForTheClients() throws IOException {
        try (Weir weir = weir(TlsMode.REQUIRE);
                WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.sslRequest(), Frontend.startup(APP), Frontend.query("SELECT 1"));
            client.expectFatal("08P01");
        }
    }

    @Test
    void aHandshakeThatIsNoneEndsTheConnectionAndNothingElse() throws IOException {
        try (Weir weir = weir(TlsMode.REQUIRE);
                WireClient bystander = login(WireClient.connect(weir.port()).askForTls(trusting));
                WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.sslRequest());
            assertThat(client.nextByte()).isEqualTo('S');
            client.send(Frontend.startup(APP));
            // An alert may come first; no message of PostgreSQL's does.
            assertThat(client.raw().readAllBytes()).doesNotContain('R', 'Z');
            assertThat(bystander.one("SELECT 1")).isEqualTo("1");
            assertThat(weir.clients()).isEqualTo(1);
        }
    }

    @Test
    void aHandshakeThatNeverEndsIsEndedByTheTimeLimitOfTheLogin() throws IOException {
        try (Weir weir =
                        Proxy.inFrontOf(postgres.port())
                                .loginTimeout(Duration.ofMillis(300))
                                .clientTls(tls(TlsMode.REQUIRE, null))
                                .start();
                WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.sslRequest());
            assertThat(client.nextByte()).isEqualTo('S');
            assertThat(client.raw().readAllBytes()).hasSizeLessThan(64);
        }
    }

    // ---- who must, and who may ----

    @Test
    void whereTlsIsRequiredALoginWithoutIsRefused() throws IOException {
        try (Weir weir = weir(TlsMode.REQUIRE);
                WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.startup(APP));
            assertThat(client.expectFatal("28000").field('M')).contains("sslmode=require");
        }
    }

    @Test
    void whereTlsIsPreferredALoginWithoutIsServed() throws IOException {
        try (Weir weir = weir(TlsMode.PREFER);
                WireClient client = WireClient.connect(weir.port())) {
            assertThat(login(client).one("SELECT 1")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"VERIFY_CA", "VERIFY_FULL"})
    void whereCertificatesAreVerifiedOnlyOneByTheAuthorityServes(TlsMode mode) throws Exception {
        LocalAuthority stranger = new LocalAuthority(folder, "stranger");
        SSLContext foreign = Trust.in(authority.certificate(), stranger.issue("app"));
        try (Weir weir = weir(mode);
                WireClient good = WireClient.connect(weir.port())) {
            login(good.askForTls(showing));
            assertThat(good.one("SELECT 1")).isEqualTo("1");
            assertRefusedInTheHandshake(weir, trusting);
            assertRefusedInTheHandshake(weir, foreign);
        }
    }

    @Test
    void aCertificateThatIsShownMustBeGoodAlsoWhereNoneIsNeeded() throws Exception {
        LocalAuthority stranger = new LocalAuthority(folder, "outsider");
        SSLContext foreign = Trust.in(authority.certificate(), stranger.issue("app"));
        try (Weir weir = weir(TlsMode.ALLOW, authority.certificate())) {
            for (SSLContext context : List.of(trusting, showing)) {
                try (WireClient client = WireClient.connect(weir.port())) {
                    login(client.askForTls(context));
                }
            }
            assertRefusedInTheHandshake(weir, foreign);
        }
    }

    /** In TLS 1.3 the client learns of it when it reads, after what it takes for the end. */
    private static void assertRefusedInTheHandshake(Weir weir, SSLContext context)
            throws IOException {
        try (WireClient client = WireClient.connect(weir.port())) {
            assertThatThrownBy(
                            () -> {
                                client.askForTls(context);
                                client.send(Frontend.startup(APP));
                                assertThat(client.next().type()).isEqualTo('R');
                            })
                    .isInstanceOfAny(IOException.class, AssertionError.class);
        }
    }

    // ---- cancels ----

    @Test
    void aCancelRequestWorksInsideTlsAndWithoutEvenWhereTlsIsRequired() throws Exception {
        try (Weir weir = weir(TlsMode.REQUIRE);
                WireClient client = login(WireClient.connect(weir.port()).askForTls(trusting))) {
            for (boolean encrypted : new boolean[] {true, false}) {
                client.query("SELECT pg_sleep(60)");
                awaitSleeper();
                try (WireClient canceller = WireClient.connect(weir.port())) {
                    if (encrypted) {
                        canceller.askForTls(trusting);
                    }
                    canceller.send(Frontend.cancelRequest(client.key()));
                    canceller.expectClosed();
                }
                assertThat(String.valueOf(client.readAnswer())).contains("ERROR 57014");
            }
        }
    }

    private static void awaitSleeper() throws Exception {
        try (var connection = postgres.connect("postgres");
                var statement = connection.createStatement()) {
            await().pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        try (var rows =
                                statement.executeQuery(
                                        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'")) {
                            return rows.next();
                        }
                    });
        }
    }

    // ---- much data ----

    @Test
    void muchDataPassesInBothDirectionsAlsoToASlowReader() throws IOException {
        byte[] row = new byte[100_000];
        Arrays.fill(row, (byte) 'x');
        row[row.length - 1] = '\n';
        int rows = 200;
        try (Weir weir = weir(TlsMode.REQUIRE);
                WireClient client = login(WireClient.connect(weir.port()).askForTls(trusting))) {
            client.one("CREATE TEMP TABLE t (x text); SELECT 1");
            client.query("COPY t FROM STDIN");
            client.readUntil('G');
            for (int i = 0; i < rows; i++) {
                client.send(Frontend.message('d', row));
            }
            client.send(Frontend.copyDone());
            assertThat(client.readAnswer()).contains("CommandComplete(COPY " + rows + ")");
            // Both directions are full at once: the second query waits behind the first's rows.
            client.query("TABLE t");
            client.send(Frontend.query("SELECT '" + "y".repeat(1 << 20) + "'"));
            List<Backend> answer = client.readUntil('Z');
            assertThat(answer.stream().filter(m -> m.type() == 'D')).hasSize(rows);
            assertThat(client.readUntil('Z')).anyMatch(m -> m.body().length > 1 << 20);
        }
    }

    // ---- new certificates ----

    @Test
    void newCertificatesCountForNewClientsAndDisturbNobody() throws Exception {
        Path live = Files.createDirectory(folder.resolve("live"));
        Path key = live.resolve("weir.key");
        Path cert = live.resolve("weir.crt");
        LocalAuthority.Issued next = authority.issue("next", "localhost");
        install(own, key, cert);
        TlsFiles files = new TlsFiles(key, cert, null, List.of(TlsProtocol.values()), List.of());
        try (Weir weir =
                        Proxy.inFrontOf(postgres.port())
                                .clientTls(new ClientTlsConfig(TlsMode.REQUIRE, files))
                                .start();
                WireClient before = login(WireClient.connect(weir.port()).askForTls(trusting))) {
            assertThat(before.certificate()).isEqualTo(certificate(own));

            install(next, key, cert);
            weir.reloadTls();
            assertThat(shown(weir)).isEqualTo(certificate(next));

            // The key of one and the certificate of the other: refused as a whole.
            Files.copy(own.certFile(), cert, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(weir::reloadTls)
                    .isInstanceOf(TlsException.class)
                    .hasMessageContaining("`client-tls-key-file`")
                    .hasMessageContaining(key.toString())
                    .hasMessageContaining(cert.toString());
            assertThat(shown(weir)).isEqualTo(certificate(next));
            assertThat(before.one("SELECT 'undisturbed'")).isEqualTo("undisturbed");
        }
    }

    private static void install(LocalAuthority.Issued issued, Path key, Path cert)
            throws IOException {
        Files.copy(issued.keyFile(), key, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(issued.certFile(), cert, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Object shown(Weir weir) throws IOException {
        try (WireClient client = WireClient.connect(weir.port())) {
            return login(client.askForTls(trusting)).certificate();
        }
    }

    private static Object certificate(LocalAuthority.Issued issued) {
        try {
            return Trust.certificate(issued.certFile());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}

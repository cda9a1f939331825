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
import dev.weir.config.UnixSocketConfig;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.LocalLink;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.net.ListenException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Unix-domain sockets, towards clients and towards PostgreSQL. */
class UnixSocketIT {
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

    /** In front of PostgreSQL's own socket. */
    private static Proxy proxy() {
        return Proxy.inFrontOf(postgres.port())
                .host(postgres.socketFolder().toString())
                .unixSocket(new UnixSocketConfig(folder, 0750));
    }

    private static Path socket(Weir weir) {
        return folder.resolve(".s.PGSQL." + weir.port());
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "EPOLL", "NIO"})
    void aSessionNeedsNoNetworkOnEitherSide(Transport transport) throws Exception {
        try (Weir weir = proxy().transport(transport).start();
                LocalLink link = new LocalLink(socket(weir));
                WireClient client = WireClient.login(link.port(), "app", "postgres")) {
            assertThat(client.one("SELECT inet_server_addr() IS NULL")).isEqualTo("t");
            assertThat(client.one("SELECT repeat('x', 5000000)")).contains("5000000 bytes");
            client.terminate();
        }
    }

    @Test
    void psqlFindsTheSocketByFolderAndPort() throws Exception {
        PsqlTool psql = PsqlTool.require("psql");
        try (Weir weir = proxy().start()) {
            PsqlTool.Result result =
                    psql.to(weir.port(), "postgres", "app")
                            .with(Map.of("PGHOST", folder.toString()))
                            .run("", "-Atc", "SELECT 'local'");
            assertThat(result.output()).isEqualTo("local\n");
        }
    }

    @Test
    void aCancelRequestPassesBothSockets() throws Exception {
        try (Weir weir = proxy().start();
                LocalLink link = new LocalLink(socket(weir));
                WireClient client = WireClient.login(link.port(), "app", "postgres")) {
            client.query("SELECT pg_sleep(60)");
            await().pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        try (WireClient other = WireClient.login(weir.port(), "app", "postgres")) {
                            return other.one(
                                            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'")
                                    .equals("1");
                        }
                    });
            client.cancel();
            assertThat(String.valueOf(client.readAnswer())).contains("ERROR 57014");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void aServerConnectionMovesBetweenLoops(Transport transport) throws IOException {
        try (Weir weir = proxy().transport(transport).poolSize(1).eventLoops(2).start();
                WireClient one = WireClient.login(weir.port(), "app", "postgres");
                WireClient two = WireClient.login(weir.port(), "app", "postgres");
                WireClient three = WireClient.login(weir.port(), "app", "postgres")) {
            String server = one.one("SELECT pg_backend_pid()");
            WireClient[] clients = {one, two, three};
            for (int turn = 0; turn < 150; turn++) {
                assertThat(clients[turn % 3].one("SELECT pg_backend_pid()")).isEqualTo(server);
            }
        }
    }

    @Test
    void tlsIsNeitherOfferedNorDemandedThere() throws IOException {
        LocalAuthority authority = new LocalAuthority(folder, "authority");
        LocalAuthority.Issued own = authority.issue("localhost", "localhost");
        ClientTlsConfig tls =
                new ClientTlsConfig(
                        TlsMode.REQUIRE,
                        new TlsFiles(
                                own.keyFile(),
                                own.certFile(),
                                null,
                                List.of(TlsProtocol.values()),
                                List.of()));
        try (Weir weir = proxy().clientTls(tls).start();
                LocalLink link = new LocalLink(socket(weir));
                WireClient client = WireClient.connect(link.port())) {
            client.send(Frontend.sslRequest());
            assertThat(client.nextByte()).isEqualTo('N');
            client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
            client.readGreeting();
            assertThat(client.one("SELECT 1")).isEqualTo("1");
        }
    }

    // ---- the file ----

    @Test
    void theSocketHasItsPermissionsAndGoesWithTheProcess() throws IOException {
        Path socket;
        try (Weir weir = proxy().start()) {
            socket = socket(weir);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rwxr-x---");
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void whatAKilledProcessHasLeftIsReplaced() throws IOException {
        int port = 54_321;
        Path socket = folder.resolve(".s.PGSQL." + port);
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();
        int free;
        try (Weir weir = proxy().start()) {
            free = weir.port();
        }
        Path stale = folder.resolve(".s.PGSQL." + free);
        Files.move(socket, stale);
        try (Weir weir = proxy().port(free).start();
                LocalLink link = new LocalLink(stale);
                WireClient client = WireClient.login(link.port(), "app", "postgres")) {
            assertThat(weir.port()).isEqualTo(free);
            assertThat(client.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aSocketThatSomebodyListensOnAndAFileThatIsNoneAreLeftAlone() throws IOException {
        int free;
        try (Weir weir = proxy().start()) {
            free = weir.port();
        }
        Path socket = folder.resolve(".s.PGSQL." + free);
        Files.writeString(socket, "precious");
        assertThatThrownBy(() -> proxy().port(free).start())
                .isInstanceOf(ListenException.class)
                .hasMessageContaining("no socket")
                .hasMessageContaining("`unix-socket-dir`");
        assertThat(socket).hasContent("precious");
        Files.delete(socket);
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            assertThatThrownBy(() -> proxy().port(free).start())
                    .isInstanceOf(ListenException.class)
                    .hasMessageContaining("another process listens there");
        }
        Files.delete(socket);
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.deploy.acceptance.KernelSockets.Option;
import dev.weir.deploy.acceptance.KernelSockets.Socket;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What the kernel holds of the options {@code tcp-*}, for each side's sockets. */
class TcpOptionsIT {
    private static final Set<Option> UNTOUCHED =
            EnumSet.of(Option.KEEPIDLE, Option.KEEPINTVL, Option.KEEPCNT, Option.USER_TIMEOUT);

    /** What a socket has that nobody has touched. */
    private static final Map<Option, Integer> DEFAULTS = new EnumMap<>(Option.class);

    private static LocalPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                java.net.Socket _ =
                        new java.net.Socket(listener.getInetAddress(), listener.getLocalPort())) {
            Socket plain =
                    KernelSockets.connected(s -> s.remotePort() == listener.getLocalPort())
                            .getFirst();
            UNTOUCHED.forEach(option -> DEFAULTS.put(option, plain.read(option)));
        }
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    /** Asserts for the socket of a client, and for that of its server connection. */
    private static void forBothSides(Transport transport, String keys, Consumer<Socket> asserted)
            throws Exception {
        try (Weir weir = weir(transport, keys);
                WireClient client = WireClient.login(weir.port(), "app", "postgres")) {
            assertThat(client.one("SELECT 1")).isEqualTo("1");
            List<Socket> clientSide =
                    KernelSockets.connected(socket -> socket.localPort() == weir.port());
            List<Socket> serverSide =
                    KernelSockets.connected(socket -> socket.remotePort() == postgres.port());
            assertThat(clientSide).hasSize(1).allSatisfy(asserted);
            assertThat(serverSide).hasSize(1).allSatisfy(asserted);
        }
    }

    private static Weir weir(Transport transport, String keys) throws Exception {
        try {
            return Weir.start(
                    ConfigFile.parse(
                            """
                            listen-port: 0
                            http-port: 0
                            transport: %s
                            auth-type: trust
                            %s
                            databases: { "*": { host: 127.0.0.1, port: %d } }
                            """
                                    .formatted(
                                            transport.name().toLowerCase(Locale.ROOT),
                                            keys,
                                            postgres.port()),
                            "test"));
        } catch (IllegalStateException e) {
            return abort(e.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void theKernelWatchesBothSidesAsConfigured(Transport transport) throws Exception {
        String keys =
                """
                tcp-keepidle: 47s
                tcp-keepintvl: 10500ms
                tcp-keepcnt: 3
                tcp-user-timeout: 61500ms
                """;
        forBothSides(
                transport,
                keys,
                socket -> {
                    assertThat(socket.read(Option.KEEPALIVE)).isEqualTo(1);
                    assertThat(socket.read(Option.KEEPIDLE)).isEqualTo(47);
                    assertThat(socket.read(Option.KEEPINTVL)).isEqualTo(11);
                    assertThat(socket.read(Option.KEEPCNT)).isEqualTo(3);
                    // The JDK has no word for it.
                    assertThat(socket.read(Option.USER_TIMEOUT))
                            .isEqualTo(transport == Transport.NIO ? 0 : 61_500);
                    assertThat(socket.read(Option.NODELAY)).isEqualTo(1);
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void whatIsNotConfiguredIsTheKernels(Transport transport) throws Exception {
        forBothSides(
                transport,
                "",
                socket -> {
                    assertThat(socket.read(Option.KEEPALIVE)).isEqualTo(1);
                    for (Option option : UNTOUCHED) {
                        assertThat(socket.read(option))
                                .as("%s", option)
                                .isEqualTo(DEFAULTS.get(option));
                    }
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void nobodyIsAskedForASignOfLifeWithoutKeepalive(Transport transport) throws Exception {
        forBothSides(
                transport,
                "tcp-keepalive: false",
                socket -> assertThat(socket.read(Option.KEEPALIVE)).isZero());
    }
}

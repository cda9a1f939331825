package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.config.ListenConfig.Transport;
import dev.weir.config.ServerTlsConfig;
import dev.weir.config.TcpConfig;
import dev.weir.net.EventLoops;
import dev.weir.net.ServerTls;
import dev.weir.net.TcpOptions;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** How a server connection's login ends. */
class ServerStartupTest {
    private static final int ROUNDS = 100;

    @Test
    void aRefusalRightAfterTheAuthenticationIsToldInPostgresqlsWords() throws Exception {
        // Closed from the last to the first: the server's end is what ends its thread.
        try (ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
                EventLoops loops = new EventLoops(Transport.AUTO, 1);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var _ = blocking.submit(() -> refuseAll(server));
            ServerDialer dialer =
                    new ServerDialer(
                            loops,
                            new TcpOptions(TcpConfig.DEFAULTS, loops.transport()),
                            new ServerTls(blocking),
                            blocking);
            for (int i = 0; i < ROUNDS; i++) {
                ServerUnavailableException failure = dial(dialer, loops, server.getLocalPort());

                assertThat(failure).hasMessage("role \"nobody\" does not exist");
                assertThat(failure.sqlState()).isEqualTo("28000");
                assertThat(failure.kind()).isEqualTo(ServerUnavailableException.Kind.REFUSED);
            }
        }
    }

    private static ServerUnavailableException dial(ServerDialer dialer, EventLoops loops, int port)
            throws Exception {
        CompletableFuture<ServerUnavailableException> result = new CompletableFuture<>();
        dialer.dial(
                loops.all().getFirst(),
                new ServerTarget(
                        "127.0.0.1",
                        port,
                        "shop",
                        "nobody",
                        null,
                        ServerTlsConfig.NONE,
                        Duration.ofSeconds(20),
                        1),
                new ServerDialer.Listener() {
                    @Override
                    public void opened(ServerConnection opened) {
                        result.completeExceptionally(new AssertionError("logged in"));
                    }

                    @Override
                    public void failed(ServerUnavailableException failure) {
                        result.complete(failure);
                    }
                });
        return result.get(30, TimeUnit.SECONDS);
    }

    /**
     * AuthenticationOk, ErrorResponse and the end at once, as PostgreSQL does for an unknown role.
     */
    private static Void refuseAll(ServerSocket server) throws IOException {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                in.readNBytes(in.readInt() - Integer.BYTES);
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                DataOutputStream out = new DataOutputStream(bytes);
                out.write('R');
                out.writeInt(8);
                out.writeInt(0);
                byte[] fields =
                        "SFATAL\0C28000\0Mrole \"nobody\" does not exist\0\0"
                                .getBytes(StandardCharsets.UTF_8);
                out.write('E');
                out.writeInt(Integer.BYTES + fields.length);
                out.write(fields);
                client.getOutputStream().write(bytes.toByteArray());
            }
        }
        return null;
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** What a server, or a pooler in front of it, may say in the middle of Weir's login there. */
class NoisyLoginIT {
    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres =
                LocalPostgres.builder()
                        .authMethod("scram-sha-256")
                        .hba("host all plain 127.0.0.1/32 password")
                        .start();
        postgres.createRole("app", "secret");
        postgres.createRole("plain", "secret");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    /** Passes everything on, and puts {@link #noise} in front of each message about the login. */
    private static final class Interjector implements AutoCloseable {
        private final ServerSocket listener =
                new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        private final byte[] noise;
        private final AtomicInteger interjections = new AtomicInteger();

        Interjector(byte[] noise) throws IOException {
            this.noise = noise;
            Thread.ofVirtual().start(this::accept);
        }

        private void accept() {
            try {
                while (true) {
                    Socket weir = listener.accept();
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), postgres.port());
                    Thread.ofVirtual().start(() -> forth(weir, server));
                    Thread.ofVirtual().start(() -> back(server, weir));
                }
            } catch (IOException e) {
                // Closed.
            }
        }

        private static void forth(Socket weir, Socket server) {
            try (weir;
                    server) {
                weir.getInputStream().transferTo(server.getOutputStream());
            } catch (IOException e) {
                // Closed.
            }
        }

        private void back(Socket server, Socket weir) {
            try (weir;
                    server) {
                DataInputStream in = new DataInputStream(server.getInputStream());
                OutputStream out = weir.getOutputStream();
                char type;
                do {
                    type = (char) in.readByte();
                    byte[] body = in.readNBytes(in.readInt() - Integer.BYTES);
                    if (type == 'R') {
                        out.write(noise);
                        interjections.incrementAndGet();
                    }
                    out.write(Frontend.message(type, body));
                } while (type != 'Z');
                in.transferTo(out);
            } catch (IOException e) {
                // Closed.
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"app", "plain"})
    void noticesAndParametersAmongTheServersLoginDoNotBreakIt(String user) throws Exception {
        byte[] noise =
                Frontend.together(
                        Frontend.message(
                                'N',
                                "SWARNING\0VWARNING\0C01000\0Mmaintenance at noon\0\0"
                                        .getBytes(US_ASCII)),
                        Frontend.message('S', "weir_noise\0on\0".getBytes(US_ASCII)));
        try (Interjector between = new Interjector(noise);
                Weir weir =
                        Proxy.inFrontOf(between.listener.getLocalPort())
                                .serverUser(user, "secret")
                                .start();
                WireClient client = WireClient.login(weir.port(), "anybody", "postgres")) {
            assertThat(client.one("SELECT current_user")).isEqualTo(user);
            assertThat(between.interjections.get()).isGreaterThan(1);
            client.terminate();
        }
    }
}

package dev.weir.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;

/** What {@code ./weir demo} says when it starts nothing. */
class DemoCommandTest {
    private final StringWriter output = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @Test
    void aTakenPortIsNamedWithItsFlag() throws Exception {
        try (ServerSocket other = listen()) {
            String taken = "" + other.getLocalPort();
            assertThat(execute("--port", taken, "--http-port", "0")).isEqualTo(3);
            assertThat(errors.toString())
                    .contains("port " + taken + " on 127.0.0.1 is taken", ": --port ");
        }
    }

    @Test
    void aTakenHttpPortIsNamedWithItsFlag() throws Exception {
        try (ServerSocket other = listen()) {
            String taken = "" + other.getLocalPort();
            assertThat(execute("--port", "0", "--http-port", taken)).isEqualTo(3);
            assertThat(errors.toString())
                    .contains("port " + taken + " on 127.0.0.1 is taken", ": --http-port ");
        }
    }

    @Test
    void onePortForBothIsRefused() {
        assertThat(execute("--port", "7000", "--http-port", "7000")).isEqualTo(2);
        assertThat(errors.toString()).contains("--port and --http-port must not both be 7000");
    }

    @Test
    void aPortThatIsNoneIsRefused() {
        assertThat(execute("--http-port", "65536")).isEqualTo(2);
        assertThat(errors.toString()).contains("--http-port: a port is 0 to 65535, not 65536");
    }

    @Test
    void moreReplicasThanThereMayBeAreRefused() {
        assertThat(execute("--replicas", "5")).isEqualTo(2);
        assertThat(errors.toString()).contains("--replicas: 0 to 4, not 5");
    }

    @Test
    void theHelpNamesEveryFlagAndTheWayOut() {
        assertThat(execute("--help")).isZero();
        assertThat(output.toString())
                .contains(
                        "--port", "--http-port", "--data", "--replicas", "Weir is ready", "Ctrl-C");
    }

    private int execute(String... args) {
        return new CommandLine(new DemoCommand())
                .setOut(new PrintWriter(output))
                .setErr(new PrintWriter(errors))
                .execute(args);
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
    }
}

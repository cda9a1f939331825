package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process that may open no more files. */
class DescriptorsIT {
    private static final Pattern LISTENING =
            Pattern.compile("listening on 127\\.0\\.0\\.1 port (\\d+)");
    private static final int LIMIT = 512;

    @TempDir private Path folder;

    private Process weir(LocalPostgres postgres, String transport) throws Exception {
        assumeTrue(Shell.has("bash"), "skipped: bash is not installed");
        Path config = folder.resolve("weir.yaml");
        Files.writeString(
                config,
                """
                listen-port: 0
                http-port: 0
                auth-type: trust
                transport: %s
                server-login-retry: 50ms
                client-login-timeout: 1h
                databases:
                  "*": { host: 127.0.0.1, port: %d }
                  nowhere: { host: 127.0.0.1, port: 1 }
                """
                        .formatted(transport, postgres.port()));
        ProcessBuilder builder =
                new ProcessBuilder(
                                "bash",
                                "-c",
                                "ulimit -n " + LIMIT + "; exec \"$@\"",
                                "bash",
                                System.getProperty("java.home") + "/bin/java",
                                "-Xmx256m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.weir.app.WeirCommand",
                                "run",
                                "-c",
                                config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile());
        return builder.start();
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    private int port(Process process) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !process.isAlive() || LISTENING.matcher(log()).find());
        try {
            Matcher matcher = LISTENING.matcher(log());
            assertThat(matcher.find()).as(log()).isTrue();
            return Integer.parseInt(matcher.group(1));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static long open(Process process) {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return files.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String refused(WireClient client, String database, String state)
            throws IOException {
        client.send(Frontend.startup(Map.of("user", "app", "database", database)));
        Backend refusal = client.readUntil('E').getLast();
        assertThat(refusal.sqlState()).as("%s", refusal).isEqualTo(state);
        return String.valueOf(refusal.field('M'));
    }

    private static String three(int port) throws IOException {
        try (WireClient next = WireClient.login(port, "app", "template1")) {
            String answer = next.one("SELECT 3");
            next.terminate();
            return answer;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio", "auto"})
    void withoutAFreeDescriptorWhoIsConnectedWorksAndWhoNeedsAServerIsToldWhy(String transport)
            throws Exception {
        List<WireClient> idle = new ArrayList<>();
        try (LocalPostgres postgres = LocalPostgres.builder().authMethod("trust").start()) {
            postgres.createRole("app", "app");
            Process process = weir(postgres, transport);
            try {
                int port = port(process);
                try (WireClient served = WireClient.login(port, "app", "postgres");
                        WireClient late = WireClient.connect(port)) {
                    assertThat(served.one("SELECT 1")).isEqualTo("1");
                    refused(WireClient.connect(port), "nowhere", "08001");
                    // They say nothing; the last ones are not even accepted.
                    while (open(process) < LIMIT) {
                        for (int i = 0; i < 10; i++) {
                            idle.add(WireClient.connect(port));
                        }
                        assertThat(idle).hasSizeLessThan(10 * LIMIT);
                    }

                    assertThat(served.one("SELECT 2")).isEqualTo("2");
                    assertThat(refused(late, "template1", "53000"))
                            .contains("may open no more files");

                    // It rests after each failure to accept, which its log tells.
                    assertThat(log().lines().filter(it -> it.contains("Too many open files")))
                            .hasSizeLessThan(LIMIT);

                    for (WireClient client : idle) {
                        client.close();
                    }
                    // A refusal is remembered for as long as PostgreSQL is not asked again.
                    await().atMost(Duration.ofSeconds(60))
                            .ignoreExceptions()
                            .untilAsserted(() -> assertThat(three(port)).isEqualTo("3"));
                    served.terminate();
                }
                process.toHandle().destroy();
                assertThat(process.waitFor()).as(log()).isZero();
            } finally {
                process.destroyForcibly();
            }
        } finally {
            for (WireClient client : idle) {
                client.close();
            }
        }
    }
}

package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.deploy.local.Credentials;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program as a process of its own, from its start to the signal that ends it. */
class SidecarIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static LocalPostgres postgres;
    private static Credentials app;

    @TempDir Path folder;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().start();
        app = postgres.createRole("app", "secret of app");
        postgres.createDatabase("shop", "app");
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @Test
    void theProcessServesQueriesAndHealthAndEndsWithZeroOnSigterm() throws Exception {
        int http = FreePort.find();
        Path file = configure("http-port: " + http + "\n");
        try (Sidecar sidecar = Sidecar.start(folder, List.of("run", "-c", file.toString()))) {
            int port = sidecar.awaitPort();
            try (Connection client = connect(port);
                    Statement statement = client.createStatement();
                    ResultSet result = statement.executeQuery("SELECT current_user, 6 * 7")) {
                assertThat(result.next()).isTrue();
                assertThat(result.getString(1)).isEqualTo("app");
                assertThat(result.getInt(2)).isEqualTo(42);
                assertThat(health(http)).contains("\"status\":\"UP\"").contains("servers");

                sidecar.process().destroy();
                assertThat(sidecar.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
            }
            assertThat(sidecar.process().exitValue()).isZero();
            assertThat(sidecar.log())
                    .contains("INFO  HTTP on 127.0.0.1 port " + http)
                    .contains("INFO  closing on SIGTERM")
                    .endsWith("INFO  closed\n")
                    .doesNotContain("secret of app");
        }
    }

    @Test
    void ctrlCEndsItWithZeroAsWell() throws Exception {
        Path file = configure("http-port: 0\n");
        try (Sidecar sidecar = Sidecar.start(folder, List.of("run", "-c", file.toString()))) {
            sidecar.awaitPort();

            new ProcessBuilder("kill", "-INT", Long.toString(sidecar.process().pid()))
                    .start()
                    .waitFor();

            assertThat(sidecar.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(sidecar.process().exitValue()).isZero();
            assertThat(sidecar.log()).contains("closing on SIGINT");
        }
    }

    @Test
    void afterSigtermTransactionsMayFinishAndTheSecondOneCutsThemOff() throws Exception {
        Path file = configure("http-port: 0\nshutdown-timeout: 1h\n");
        for (boolean twice : new boolean[] {false, true}) {
            try (Sidecar sidecar = Sidecar.start(folder, List.of("run", "-c", file.toString()));
                    Connection busy = connect(sidecar.awaitPort());
                    Statement statement = busy.createStatement()) {
                busy.setAutoCommit(false);
                statement.execute("SELECT 1");

                sidecar.process().destroy();
                await().atMost(PATIENCE).until(() -> sidecar.log().contains("closing on SIGTERM"));
                if (twice) {
                    sidecar.process().destroy();
                } else {
                    statement.execute("SELECT 2");
                    busy.commit();
                }

                assertThat(sidecar.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                assertThat(sidecar.process().exitValue()).isZero();
                assertThat(sidecar.log()).endsWith("INFO  closed\n");
            }
        }
    }

    @Test
    void sighupReloadsAndABadFileChangesNothing() throws Exception {
        Path file = configure("http-port: 0\n");
        try (Sidecar sidecar = Sidecar.start(folder, List.of("run", "-c", file.toString()));
                Connection client = connect(sidecar.awaitPort())) {
            configure("http-port: 0\ndefault-pool-size: 3\n");
            hangUp(sidecar);
            await().atMost(PATIENCE)
                    .until(() -> sidecar.log().contains("reload: default-pool-size: 20 -> 3"));
            configure("http-port: 0\ndefault-pool-size: three\n");
            hangUp(sidecar);
            await().atMost(PATIENCE).until(() -> sidecar.log().contains("all stays as it was"));

            assertThat(sidecar.log()).contains(file + ":2: `default-pool-size`: `three`");
            assertThat(client.isValid(10)).isTrue();
        }
    }

    private static void hangUp(Sidecar sidecar) throws Exception {
        new ProcessBuilder("kill", "-HUP", Long.toString(sidecar.process().pid()))
                .start()
                .waitFor();
    }

    @Test
    void withoutAFileItTakesTheOneInItsWorkingDirectory() throws Exception {
        configure("http-port: 0\n");
        try (Sidecar sidecar = Sidecar.start(folder, List.of("run"))) {
            try (Connection client = connect(sidecar.awaitPort())) {
                assertThat(client.isValid(10)).isTrue();
            }
        }
    }

    @Test
    void aBadFileEndsTheProcessWithOne() throws Exception {
        Path file = Files.writeString(folder.resolve("bad.yaml"), "listen-port: x\n");
        try (Sidecar sidecar = Sidecar.start(folder, List.of("run", "-c", file.toString()))) {
            assertThat(sidecar.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

            assertThat(sidecar.process().exitValue()).isEqualTo(1);
            assertThat(sidecar.log()).contains(file + ":1: `listen-port`: `x` is not a whole");
        }
    }

    private Path configure(String more) throws IOException {
        return Files.writeString(
                folder.resolve("weir.yaml"),
                more
                        + """
                        listen-port: 0
                        databases:
                          shop: { host: 127.0.0.1, port: %d }
                        users:
                          app: { password: secret of app }
                        """
                                .formatted(postgres.port()));
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/shop", app.name(), app.password());
    }

    private static String health(int port) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/observe/health");
        try (HttpClient client = HttpClient.newHttpClient()) {
            return await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(
                            () ->
                                    client.send(
                                            HttpRequest.newBuilder(uri).build(),
                                            HttpResponse.BodyHandlers.ofString()),
                            response -> response.statusCode() == 200)
                    .body();
        }
    }

    /** A process of the program, and its log. */
    private record Sidecar(Process process, Path logFile) implements AutoCloseable {
        private static final Pattern LISTENING =
                Pattern.compile("listening on 127\\.0\\.0\\.1 port (\\d+)");

        static Sidecar start(Path folder, List<String> args) throws IOException {
            Path log = folder.resolve("log.txt");
            List<String> command =
                    new java.util.ArrayList<>(
                            List.of(
                                    // Whoever runs the tests in the background ignores these, and
                                    // a process inherits that.
                                    "env",
                                    "--default-signal=HUP,INT",
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx128m",
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    absolute(System.getProperty("java.class.path")),
                                    WeirCommand.class.getName()));
            command.addAll(args);
            return new Sidecar(
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start(),
                    log);
        }

        /** The process has another working directory. */
        private static String absolute(String classPath) {
            StringBuilder out = new StringBuilder();
            for (String entry : classPath.split(java.io.File.pathSeparator, -1)) {
                out.append(out.isEmpty() ? "" : java.io.File.pathSeparator)
                        .append(Path.of(entry).toAbsolutePath());
            }
            return out.toString();
        }

        int awaitPort() {
            return await("the port in the log")
                    .atMost(PATIENCE)
                    .until(
                            () -> {
                                Matcher line = LISTENING.matcher(log());
                                assertThat(process.isAlive() || line.find()).as(log()).isTrue();
                                return line.reset().find() ? Integer.parseInt(line.group(1)) : 0;
                            },
                            port -> port > 0);
        }

        String log() throws IOException {
            return Files.readString(logFile);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}

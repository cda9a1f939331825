package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;

import dev.weir.config.ConfigSource;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The metrics of a running Weir, pulled and pushed. */
class MetricsIT {
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

    private static Weir weir(int http, String more) throws Exception {
        return Weir.start(
                ConfigSource.text(
                        """
                        listen-port: 0
                        http-port: %d
                        auth-type: trust
                        %s
                        databases:
                          "*": { host: 127.0.0.1, port: %d }
                        """
                                .formatted(http, more, postgres.port()),
                        "test"));
    }

    private static Connection connect(Weir weir, String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/%s?user=app".formatted(weir.port(), database));
    }

    private static void work(Weir weir) throws SQLException {
        try (Connection client = connect(weir, "postgres");
                Statement statement = client.createStatement()) {
            statement.execute("SELECT 1");
            statement.execute("SELECT pg_advisory_lock(3)");
            statement.execute("SELECT pg_advisory_unlock(3)");
            try {
                statement.execute("SELECT 1 / 0");
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("22012");
            }
        }
    }

    private static String scrape(int port) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + port + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("content-type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
            return response.body();
        }
    }

    @Test
    void whatHasBeenCountedStandsOnThePage() throws Exception {
        int http = FreePort.find();
        try (Weir weir = weir(http, "")) {
            assertThat(weir.awaitHttp()).isTrue();
            work(weir);
            // The console is for operators.
            assertThatThrownBy(() -> connect(weir, "weir")).isInstanceOf(SQLException.class);

            // What a client that has just gone leaves behind takes a moment to come back.
            Pattern idle = Pattern.compile("weir_servers\\{.*state=\"idle\".*} 1");
            String page = await().until(() -> scrape(http), idle.asPredicate());

            String pool = "{database=\"postgres\"";
            assertThat(page)
                    .contains("# TYPE weir_transactions_total counter")
                    .contains("# TYPE weir_query_duration_seconds histogram")
                    .contains("weir_errors_total" + pool)
                    .contains("sqlstate=\"22012\"")
                    .contains("reason=\"advisory-locks\"")
                    .containsPattern("weir_logins_total\\{database=\"postgres\".*user=\"app\"} 1")
                    .containsPattern("weir_logins_refused_total\\{sqlstate=\"[0-9A-Z]{5}\"} 1")
                    .containsPattern("weir_queries_total\\{.*} [1-9]")
                    .containsPattern("weir_sent_bytes_total\\{.*} [1-9]")
                    .containsPattern("weir_received_bytes_total\\{.*} [1-9]")
                    .containsPattern("weir_wait_duration_seconds_bucket\\{.*le=\"\\+Inf\"} [1-9]");
        }
    }

    @Test
    void promtoolHasNothingToSayAgainstThePage() throws Exception {
        Path promtool = promtool();
        int http = FreePort.find();
        try (Weir weir = weir(http, "")) {
            assertThat(weir.awaitHttp()).isTrue();
            work(weir);

            Process check =
                    new ProcessBuilder(promtool.toString(), "check", "metrics")
                            .redirectErrorStream(true)
                            .start();
            try (var in = check.getOutputStream()) {
                in.write(scrape(http).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            String said = new String(check.getInputStream().readAllBytes());
            assertThat(check.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said).isEmpty();
            assertThat(check.exitValue()).isZero();
        }
    }

    private static Path promtool() {
        String path = System.getenv("PATH");
        Path found =
                Stream.of((path == null ? "" : path).split(":"))
                        .map(folder -> Path.of(folder, "promtool"))
                        .filter(Files::isExecutable)
                        .findFirst()
                        .orElse(null);
        String advice = "promtool is not installed (apt-get install prometheus)";
        if (found == null) {
            System.out.println("skipped: " + advice);
        }
        assumeTrue(found != null, advice);
        return found;
    }

    @Test
    void manyPoolsDoNotMakeManySeries() throws Exception {
        int http = FreePort.find();
        try (Weir weir = weir(http, "server-login-retry: 1d")) {
            assertThat(weir.awaitHttp()).isTrue();
            for (int i = 0; i < 210; i++) {
                try (Connection client =
                        DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:%d/none%d?user=app"
                                        .formatted(weir.port(), i))) {
                    throw new AssertionError("there is such a database: " + client);
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).isEqualTo("3D000");
                }
            }

            List<String> series =
                    scrape(http)
                            .lines()
                            .filter(line -> line.startsWith("weir_logins_total"))
                            .toList();

            assertThat(series)
                    .hasSizeLessThanOrEqualTo(201)
                    .anyMatch(it -> it.contains("\"other\""));
        }
    }

    @Test
    void metricsArePushedWhereTheConfigurationSaysSo() throws Exception {
        Queue<String> pushed = new ConcurrentLinkedQueue<>();
        HttpServer collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext(
                "/v1/metrics",
                exchange -> {
                    pushed.add(
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    java.nio.charset.StandardCharsets.ISO_8859_1));
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        collector.start();
        try (Weir weir =
                weir(
                        0,
                        "otlp-endpoint: http://127.0.0.1:%d/v1/metrics\notlp-interval: 1s"
                                .formatted(collector.getAddress().getPort()))) {
            work(weir);
            await().until(() ->
                    pushed.stream()
                            .anyMatch(it ->
                                    it.contains("weir.transactions") && it.contains("postgres")));
        } finally {
            collector.stop(0);
        }
    }
}

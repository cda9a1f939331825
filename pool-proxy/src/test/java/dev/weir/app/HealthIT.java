package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.config.ConfigFile;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.net.ListenException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

/** What /observe/health says, and when. */
class HealthIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static LocalPostgres postgres;

    private int port;
    private Weir weir;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
        HTTP.close();
    }

    @BeforeEach
    void startWeir() throws Exception {
        port = FreePort.find();
        weir = Weir.start(ConfigFile.parse(configuration(port), "test"));
        assertThat(weir.awaitHttp()).isTrue();
    }

    @AfterEach
    void stopWeir() {
        weir.close();
    }

    private static String configuration(int httpPort) {
        return """
        listen-port: 0
        http-port: %d
        auth-type: trust
        server-login-retry: 50ms
        databases:
          "*": { host: 127.0.0.1, port: %d }
        """
                .formatted(httpPort, postgres.port());
    }

    @Test
    void aFreshWeirIsLiveStartedAndReady() throws Exception {
        HttpResponse<String> all = get("");

        assertThat(all.statusCode()).isEqualTo(200);
        assertThat(all.headers().firstValue("content-type")).contains("application/json");
        assertThat(all.body())
                .isEqualTo(
                        """
                        {"status":"UP","checks":[{"name":"event-loops","status":"UP"},{"name":"listener","status":"UP"},{"name":"clients","status":"UP"},{"name":"servers","status":"UP"}]}\
                        """);
        assertThat(get("/live").body()).contains("event-loops").doesNotContain("servers");
        assertThat(get("/started").body()).contains("listener").doesNotContain("servers");
        assertThat(get("/ready").body()).contains("clients", "servers").doesNotContain("loops");
    }

    @Test
    void anOutageOfPostgresqlIsToldWithItsPoolAndEndsWithoutAnyClient() throws Exception {
        connect("app").close();
        postgres.stop();
        try {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> {
                        assertThatThrownBy(() -> connect("app")).isInstanceOf(SQLException.class);
                        assertThat(get("/ready").statusCode()).isEqualTo(503);
                    });

            assertThat(get("/ready").body())
                    .contains("\"status\":\"DOWN\"")
                    .contains("database \\\"postgres\\\", user \\\"app\\\"")
                    .contains("PostgreSQL at 127.0.0.1:%d".formatted(postgres.port()));
            assertThat(get("/live").statusCode()).isEqualTo(200);
            assertThat(get("/started").statusCode()).isEqualTo(200);
        } finally {
            postgres.start();
        }

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(get("/ready").statusCode()).isEqualTo(200));
    }

    @Test
    void aClientWhomPostgresqlRefusesMakesNobodyUnready() throws Exception {
        assertThatThrownBy(() -> connect("nobody"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("nobody");

        assertThat(get("/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void aBusyPortIsAnErrorThatNamesItsKeyAndLeavesNothingBehind() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String text = configuration(other.getLocalPort());

            assertThatThrownBy(() -> Weir.start(ConfigFile.parse(text, "test")))
                    .isInstanceOfSatisfying(
                            ListenException.class,
                            e -> {
                                assertThat(e.key()).isEqualTo("http-port");
                                assertThat(e.port()).isEqualTo(other.getLocalPort());
                            });
        }
    }

    @Test
    void closingFreesThePort() throws Exception {
        weir.close();

        assertThatThrownBy(() -> get("")).isInstanceOf(ConnectException.class);
        try (ServerSocket again = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(again.isBound()).isTrue();
        }
    }

    @Test
    void zeroIsNoHttpPort() throws Exception {
        try (Weir without = Weir.start(ConfigFile.parse(configuration(0), "test"))) {
            assertThat(without.awaitHttp()).isFalse();
        }
    }

    private Connection connect(String user) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + weir.port() + "/postgres", user, "");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + port + "/observe/health" + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}

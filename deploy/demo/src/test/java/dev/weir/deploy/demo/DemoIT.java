package dev.weir.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What a newcomer sees of {@code ./weir demo}. */
class DemoIT {
    private Path folder;
    private Path temporary;

    @BeforeEach
    void makeFolders() throws IOException {
        folder = openFolder(Files.createTempDirectory("weir-demo-"));
        temporary = openFolder(Files.createDirectory(folder.resolve("tmp")));
    }

    /** The server may be run by another user than this JVM. */
    private static Path openFolder(Path path) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void deleteFolders() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void theShopAnswersThroughWeirAndNothingIsLeftAfterSigterm() throws Exception {
        int port = freePort();
        int httpPort = freePort();
        try (DemoProcess demo =
                start("--port", "" + port, "--http-port", "" + httpPort).awaitReady()) {
            assertThat(demo.url())
                    .isEqualTo(
                            "jdbc:postgresql://127.0.0.1:" + port + "/shop?user=app&password=app");
            try (Connection shop = DriverManager.getConnection(demo.url())) {
                assertThat(number(shop, "SELECT count(*) FROM customers")).isEqualTo(1_000);
                assertThat(number(shop, "SELECT count(*) FROM products")).isEqualTo(200);
                assertThat(number(shop, "SELECT count(*) FROM inventory")).isEqualTo(600);
                assertThat(number(shop, "SELECT count(*) FROM orders")).isEqualTo(2_500);
                assertThat(
                                number(
                                        shop,
                                        "SELECT count(*) FROM orders WHERE NOT EXISTS (SELECT FROM"
                                                + " order_lines WHERE order_id = orders.id)"))
                        .as("orders of nothing")
                        .isZero();
                assertThat(
                                number(
                                        shop,
                                        "SELECT count(*) FROM orders JOIN customers ON"
                                                + " customers.id = customer_id WHERE placed_at < created_at"))
                        .as("orders of customers that were none yet")
                        .isZero();
                assertThat(number(shop, "SELECT inet_server_port()"))
                        .as("the port of PostgreSQL itself")
                        .isNotEqualTo(port);
            }
            assertThat(demo.health()).contains("127.0.0.1:" + httpPort);
            try (InputStream health = URI.create(demo.health()).toURL().openStream()) {
                assertThat(new String(health.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("\"UP\"");
            }
            assertThat(demo.end("TERM")).as(demo.errors()).isZero();
            demo.assertNothingIsLeft();
        }
    }

    @Test
    void whatIsWrittenToAKeptFolderIsThereTheNextTime() throws Exception {
        String data = folder.resolve("data").toString();
        try (DemoProcess demo =
                start("--port", "0", "--http-port", "0", "--data", data).awaitReady()) {
            try (Connection shop = DriverManager.getConnection(demo.url())) {
                number(
                        shop,
                        "INSERT INTO customers (email, name, city) VALUES ('me@example.com', 'Me',"
                                + " 'Here') RETURNING id");
            }
            if (succeeds("psql --version")) {
                assertThat(succeeds(demo.psql() + " -c 'TABLE inventory'"))
                        .as("the psql line as it is printed")
                        .isTrue();
            } else {
                System.out.println("psql is not installed: its line is not tried");
            }
            assertThat(demo.end("INT")).as(demo.errors()).isZero();
            demo.assertNothingIsLeft();
        }
        try (DemoProcess demo =
                start("--port", "0", "--http-port", "0", "--data", data).awaitReady()) {
            try (Connection shop = DriverManager.getConnection(demo.url())) {
                assertThat(number(shop, "SELECT count(*) FROM customers")).isEqualTo(1_001);
                assertThat(number(shop, "SELECT id FROM customers WHERE email = 'me@example.com'"))
                        .isEqualTo(1_001);
            }
            assertThat(demo.end("TERM")).as(demo.errors()).isZero();
        }
    }

    @Test
    void readsAreAnsweredByReplicasAndWritesAreSeenAtOnce() throws Exception {
        try (DemoProcess demo = start("--port", "0", "--http-port", "0").awaitReady();
                Connection shop = DriverManager.getConnection(demo.url());
                Connection console = console(demo)) {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> {
                        // A session stays where it is, so each look is one of its own.
                        try (Connection other = DriverManager.getConnection(demo.url())) {
                            assertThat(number(other, "SELECT count(*) FROM customers"))
                                    .isPositive();
                        }
                        assertThat(readsByReplicas(console)).hasSize(2).doesNotContain(0L);
                    });
            long before = number(shop, "SELECT count(*) FROM customers");
            number(
                    shop,
                    "INSERT INTO customers (email, name, city) VALUES ('me@example.com', 'Me',"
                            + " 'Here') RETURNING id");
            assertThat(number(shop, "SELECT count(*) FROM customers")).isEqualTo(before + 1);
            try (Statement statement = console.createStatement()) {
                statement.execute(demo.switchover());
            }
            number(
                    shop,
                    "UPDATE customers SET name = 'I' WHERE email = 'me@example.com' RETURNING id");
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(readsByReplicas(console)).hasSize(2));
        }
    }

    @Test
    void aKilledDemoTakesUpItsReplicasAgainAndLeavesNoProcess() throws Exception {
        String data = folder.resolve("data").toString();
        try (DemoProcess demo =
                start("--port", "0", "--http-port", "0", "--data", data).awaitReady()) {
            demo.end("KILL");
            Path mark = Files.createFile(folder.resolve("data-replica-1").resolve("not-anew"));
            try (DemoProcess next =
                    start("--port", "0", "--http-port", "0", "--data", data, "--replicas", "1")
                            .awaitReady()) {
                demo.assertServersAreGone();
                assertThat(mark).exists();
                try (Connection console = console(next)) {
                    assertThat(readsByReplicas(console)).hasSize(1);
                }
                assertThat(next.end("INT")).as(next.errors()).isZero();
                next.assertNothingIsLeft();
            }
        }
    }

    private static Connection console(DemoProcess demo) throws SQLException {
        return DriverManager.getConnection(
                demo.url().replace("/shop?", "/weir?preferQueryMode=simple&"));
    }

    private static List<Long> readsByReplicas(Connection console) throws SQLException {
        List<Long> reads = new ArrayList<>();
        try (Statement statement = console.createStatement();
                ResultSet places = statement.executeQuery("SHOW PLACES")) {
            while (places.next()) {
                // Null as long as nobody knows what the server is.
                if ("replica".equals(places.getString("role"))) {
                    reads.add(places.getLong("reads"));
                }
            }
        }
        return reads;
    }

    private DemoProcess start(String... args) throws IOException {
        return DemoProcess.start(temporary, args);
    }

    private static boolean succeeds(String command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("/bin/sh", "-c", command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            System.out.println(command + ": " + output);
        }
        return status == 0;
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getLong(1);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}

package dev.weir.deploy.demo;

import dev.weir.deploy.local.Credentials;
import dev.weir.deploy.local.LocalPostgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Gives a sidecar a second of ordinary work and ends it, so that the JVM which it runs on can write
 * down what it has loaded and linked: the launcher's AOT cache.
 *
 * <p>The HTTP port is not part of it. A JVM takes all that is in the cache before it does anything
 * else, and a thousand classes more would keep the first client waiting for 60 ms, while the HTTP
 * port has a thread of its own to load them in.
 */
final class StartTraining {
    private static final Credentials ROLE = new Credentials("training", "training");
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration WORK = Duration.ofSeconds(1);

    /** The JVM writes the cache when it ends, which takes some seconds. */
    private static final Duration END_LIMIT = Duration.ofSeconds(60);

    private StartTraining() {}

    /**
     * @param args the command that starts a sidecar, without its configuration
     */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("weir-training-");
        Path config = folder.resolve("weir.yaml");
        try (LocalPostgres postgres = LocalPostgres.builder().start()) {
            postgres.createRole(ROLE.name(), ROLE.password());
            int port = freePort();
            Files.writeString(config, yaml(port, postgres.port()));
            List<String> command = new ArrayList<>(List.of(args));
            command.addAll(List.of("-c", config.toString()));
            Process sidecar = new ProcessBuilder(command).inheritIO().start();
            try {
                work(sidecar, port);
            } finally {
                sidecar.destroy();
                if (!sidecar.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    sidecar.destroyForcibly().waitFor();
                }
            }
        } finally {
            Files.deleteIfExists(config);
            Files.delete(folder);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket =
                new ServerSocket(0, 1, InetAddress.ofLiteral(FlagPort.LOOPBACK))) {
            return socket.getLocalPort();
        }
    }

    private static String yaml(int port, int postgresPort) {
        return """
        listen-addr: %s
        listen-port: %d
        http-port: 0
        auth-type: scram-sha-256
        databases:
          postgres: { host: 127.0.0.1, port: %d }
        users:
          %s: { password: %s }
        """
                .formatted(FlagPort.LOOPBACK, port, postgresPort, ROLE.name(), ROLE.password());
    }

    private static void work(Process sidecar, int port) throws SQLException, InterruptedException {
        String url =
                "jdbc:postgresql://%s:%d/postgres?user=%s&password=%s&connectTimeout=10"
                        .formatted(FlagPort.LOOPBACK, port, ROLE.name(), ROLE.password());
        awaitLogin(sidecar, url);
        long end = System.nanoTime() + WORK.toNanos();
        do {
            // The three ways to send a statement that drivers have.
            for (String way :
                    List.of(
                            "simple",
                            "extended&prepareThreshold=0",
                            "extended&prepareThreshold=1")) {
                try (Connection connection =
                        DriverManager.getConnection(url + "&preferQueryMode=" + way)) {
                    practise(connection);
                }
            }
        } while (System.nanoTime() < end);
    }

    private static void awaitLogin(Process sidecar, String url)
            throws SQLException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try (Connection _ = DriverManager.getConnection(url)) {
                return;
            } catch (SQLException e) {
                if (!sidecar.isAlive() || System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    private static void practise(Connection connection) throws SQLException {
        try (PreparedStatement one =
                connection.prepareStatement(
                        "SELECT i, repeat('x', i) FROM generate_series(1, ?) i")) {
            for (int i = 0; i < 50; i++) {
                one.setInt(1, i);
                try (ResultSet rows = one.executeQuery()) {
                    while (rows.next()) {
                        rows.getString(2);
                    }
                }
            }
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(10);
            try (ResultSet rows = statement.executeQuery("SELECT generate_series(1, 25)")) {
                while (rows.next()) {
                    rows.getInt(1);
                }
            }
            connection.commit();
            try {
                statement.execute("SELECT 1 / 0");
            } catch (SQLException e) {
                // Errors are part of the work.
                connection.rollback();
            }
        }
    }
}

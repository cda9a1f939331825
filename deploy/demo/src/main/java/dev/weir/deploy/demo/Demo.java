package dev.weir.deploy.demo;

import dev.weir.app.Weir;
import dev.weir.config.ConfigException;
import dev.weir.config.ConfigSource;
import dev.weir.deploy.local.Credentials;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.deploy.local.LocalPostgresBuilder;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * The parts of the demo, started in the order in which they need each other and ended in the
 * opposite one. For one thread.
 */
final class Demo implements AutoCloseable {
    private final int port;
    private final int httpPort;
    private final @Nullable Path data;
    private final Steps steps;
    private @Nullable LocalPostgres postgres;
    private @Nullable Weir weir;

    /**
     * @param port for clients, 0 for a free one
     * @param httpPort for operators, 0 for none
     * @param data the folder to keep; null for a temporary one
     */
    Demo(int port, int httpPort, @Nullable Path data, Steps steps) {
        this.port = port;
        this.httpPort = httpPort;
        this.data = data;
        this.steps = steps;
    }

    /**
     * Starts everything, unless the end is asked for meanwhile.
     *
     * @return whether all runs
     */
    boolean start(Ending ending) throws IOException, SQLException {
        LocalPostgres primary;
        try (var _ = steps.begin("Starting PostgreSQL")) {
            primary = startPostgres();
            postgres = primary;
        }
        if (ending.isAsked()) {
            return false;
        }
        Shop shop = new Shop(primary);
        if (!shop.isThere()) {
            try (var _ = steps.begin("Filling the database " + Shop.DATABASE)) {
                shop.make();
            }
        }
        if (ending.isAsked()) {
            return false;
        }
        try (var _ = steps.begin("Starting Weir")) {
            Weir sidecar = start(primary.port());
            weir = sidecar;
            if (httpPort != 0 && !sidecar.awaitHttp()) {
                throw new IOException(new FlagPort("--http-port", httpPort).taken());
            }
        }
        return !ending.isAsked();
    }

    private LocalPostgres startPostgres() {
        LocalPostgresBuilder builder =
                LocalPostgres.builder()
                        .setting("max_connections", "100")
                        .setting("shared_buffers", "64MB")
                        .setting("log_min_duration_statement", "1s")
                        .setting("log_lock_waits", "on");
        if (data != null) {
            builder.data(data);
        }
        return builder.start();
    }

    private Weir start(int postgresPort) throws IOException {
        try {
            return Weir.start(ConfigSource.text(yaml(postgresPort), "the demo's configuration"));
        } catch (ConfigException e) {
            throw new IllegalStateException("the demo's own configuration is refused", e);
        }
    }

    private String yaml(int postgresPort) {
        return """
        listen-addr: %s
        listen-port: %d
        http-port: %d
        auth-type: scram-sha-256
        admin-users: %s
        databases:
          %s: { host: 127.0.0.1, port: %d }
        users:
          %s: { password: %s }
        """
                .formatted(
                        FlagPort.LOOPBACK,
                        port,
                        httpPort,
                        Shop.USER.name(),
                        Shop.DATABASE,
                        postgresPort,
                        Shop.USER.name(),
                        Shop.USER.password());
    }

    /** Prints where each part is, and how to reach it. */
    void describe(PrintStream out) {
        if (weir == null || postgres == null) {
            throw new IllegalStateException("the demo is not started");
        }
        Credentials superuser = postgres.superuser();
        Credentials user = Shop.USER;
        out.println();
        out.printf(
                "  Weir        %s:%d, log in as %s, password %s%n",
                FlagPort.LOOPBACK, weir.port(), user.name(), user.password());
        if (httpPort != 0) {
            out.printf("  Health      http://%s:%d/observe/health%n", FlagPort.LOOPBACK, httpPort);
        }
        out.printf(
                "  PostgreSQL  %s:%d, superuser %s, password %s%n",
                FlagPort.LOOPBACK, postgres.port(), superuser.name(), superuser.password());
        out.printf(
                "              data in %s%s%n",
                postgres.data(), data == null ? ", until the demo ends" : "");
        out.println();
        out.printf(
                "  JDBC        jdbc:postgresql://%s:%d/%s?user=%s&password=%s%n",
                FlagPort.LOOPBACK, weir.port(), Shop.DATABASE, user.name(), user.password());
        out.printf(
                "  psql        PGPASSWORD=%s psql -h %s -p %d -U %s %s%n",
                user.password(), FlagPort.LOOPBACK, weir.port(), user.name(), Shop.DATABASE);
        out.printf(
                "  Console     PGPASSWORD=%s psql -h %s -p %d -U %s weir -c 'SHOW POOLS'%n",
                user.password(), FlagPort.LOOPBACK, weir.port(), user.name());
        out.println();
        out.println("Ctrl-C ends the demo.");
    }

    @Override
    public void close() {
        if (weir != null) {
            weir.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }
}

package dev.weir.deploy.demo;

import dev.weir.app.Weir;
import dev.weir.config.ConfigException;
import dev.weir.config.ConfigSource;
import dev.weir.deploy.local.Credentials;
import dev.weir.deploy.local.LocalPostgres;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Collectors;

/**
 * The parts of the demo, started in the order in which they need each other and ended in the
 * opposite one. For one thread.
 */
final class Demo implements AutoCloseable {
    private final int port;
    private final int httpPort;
    private final Servers servers;
    private final boolean kept;
    private final Steps steps;
    private @Nullable Weir weir;

    /**
     * @param port for clients, 0 for a free one
     * @param httpPort for operators, 0 for none
     * @param data the folder to keep; null for a temporary one
     * @param replicas 0 to {@link Servers#MOST_REPLICAS}
     */
    Demo(int port, int httpPort, @Nullable Path data, int replicas, Steps steps) {
        this.port = port;
        this.httpPort = httpPort;
        this.servers = new Servers(data, replicas);
        this.kept = data != null;
        this.steps = steps;
    }

    /**
     * Starts everything, unless the end is asked for meanwhile.
     *
     * @return whether all runs
     */
    boolean start(Ending ending) throws IOException, SQLException {
        try (var _ = steps.begin("Starting PostgreSQL")) {
            servers.startPrimary();
        }
        if (ending.isAsked()) {
            return false;
        }
        LocalPostgres primary = servers.primary();
        Shop shop = new Shop(primary);
        // Whatever is written from now on comes to them as well.
        servers.beginReplicas();
        if (!shop.isThere()) {
            try (var _ = steps.begin("Filling the database " + Shop.DATABASE)) {
                shop.make();
            }
        }
        shop.makeRouter();
        if (servers.wanted() > 0) {
            try (var _ = steps.begin("Starting " + count(servers.wanted()))) {
                servers.awaitReplicas();
            }
        }
        if (ending.isAsked()) {
            return false;
        }
        try (var _ = steps.begin("Starting Weir")) {
            Weir sidecar = startWeir();
            weir = sidecar;
            if (httpPort != 0 && !sidecar.awaitHttp()) {
                throw new IOException(new FlagPort("--http-port", httpPort).taken());
            }
        }
        return !ending.isAsked();
    }

    private static String count(int replicas) {
        return replicas == 1 ? "a replica" : replicas + " replicas";
    }

    private Weir startWeir() throws IOException {
        try {
            return Weir.start(ConfigSource.text(yaml(), "the demo's configuration"));
        } catch (ConfigException e) {
            throw new IllegalStateException("the demo's own configuration is refused", e);
        }
    }

    private String yaml() {
        return """
        listen-addr: %s
        listen-port: %d
        http-port: %d
        auth-type: scram-sha-256
        admin-users: %s
        databases:
          %s: { host: 127.0.0.1, port: %d%s }
        users:
          %s: { password: %s }
          %s: { password: %s }
          %s: { password: %s }
        """
                .formatted(
                        FlagPort.LOOPBACK,
                        port,
                        httpPort,
                        Shop.USER.name(),
                        Shop.DATABASE,
                        servers.primary().port(),
                        routing(),
                        Shop.USER.name(),
                        Shop.USER.password(),
                        Shop.ROUTER.name(),
                        Shop.ROUTER.password(),
                        servers.primary().superuser().name(),
                        servers.primary().superuser().password());
    }

    private String routing() {
        return servers.replicas().isEmpty()
                ? ""
                : servers.replicas().stream()
                        .map(it -> FlagPort.LOOPBACK + ":" + it.port())
                        .collect(
                                Collectors.joining(
                                        ", ",
                                        ", replicas: \"",
                                        "\", router-user: %s, switchover-user: %s, demote-command: %s"
                                                .formatted(
                                                        Shop.ROUTER.name(),
                                                        servers.primary().superuser().name(),
                                                        servers.demoteCommand())));
    }

    /** Prints where each part is, and how to reach it. */
    void describe(PrintStream out) {
        if (weir == null) {
            throw new IllegalStateException("the demo is not started");
        }
        LocalPostgres postgres = servers.primary();
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
                postgres.data(), kept ? "" : ", until the demo ends");
        for (int i = 0; i < servers.replicas().size(); i++) {
            LocalPostgres replica = servers.replicas().get(i);
            out.printf(
                    "  Replica %d   %s:%d, data in %s%n",
                    i + 1, FlagPort.LOOPBACK, replica.port(), replica.data());
        }
        out.println();
        out.printf(
                "  JDBC        jdbc:postgresql://%s:%d/%s?user=%s&password=%s%n",
                FlagPort.LOOPBACK, weir.port(), Shop.DATABASE, user.name(), user.password());
        out.printf(
                "  psql        PGPASSWORD=%s psql -h %s -p %d -U %s %s%n",
                user.password(), FlagPort.LOOPBACK, weir.port(), user.name(), Shop.DATABASE);
        out.printf(
                "  Console     PGPASSWORD=%s psql -h %s -p %d -U %s weir -c '%s'%n",
                user.password(),
                FlagPort.LOOPBACK,
                weir.port(),
                user.name(),
                servers.replicas().isEmpty() ? "SHOW POOLS" : "SHOW PLACES");
        if (!servers.replicas().isEmpty()) {
            out.println();
            out.println(
                    "What only reads is answered by the replicas, and the console counts it:"
                            + " SHOW PLACES, SHOW ROUTES.");
            out.printf(
                    "Another primary, and no error: SWITCHOVER TO %s:%d%n",
                    FlagPort.LOOPBACK, servers.replicas().getFirst().port());
        }
        out.println();
        out.println("Ctrl-C ends the demo.");
    }

    @Override
    public void close() {
        if (weir != null) {
            weir.close();
        }
        servers.close();
    }
}

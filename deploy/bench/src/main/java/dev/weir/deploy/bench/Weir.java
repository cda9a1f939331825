package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts Weir as its users do: a process of its own, by a command and a configuration file. */
final class Weir implements ProxyLauncher {
    /** In a command, the place of the configuration file. */
    static final String CONFIG = "{config}";

    /** Connections that the kernel holds until they are accepted, for every proxy. */
    static final int BACKLOG = 1024;

    private final String command;
    private final Path scratch;
    private final String routing;
    private final List<Endpoint> besides;

    /**
     * @param command for a shell, with {@link #CONFIG} in it
     * @param scratch a folder for configuration and output
     */
    Weir(String command, Path scratch) {
        this(command, scratch, "", List.of());
    }

    /**
     * The same, with more keys for the database.
     *
     * @param routing as YAML has them within braces, with a comma before each; empty for none
     */
    Weir(String command, Path scratch, String routing) {
        this(command, scratch, routing, List.of());
    }

    /**
     * The same, with more databases.
     *
     * @param besides where those named {@link #database} are
     */
    Weir(String command, Path scratch, List<Endpoint> besides) {
        this(command, scratch, "", besides);
    }

    private Weir(String command, Path scratch, String routing, List<Endpoint> besides) {
        this.command = command;
        this.scratch = scratch;
        this.routing = routing;
        this.besides = List.copyOf(besides);
    }

    /** The name of one of the databases that there are besides. */
    static String database(int index) {
        return "database-" + index;
    }

    private String databases() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < besides.size(); i++) {
            Endpoint there = besides.get(i);
            lines.append(
                    "  %s: { host: %s, port: %d, dbname: %s, user: %s }%n"
                            .formatted(
                                    database(i),
                                    there.host(),
                                    there.port(),
                                    there.database(),
                                    there.user()));
        }
        return lines.toString();
    }

    @Override
    public Contender contender() {
        return Contender.WEIR;
    }

    @Override
    public Started launch(Setup setup) throws RoundFailure {
        try {
            Endpoint endpoint = setup.postgres().at(LocalPort.free());
            Path config = scratch.resolve("weir-" + endpoint.port() + ".yaml");
            Files.writeString(config, yaml(setup, endpoint.port(), routing, databases()));
            String line = "exec " + command.replace(CONFIG, "'" + config + "'");
            return new Started(
                    endpoint,
                    Child.start(
                            List.of("/bin/sh", "-c", line),
                            scratch.resolve("weir-" + endpoint.port() + ".log"),
                            null,
                            Map.of()));
        } catch (IOException e) {
            throw new RoundFailure("Weir's configuration cannot be written", e);
        }
    }

    private static String tls(Setup setup) {
        return setup.login() == Login.TLS
                ? "client-tls-sslmode: allow\nclient-tls-key-file: %s\nclient-tls-cert-file: %s"
                        .formatted(setup.identity().keyFile(), setup.identity().certFile())
                : "client-tls-sslmode: disable";
    }

    static String yaml(Setup setup, int port, String routing, String databases) {
        Endpoint postgres = setup.postgres();
        String password =
                setup.login() == Login.SCRAM ? "password: '" + setup.verifier() + "'" : "";
        return """
        listen-addr: %s
        listen-port: %d
        listen-backlog: %d
        http-port: 0
        auth-type: %s
        pool-mode: transaction
        default-pool-size: %d
        max-client-conn: %d
        max-prepared-statements: %d
        query-wait-timeout: 120s
        server-tls-sslmode: disable
        %s
        databases:
          %s: { host: %s, port: %d, user: %s%s }
        %susers:
          %s: { %s }
        """
                .formatted(
                        postgres.host(),
                        port,
                        BACKLOG,
                        setup.login() == Login.SCRAM ? "scram-sha-256" : "trust",
                        POOL_SIZE,
                        setup.maxClients(),
                        MAX_PREPARED_STATEMENTS,
                        tls(setup),
                        postgres.database(),
                        postgres.host(),
                        postgres.port(),
                        postgres.user(),
                        routing,
                        databases,
                        postgres.user(),
                        password);
    }
}

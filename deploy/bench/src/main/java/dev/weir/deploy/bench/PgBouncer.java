package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts PgBouncer as it comes from the distribution, as an ordinary user. */
final class PgBouncer implements ProxyLauncher {
    /** The first version that keeps prepared statements in transaction mode. */
    private static final int[] PREPARES_SINCE = {1, 21};

    private final Contender contender;
    private final Path program;
    private final String version;
    private final Path scratch;
    private final List<String> asOrdinaryUser;

    /**
     * @param contender as whom it runs
     * @param program its executable
     * @param scratch an empty folder that every user may enter
     */
    PgBouncer(Contender contender, Path program, Path scratch) throws BenchFailure, IOException {
        this.contender = contender;
        this.program = program;
        this.version = Tools.versionLine(program);
        this.scratch = scratch;
        this.asOrdinaryUser = OrdinaryUser.isRoot() ? OrdinaryUser.prefix() : List.of();
    }

    /** As it states itself. */
    String version() {
        return version;
    }

    /** Whether pgbench's prepared mode works through it in transaction mode. */
    boolean preparesInTransactionMode() {
        return Tools.atLeast(version, PREPARES_SINCE[0], PREPARES_SINCE[1]);
    }

    @Override
    public Contender contender() {
        return contender;
    }

    @Override
    public Started launch(Setup setup) throws RoundFailure {
        try {
            Endpoint endpoint = setup.postgres().at(LocalPort.free());
            Path folder = Files.createTempDirectory(scratch, "pgbouncer-");
            Path users = folder.resolve("users.txt");
            Files.writeString(users, users(setup));
            Path ini = folder.resolve("pgbouncer.ini");
            Files.writeString(ini, ini(setup, endpoint.port(), users));
            Path key = Files.copy(setup.identity().keyFile(), folder.resolve("bench.key"));
            Path certificate = Files.copy(setup.identity().certFile(), folder.resolve("bench.crt"));
            List<String> command = new ArrayList<>();
            if (!asOrdinaryUser.isEmpty()) {
                OrdinaryUser.give(folder, users, ini, key, certificate);
                command.addAll(asOrdinaryUser);
            }
            command.add(program.toString());
            command.add(ini.toString());
            return new Started(
                    endpoint,
                    Child.start(
                            command,
                            scratch.resolve("output-" + endpoint.port()),
                            folder,
                            Map.of()));
        } catch (IOException e) {
            throw new RoundFailure("PgBouncer's configuration cannot be written", e);
        }
    }

    private static String users(Setup setup) {
        String secret = setup.login() == Login.SCRAM ? setup.verifier() : "";
        return "\"" + setup.postgres().user() + "\" \"" + secret + "\"\n";
    }

    private String ini(Setup setup, int port, Path users) {
        Endpoint postgres = setup.postgres();
        StringBuilder ini = new StringBuilder();
        ini.append("[databases]\n")
                .append(postgres.database())
                .append(" = host=")
                .append(postgres.host())
                .append(" port=")
                .append(postgres.port())
                .append(" user=")
                .append(postgres.user())
                .append('\n');
        ini.append("[pgbouncer]\n");
        line(ini, "listen_addr", postgres.host());
        line(ini, "listen_port", port);
        line(ini, "unix_socket_dir", "");
        line(ini, "auth_type", setup.login() == Login.SCRAM ? "scram-sha-256" : "trust");
        line(ini, "auth_file", users);
        line(ini, "pool_mode", "transaction");
        line(ini, "default_pool_size", POOL_SIZE);
        line(ini, "max_client_conn", setup.maxClients());
        line(ini, "query_wait_timeout", 120);
        line(ini, "listen_backlog", Weir.BACKLOG);
        line(ini, "server_tls_sslmode", "disable");
        if (setup.login() == Login.TLS) {
            Path folder = users.resolveSibling("bench");
            line(ini, "client_tls_sslmode", "allow");
            line(ini, "client_tls_key_file", folder + ".key");
            line(ini, "client_tls_cert_file", folder + ".crt");
        }
        // One log line per login would be measured by the connect storm.
        line(ini, "log_connections", 0);
        line(ini, "log_disconnections", 0);
        if (preparesInTransactionMode()) {
            line(ini, "max_prepared_statements", MAX_PREPARED_STATEMENTS);
        }
        return ini.toString();
    }

    private static void line(StringBuilder ini, String key, Object value) {
        ini.append(key).append(" = ").append(value).append('\n');
    }
}

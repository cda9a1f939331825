package dev.weir.deploy.bench;

import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.deploy.local.LocalPostgresBuilder;
import dev.weir.deploy.local.LocalServerException;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The PostgreSQL that everybody is measured against, with pgbench's tables in it. It asks one user
 * for no password, as the proxies' server side, and another for SCRAM, for logins directly.
 */
final class Database implements AutoCloseable {
    /** What differs from PostgreSQL's defaults, and is stated in every report. */
    static final Map<String, String> SETTINGS = settings();

    private static final int MAX_CONNECTIONS = 1200;
    private static final String NAME = "bench";
    private static final String USER = "bench";
    private static final String SCRAM_USER = "bench_scram";
    private static final String PASSWORD = "bench-password";

    private final LocalPostgres server;
    private final Endpoint endpoint;
    private final String verifier;
    private final String version;

    private Database(LocalPostgres server, String verifier, String version) {
        this.server = server;
        this.endpoint = new Endpoint("127.0.0.1", server.port(), NAME, USER, PASSWORD);
        this.verifier = verifier;
        this.version = version;
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("max_connections", Integer.toString(MAX_CONNECTIONS));
        settings.put("shared_buffers", "256MB");
        settings.put("fsync", "off");
        settings.put("autovacuum", "off");
        settings.put("max_wal_size", "8GB");
        settings.put("checkpoint_timeout", "1h");
        return settings;
    }

    /**
     * Starts it with an empty database.
     *
     * @param identity the certificate that it shows to those who ask for TLS
     * @param authority who has issued that
     */
    static Database start(LocalAuthority.Issued identity, Path authority) throws BenchFailure {
        LocalPostgresBuilder builder =
                LocalPostgres.builder()
                        .authMethod("trust")
                        .tls(identity, authority)
                        .hba("host all " + SCRAM_USER + " 127.0.0.1/32 scram-sha-256");
        SETTINGS.forEach(builder::setting);
        try {
            LocalPostgres server = builder.start();
            try {
                return create(server);
            } catch (LocalServerException | SQLException e) {
                server.close();
                throw e;
            }
        } catch (LocalServerException | SQLException e) {
            throw new BenchFailure("PostgreSQL cannot be started: " + e.getMessage(), e);
        }
    }

    private static Database create(LocalPostgres server) throws SQLException {
        server.createRole(USER, PASSWORD);
        server.createRole(SCRAM_USER, PASSWORD);
        server.execute("GRANT " + USER + " TO " + SCRAM_USER);
        server.createDatabase(NAME, USER);
        try (Connection superuser = server.connect("postgres");
                Statement statement = superuser.createStatement()) {
            String verifier =
                    value(
                            statement,
                            "SELECT rolpassword FROM pg_authid WHERE rolname = '" + USER + "'");
            return new Database(server, verifier, value(statement, "SHOW server_version"));
        }
    }

    private static String value(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    /** Makes pgbench's tables. */
    void fill(Path pgbench, int scale, Path scratch)
            throws BenchFailure, RoundFailure, InterruptedException {
        List<String> command =
                List.of(
                        pgbench.toString(),
                        "--initialize",
                        "--quiet",
                        "--scale=" + scale,
                        "--host=" + endpoint.host(),
                        "--port=" + endpoint.port(),
                        "--username=" + endpoint.user(),
                        endpoint.database());
        try (Child child = Child.start(command, scratch.resolve("initialize"), null, Map.of())) {
            if (!child.ends(Duration.ofSeconds(30 + 10L * scale)) || child.exitStatus() != 0) {
                throw new BenchFailure("pgbench -i failed:\n" + child.lastWords());
            }
        }
    }

    /** The server that it is in. */
    LocalPostgres server() {
        return server;
    }

    /** Where clients go; asks for no password. */
    Endpoint endpoint() {
        return endpoint;
    }

    /** The same for clients that want to be asked for SCRAM-SHA-256. */
    Endpoint scramEndpoint() {
        return endpoint.as(SCRAM_USER);
    }

    /** The user's SCRAM-SHA-256 verifier. */
    String verifier() {
        return verifier;
    }

    /** As PostgreSQL states it. */
    String version() {
        return version;
    }

    @Override
    public void close() {
        server.close();
    }
}

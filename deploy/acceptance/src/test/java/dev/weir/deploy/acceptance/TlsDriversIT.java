package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.app.Weir;
import dev.weir.config.ClientTlsConfig;
import dev.weir.config.LoginConfig.AuthType;
import dev.weir.config.TlsFiles;
import dev.weir.config.TlsMode;
import dev.weir.config.TlsProtocol;
import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What drivers come to with each of their modes, against each of Weir's. */
class TlsDriversIT {
    private static final int DIRECT_SINCE = 17;

    @TempDir private static Path folder;

    private static LocalPostgres postgres;
    private static LocalAuthority authority;
    private static LocalAuthority.Issued own;
    private static LocalAuthority.Issued app;

    /** The key of {@link #app} in the form that pgjdbc reads. */
    private static Path binaryKey;

    @BeforeAll
    static void start() throws IOException {
        authority = new LocalAuthority(folder, "authority");
        own = authority.issue("localhost", "localhost", "127.0.0.1");
        app = authority.issue("app");
        String pem = Files.readString(app.keyFile(), StandardCharsets.US_ASCII);
        binaryKey =
                Files.write(
                        folder.resolve("app.pk8"),
                        Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]+-----", "")));
        Files.setPosixFilePermissions(binaryKey, PosixFilePermissions.fromString("rw-------"));
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "secret");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Weir weir(TlsMode mode, AuthType type) throws IOException {
        TlsFiles files =
                new TlsFiles(
                        own.keyFile(),
                        own.certFile(),
                        authority.certificate(),
                        List.of(TlsProtocol.values()),
                        List.of());
        return Proxy.inFrontOf(postgres.port())
                .authType(type)
                .user("app", "secret")
                .clientTls(mode.offered() ? new ClientTlsConfig(mode, files) : ClientTlsConfig.NONE)
                .start();
    }

    private static String written(TlsMode mode) {
        return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether both sides' modes, and the login, leave a way; each client has a certificate. */
    private static boolean fits(TlsMode weir, AuthType type, TlsMode client) {
        boolean needsTls = weir.required() || type == AuthType.CERT;
        return weir.offered() ? client.offered() || !needsTls : !client.required();
    }

    private static boolean encrypts(TlsMode weir, AuthType type, TlsMode client) {
        boolean needsTls = weir.required() || type == AuthType.CERT;
        return weir.offered() && client.offered() && (client != TlsMode.ALLOW || needsTls);
    }

    private static List<AuthType> logins(TlsMode weir) {
        return weir.offered()
                ? List.of(AuthType.SCRAM_SHA_256, AuthType.CERT)
                : List.of(AuthType.SCRAM_SHA_256);
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void pgjdbcInEachOfItsModes(TlsMode mode) throws IOException {
        SoftAssertions soft = new SoftAssertions();
        for (AuthType type : logins(mode)) {
            try (Weir weir = weir(mode, type)) {
                for (TlsMode client : TlsMode.values()) {
                    soft.assertThat(connects(weir, written(client), "postgres"))
                            .as("Weir %s, %s, pgjdbc %s", mode, type, client)
                            .isEqualTo(fits(mode, type, client));
                }
                soft.assertThat(connects(weir, "require", "direct"))
                        .as("Weir %s, %s, pgjdbc direct", mode, type)
                        .isEqualTo(mode.offered());
            }
        }
        soft.assertAll();
    }

    private static boolean connects(Weir weir, String sslmode, String negotiation) {
        String url =
                "jdbc:postgresql://localhost:%d/postgres?user=app&password=secret&sslmode=%s&sslNegotiation=%s&sslrootcert=%s&sslcert=%s&sslkey=%s"
                        .formatted(
                                weir.port(),
                                sslmode,
                                negotiation,
                                authority.certificate(),
                                app.certFile(),
                                binaryKey);
        try (Connection connection = DriverManager.getConnection(url)) {
            return connection.createStatement().execute("SELECT 1");
        } catch (SQLException e) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void psqlInEachOfItsModes(TlsMode mode) throws Exception {
        PsqlTool psql = PsqlTool.require("psql");
        SoftAssertions soft = new SoftAssertions();
        for (AuthType type : logins(mode)) {
            try (Weir weir = weir(mode, type)) {
                for (TlsMode client : TlsMode.values()) {
                    PsqlTool.Result result =
                            psql.to(weir.port(), "postgres", "app")
                                    .with(environment(written(client)))
                                    .run("", "-Xtc", "\\conninfo");
                    String what = "Weir " + mode + ", " + type + ", psql " + client;
                    soft.assertThat(result.status() == 0)
                            .as(what + ": " + result.output())
                            .isEqualTo(fits(mode, type, client));
                    if (result.status() == 0) {
                        soft.assertThat(result.output().contains("SSL connection"))
                                .as(what + " with TLS: " + result.output())
                                .isEqualTo(encrypts(mode, type, client));
                    }
                }
            }
        }
        soft.assertAll();
    }

    private static Map<String, String> environment(String sslmode) {
        Map<String, String> environment = new HashMap<>();
        environment.put("PGHOST", "localhost");
        environment.put("PGPASSWORD", "secret");
        environment.put("PGSSLMODE", sslmode);
        environment.put("PGSSLROOTCERT", authority.certificate().toString());
        environment.put("PGSSLCERT", app.certFile().toString());
        environment.put("PGSSLKEY", app.keyFile().toString());
        return environment;
    }

    @Test
    void psqlBeginsWithTlsAndSendsAPipeline() throws Exception {
        PsqlTool psql = PsqlTool.require("psql");
        String version = psql.run("", "--version").output().replaceAll("\\D+(\\d+)[\\s\\S]*", "$1");
        boolean recent = Integer.parseInt(version) > DIRECT_SINCE;
        String reason = "psql is of version " + version + "; \\startpipeline is version 18's";
        if (!recent) {
            System.out.println("skipped: " + reason);
        }
        assumeTrue(recent, reason);
        Map<String, String> environment = environment("verify-full");
        environment.put("PGSSLNEGOTIATION", "direct");
        try (Weir weir = weir(TlsMode.REQUIRE, AuthType.CERT)) {
            PsqlTool.Result result =
                    psql.to(weir.port(), "postgres", "app")
                            .with(environment)
                            .run(
                                    "\\startpipeline\nSELECT 1 \\sendpipeline\nSELECT 2 \\sendpipeline\n\\endpipeline\n",
                                    "-XAt");
            assertThat(result.output()).isEqualTo("1\n2\n");
        }
    }

    @Test
    void nodePostgresWithAndWithoutTls() throws Exception {
        boolean present =
                Shell.has("node")
                        && Shell.run(Path.of("."), Map.of(), List.of("node", "-e", "require('pg')"))
                                        .status()
                                == 0;
        String reason = "node with its package pg is not installed (npm install -g pg, NODE_PATH)";
        if (!present) {
            System.out.println("skipped: " + reason);
        }
        assumeTrue(present, reason);
        try (Weir weir = weir(TlsMode.ALLOW, AuthType.SCRAM_SHA_256)) {
            for (String ssl :
                    List.of(
                            "false",
                            "{rejectUnauthorized: false}",
                            "{ca: require('fs').readFileSync('%s')}"
                                    .formatted(authority.certificate()))) {
                String script =
                        "const {Client} = require('pg'); const c = new Client({host: 'localhost', port: %d, user: 'app', password: 'secret', database: 'postgres', ssl: %s}); c.connect().then(() => c.query('SELECT $1::int AS n', [42])).then(r => {console.log(r.rows[0].n); return c.end()}).catch(e => {console.log(String(e)); process.exit(1)})"
                                .formatted(weir.port(), ssl);
                assertThat(Shell.run(Path.of("."), Map.of(), List.of("node", "-e", script)))
                        .isEqualTo(new Shell(0, "42\n"));
            }
        }
    }
}

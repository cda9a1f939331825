package dev.weir.deploy.acceptance;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.config.TlsMode;
import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What drivers come to with each of their modes, against each of Weir's, with each way to log in.
 *
 * <p>Tried is, with Weir's {@code client-tls-sslmode} at each of its six values:
 *
 * <table>
 *   <caption>Drivers and what they can do</caption>
 *   <tr><th>driver</th><th>{@code sslmode}</th><th>direct</th></tr>
 *   <tr><td>pgjdbc</td><td>all six</td><td>yes</td></tr>
 *   <tr><td>psql with libpq 18</td><td>all six</td><td>yes</td></tr>
 *   <tr><td>libpq 18 in pipeline mode</td><td>all six</td><td>yes</td></tr>
 *   <tr><td>node-postgres 8.23</td><td>all but allow; prefer is require</td><td>yes</td></tr>
 * </table>
 *
 * <p>each with a password that Weir knows, with a certificate (where Weir has TLS), and with a
 * password that only PostgreSQL knows, whose proof Weir passes through. A combination that has no
 * way must be refused, and one that has must be encrypted or not as the two modes say.
 */
class TlsDriversIT {
    /** How {@code app} proves itself. */
    private enum Login {
        PASSWORD,
        CERTIFICATE,
        PASS_THROUGH
    }

    /**
     * One attempt.
     *
     * @param client the driver's mode; {@code direct} begins with TLS at once
     */
    private record Attempt(TlsMode weir, Login login, TlsMode client, boolean direct) {
        /** Whether both sides' modes, and the login, leave a way; each client has a certificate. */
        boolean fits() {
            return weir.offered() ? client.offered() || !needsTls() : !client.required();
        }

        boolean encrypts() {
            return weir.offered() && client.offered() && (client != TlsMode.ALLOW || needsTls());
        }

        private boolean needsTls() {
            return weir.required() || login == Login.CERTIFICATE;
        }

        String sslmode() {
            return written(client);
        }

        String negotiation() {
            return direct ? "direct" : "postgres";
        }
    }

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
        postgres = LocalPostgres.builder().authMethod("scram-sha-256").start();
        postgres.createRole("app", "secret");
        postgres.createRole("weir_auth", "lookup");
        postgres.execute("GRANT SELECT ON pg_catalog.pg_authid TO weir_auth");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Weir weir(TlsMode mode, Login login) throws Exception {
        String tls =
                """
                client-tls-sslmode: %s
                client-tls-key-file: "%s"
                client-tls-cert-file: "%s"
                client-tls-ca-file: "%s"
                """
                        .formatted(
                                written(mode),
                                own.keyFile(),
                                own.certFile(),
                                authority.certificate());
        String users =
                """
                users: { app: { password: secret } }
                """;
        String lookedUp =
                """
                auth-user: weir_auth
                users: { weir_auth: { password: lookup } }
                """;
        return Weir.start(
                ConfigFile.parse(
                        """
                        listen-port: 0
                        http-port: 0
                        failed-login-delay: 0
                        auth-type: %s
                        databases: { "*": { host: 127.0.0.1, port: %d } }
                        %s%s\
                        """
                                .formatted(
                                        login == Login.CERTIFICATE ? "cert" : "scram-sha-256",
                                        postgres.port(),
                                        mode.offered() ? tls : "",
                                        login == Login.PASS_THROUGH ? lookedUp : users),
                        "test"));
    }

    private static String written(TlsMode mode) {
        return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static List<Login> logins(TlsMode weir) {
        return weir.offered()
                ? List.of(Login.values())
                : List.of(Login.PASSWORD, Login.PASS_THROUGH);
    }

    /** Every mode of a driver that has them all. */
    private static List<Attempt> attempts(TlsMode weir, Login login) {
        List<Attempt> attempts = new ArrayList<>();
        for (TlsMode client : TlsMode.values()) {
            attempts.add(new Attempt(weir, login, client, false));
        }
        attempts.add(new Attempt(weir, login, TlsMode.VERIFY_FULL, true));
        return attempts;
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void pgjdbcInEachOfItsModes(TlsMode mode) throws Exception {
        SoftAssertions soft = new SoftAssertions();
        for (Login login : logins(mode)) {
            try (Weir weir = weir(mode, login)) {
                for (Attempt attempt : attempts(mode, login)) {
                    soft.assertThat(connects(weir, attempt))
                            .as("%s", attempt)
                            .isEqualTo(attempt.fits());
                }
            }
        }
        soft.assertAll();
    }

    private static boolean connects(Weir weir, Attempt attempt) {
        String url =
                "jdbc:postgresql://localhost:%d/postgres?user=app&password=secret&sslmode=%s&sslNegotiation=%s&sslrootcert=%s&sslcert=%s&sslkey=%s"
                        .formatted(
                                weir.port(),
                                attempt.sslmode(),
                                attempt.negotiation(),
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
        for (Login login : logins(mode)) {
            try (Weir weir = weir(mode, login)) {
                for (Attempt attempt : attempts(mode, login)) {
                    PsqlTool.Result result =
                            psql.to(weir.port(), "postgres", "app")
                                    .with(environment(attempt))
                                    .run("", "-Xtc", "\\conninfo");
                    String what = attempt + ": " + result.output();
                    soft.assertThat(result.status() == 0).as(what).isEqualTo(attempt.fits());
                    if (result.status() == 0) {
                        soft.assertThat(result.output().contains("SSL connection"))
                                .as(what)
                                .isEqualTo(attempt.encrypts());
                    }
                }
            }
        }
        soft.assertAll();
    }

    private static Map<String, String> environment(Attempt attempt) {
        Map<String, String> environment = new HashMap<>();
        // A psql of any version, over a libpq that knows every mode.
        environment.put("LD_LIBRARY_PATH", LibPq.folder().toString());
        environment.put("PGHOST", "localhost");
        environment.put("PGPASSWORD", "secret");
        environment.put("PGSSLMODE", attempt.sslmode());
        environment.put("PGSSLNEGOTIATION", attempt.negotiation());
        environment.put("PGSSLROOTCERT", authority.certificate().toString());
        environment.put("PGSSLCERT", app.certFile().toString());
        environment.put("PGSSLKEY", app.keyFile().toString());
        return environment;
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void libpqsPipelineInEachOfItsModes(TlsMode mode) throws Exception {
        LibPq libpq = LibPq.load();
        List<String> statements =
                List.of("SELECT 1", "SELECT current_user", "SELECT 1 / 0", "SELECT 4");
        List<String> answers = List.of("1", "app", "status 7", "4");
        SoftAssertions soft = new SoftAssertions();
        for (Login login : logins(mode)) {
            try (Weir weir = weir(mode, login)) {
                for (Attempt attempt : attempts(mode, login)) {
                    String conninfo =
                            "host=localhost port=%d dbname=postgres user=app password=secret sslmode=%s sslnegotiation=%s sslrootcert='%s' sslcert='%s' sslkey='%s'"
                                    .formatted(
                                            weir.port(),
                                            attempt.sslmode(),
                                            attempt.negotiation(),
                                            authority.certificate(),
                                            app.certFile(),
                                            app.keyFile());
                    LibPq.Outcome outcome = libpq.pipeline(conninfo, statements);
                    String what = attempt + ": " + outcome;
                    soft.assertThat(outcome.connected()).as(what).isEqualTo(attempt.fits());
                    if (outcome.connected()) {
                        soft.assertThat(outcome.encrypted()).as(what).isEqualTo(attempt.encrypts());
                        soft.assertThat(outcome.said()).as(what).isEqualTo(answers);
                    }
                }
            }
        }
        soft.assertAll();
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void nodePostgresInEachOfItsModes(TlsMode mode) throws Exception {
        NodePostgres node = NodePostgres.require();
        SoftAssertions soft = new SoftAssertions();
        for (Login login : logins(mode)) {
            try (Weir weir = weir(mode, login)) {
                List<Attempt> attempts =
                        attempts(mode, login).stream()
                                .filter(attempt -> attempt.client() != TlsMode.ALLOW)
                                .toList();
                List<String> outcomes =
                        node.connect(attempts.stream().map(it -> url(weir, it)).toList());
                for (int i = 0; i < outcomes.size(); i++) {
                    Attempt attempt = attempts.get(i);
                    String outcome = outcomes.get(i);
                    String what = attempt + ": " + outcome;
                    // It does not do without TLS where libpq would.
                    boolean fits =
                            attempt.fits() && (mode.offered() || !attempt.client().offered());
                    soft.assertThat(List.of("plain", "encrypted").contains(outcome))
                            .as(what)
                            .isEqualTo(fits);
                    if (fits) {
                        soft.assertThat(outcome.equals("encrypted"))
                                .as(what)
                                .isEqualTo(attempt.encrypts());
                    }
                }
            }
        }
        soft.assertAll();
    }

    private static String url(Weir weir, Attempt attempt) {
        return "postgres://app:secret@localhost:%d/postgres?uselibpqcompat=true&sslmode=%s&sslnegotiation=%s&sslrootcert=%s&sslcert=%s&sslkey=%s"
                .formatted(
                        weir.port(),
                        attempt.sslmode(),
                        attempt.negotiation(),
                        authority.certificate(),
                        app.certFile(),
                        app.keyFile());
    }
}

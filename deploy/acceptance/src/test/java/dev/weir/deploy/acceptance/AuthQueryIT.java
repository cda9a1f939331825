package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.LoginConversation.begin;
import static dev.weir.deploy.acceptance.LoginConversation.code;
import static dev.weir.deploy.acceptance.LoginConversation.converse;
import static dev.weir.deploy.acceptance.LoginConversation.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.ScramDialogue;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Users whose passwords only PostgreSQL knows, and who are logged in there with nothing but what
 * they proved to Weir.
 */
class AuthQueryIT {
    private static final String SECRET = "correct horse battery staple";
    private static final String LOOKUP = "password-of-auth-user";

    private static LocalPostgres postgres;
    private final List<Weir> running = new ArrayList<>();

    @BeforeAll
    static void start() {
        postgres =
                LocalPostgres.builder()
                        .authMethod("scram-sha-256")
                        .hba("host all legacy 127.0.0.1/32 md5")
                        .start();
        postgres.createRole("weir_auth", LOOKUP);
        postgres.execute("GRANT SELECT ON pg_catalog.pg_authid TO weir_auth");
        postgres.createRole("app", SECRET);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @AfterEach
    void close() {
        running.forEach(Weir::close);
    }

    private Weir weir(String top, String database) throws Exception {
        Weir weir =
                Weir.start(
                        ConfigFile.parse(
                                """
                                listen-port: 0
                                http-port: 0
                                server-login-retry: 100ms
                                auth-user: weir_auth
                                %s
                                databases:
                                  "*": { host: 127.0.0.1, port: %d%s }
                                users:
                                  weir_auth: { password: %s }
                                """
                                        .formatted(top, postgres.port(), database, LOOKUP),
                                "test"));
        running.add(weir);
        return weir;
    }

    private Weir weir() throws Exception {
        return weir("", "");
    }

    private static WireClient login(Weir weir, String user, String password) throws Exception {
        WireClient client = begin(weir, user);
        assertThat(converse(client, user, password).getLast()).hasToString("Authentication(0)");
        return client;
    }

    private static Backend refusal(Weir weir, String user, String password) throws Exception {
        try (WireClient client = begin(weir, user)) {
            Backend last = converse(client, user, password).getLast();
            assertThat(last.type()).as("%s", last).isEqualTo('E');
            client.expectClosed();
            return last;
        }
    }

    /** The login works, now or as soon as what was remembered is forgotten. */
    private static WireClient loginSoon(Weir weir, String user, String password) {
        AtomicReference<WireClient> client = new AtomicReference<>();
        await().untilAsserted(() -> client.set(login(weir, user, password)));
        return client.get();
    }

    // ---- look-up and pass-through ----

    @Test
    void aUserThatOnlyPostgresKnowsIsLoggedInThereWithWhatItProvedToWeir() throws Exception {
        for (String method : List.of("scram-sha-256", "md5", "password")) {
            Weir weir = weir("auth-type: " + method, "");
            try (WireClient client = login(weir, "app", SECRET)) {
                assertThat(client.one("SELECT current_user")).isEqualTo("app");
                client.terminate();
            }
        }
    }

    @Test
    void aConfiguredVerifierIsEnoughToLogInAtPostgres() throws Exception {
        String verifier;
        try (var connection = postgres.connect("postgres");
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT rolpassword FROM pg_authid WHERE rolname = 'app'")) {
            rows.next();
            verifier = rows.getString(1);
        }
        Weir weir =
                Weir.start(
                        ConfigFile.parse(
                                """
                                listen-port: 0
                                http-port: 0
                                databases: { "*": { host: 127.0.0.1, port: %d } }
                                users: { app: { password: "%s" } }
                                """
                                        .formatted(postgres.port(), verifier),
                                "test"));
        running.add(weir);
        try (WireClient client = login(weir, "app", SECRET)) {
            assertThat(client.one("SELECT current_user")).isEqualTo("app");
        }
    }

    @Test
    void aUserStoredWithMd5IsLoggedInByItsHash() throws Exception {
        postgres.execute("SET password_encryption = md5; CREATE ROLE legacy LOGIN PASSWORD 'old'");
        Weir weir = weir("auth-type: md5", "");
        try (WireClient client = login(weir, "legacy", "old")) {
            assertThat(client.one("SELECT current_user")).isEqualTo("legacy");
        }
        assertThat(refusal(weir, "legacy", "new").sqlState()).isEqualTo("28P01");
    }

    @Test
    void aFunctionOfTheOperatorsMayAnswerInAnotherDatabase() throws Exception {
        postgres.createDatabase("directory", "weir_auth");
        postgres.execute(
                "directory",
                """
                CREATE SCHEMA directory;
                GRANT USAGE ON SCHEMA directory TO weir_auth;
                CREATE FUNCTION directory.secret(name text) RETURNS text SECURITY DEFINER
                LANGUAGE sql SET search_path = pg_catalog
                RETURN (SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = name AND name <> 'postgres');
                REVOKE SELECT ON pg_catalog.pg_authid FROM weir_auth;
                """);
        Weir weir =
                weir(
                        "auth-dbname: directory\nauth-query: \"SELECT $1, directory.secret($1) WHERE '?' <> $1\"",
                        "");
        try (WireClient client = login(weir, "app", SECRET)) {
            assertThat(client.one("SELECT current_database()")).isEqualTo("postgres");
        }
    }

    // ---- who is not let in ----

    @Test
    void anUnknownUserIsTalkedToLikeOneWithAWrongPassword() throws Exception {
        Weir weir = weir();
        Backend wrong = refusal(weir, "app", "wrong");
        Backend unknown = refusal(weir, "nobody", "wrong");
        assertThat(unknown.toString().replace("nobody", "app")).isEqualTo(wrong.toString());
        assertThat(salt(weir, "nobody")).isEqualTo(salt(weir, "nobody")).isNotEmpty();
        assertThat(salt(weir, "somebody")).isNotEqualTo(salt(weir, "nobody"));
    }

    private static String salt(Weir weir, String user) throws Exception {
        try (WireClient client = begin(weir, user)) {
            assertThat(code(client.next())).isEqualTo(10);
            client.send(
                    Frontend.saslInitial(
                            ScramDialogue.MECHANISM, "n,,n=,r=" + ScramDialogue.NONCE));
            return dialogue("n,,", client.next()).attribute('s');
        }
    }

    @Test
    void aRoleThatMayNotLogInOrWhosePasswordHasExpiredIsRefused() throws Exception {
        postgres.execute("CREATE ROLE retired NOLOGIN PASSWORD 'right'");
        postgres.execute("CREATE ROLE expired LOGIN PASSWORD 'right' VALID UNTIL '2001-01-01'");
        postgres.execute("CREATE ROLE current LOGIN PASSWORD 'right' VALID UNTIL '2999-01-01'");
        postgres.execute("CREATE ROLE forever LOGIN PASSWORD 'right' VALID UNTIL 'infinity'");
        postgres.execute("CREATE ROLE bare LOGIN");
        Weir weir = weir();
        for (String role : List.of("retired", "expired", "bare")) {
            assertThat(refusal(weir, role, "right").sqlState()).as(role).isEqualTo("28P01");
        }
        for (String role : List.of("current", "forever")) {
            login(weir, role, "right").close();
        }
    }

    @Test
    void aPoisonedSearchPathDoesNotReachTheLookUp() throws Exception {
        postgres.execute(
                """
                CREATE SCHEMA evil;
                GRANT USAGE ON SCHEMA evil TO PUBLIC;
                CREATE TABLE evil.pg_authid (rolname text, rolpassword text, rolcanlogin bool, rolvaliduntil timestamptz);
                GRANT SELECT ON evil.pg_authid TO PUBLIC;
                INSERT INTO evil.pg_authid SELECT 'ghost', rolpassword, true, NULL FROM pg_catalog.pg_authid WHERE rolname = 'app';
                CREATE FUNCTION evil.always(name, text) RETURNS bool LANGUAGE sql RETURN true;
                CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.always);
                CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql RETURN '1999-01-01'::timestamptz;
                ALTER ROLE weir_auth SET search_path = evil, pg_catalog;
                """);
        try {
            Weir weir = weir();
            for (Map<String, String> more :
                    List.of(
                            Map.<String, String>of(),
                            Map.of("search_path", "evil, pg_catalog"),
                            Map.of("options", "-c search_path=evil,pg_catalog"))) {
                var parameters = new java.util.TreeMap<>(more);
                parameters.put("user", "ghost");
                parameters.put("database", "postgres");
                try (WireClient client = WireClient.connect(weir.port())) {
                    client.send(Frontend.startup(parameters));
                    assertThat(converse(client, "ghost", SECRET).getLast().sqlState())
                            .isEqualTo("28P01");
                }
            }
            login(weir, "app", SECRET).close();
        } finally {
            postgres.execute("ALTER ROLE weir_auth RESET search_path");
        }
    }

    @Test
    void aLookUpThatFailsSaysSoAndTellsNothing() throws Exception {
        Weir weir = weir("", ", auth-user: app");
        Backend refusal = refusal(weir, "somebody", SECRET);
        assertThat(refusal.sqlState()).isEqualTo("57P03");
        assertThat(refusal.toString()).doesNotContain(LOOKUP).doesNotContain("pg_authid");
    }

    // ---- passwords that change ----

    @Test
    void aNewPasswordCountsAndServerConnectionsOfTheOldOneAreReplaced() throws Exception {
        postgres.createRole("changing", "first");
        Weir weir = weir();
        try (WireClient old = login(weir, "changing", "first")) {
            String before = old.one("SELECT pg_backend_pid()");
            postgres.execute("ALTER ROLE changing PASSWORD 'second'");
            try (WireClient fresh = loginSoon(weir, "changing", "second")) {
                assertThat(fresh.one("SELECT pg_backend_pid()")).isNotEqualTo(before);
            }
            // Whoever was in stays in, as with PostgreSQL itself.
            assertThat(old.one("SELECT pg_backend_pid()")).isNotEqualTo(before);
            assertThat(refusal(weir, "changing", "first").sqlState()).isEqualTo("28P01");
        }
    }

    @Test
    void aKeyThatPostgresRefusesIsForgottenAndTheNextLoginMendsThePool() throws Exception {
        postgres.createRole("stale", "first");
        Weir weir = weir("auth-query-cache-time: 1h", "");
        try (WireClient old = login(weir, "stale", "first")) {
            old.one("SELECT 1");
            postgres.execute("ALTER ROLE stale PASSWORD 'second'");
            postgres.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'stale'");
            await().untilAsserted(() -> {
                old.query("SELECT 1");
                assertThat(old.readUntil('Z'))
                        .anyMatch(m -> m.type() == 'E' && m.sqlState().equals("28P01"));
            });
            // That was noticed although the answer counts for an hour.
            try (WireClient fresh = loginSoon(weir, "stale", "second")) {
                assertThat(fresh.one("SELECT current_user")).isEqualTo("stale");
                assertThat(old.one("SELECT current_user")).isEqualTo("stale");
            }
        }
    }
}

package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.LoginConversation.converse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Rules that say who is asked for what. */
class HbaIT {
    private static final String FROM_1 = "127.0.0.1";
    private static final String FROM_2 = "127.0.0.2";

    private static LocalPostgres postgres;
    private static Weir weir;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        for (String role : new String[] {"app", "tenant_1", "tenant_x", "anna", "bert"}) {
            postgres.createRole(role, "secret-" + role);
        }
        postgres.createDatabase("anna", "anna");
        Files.writeString(folder.resolve("vips"), "anna\n");
        Files.writeString(
                folder.resolve("pg_hba.conf"),
                """
                # TYPE   DATABASE   USER            ADDRESS                  METHOD
                local    all        all                                      trust
                hostssl  all        all             all                      trust
                host     postgres   app             127.0.0.2/32             reject
                host     all        app             127.0.0.0/8              scram-sha-256
                host     postgres   /^tenant_[0-9]+$ 127.0.0.1 255.255.255.255 password
                host     sameuser   all             samehost                 trust
                hostnossl "all"     all             all                      trust
                host     postgres   @vips           samenet                  md5
                host     postgres   replication,all ::1/128                  trust
                """);
        Path file = folder.resolve("weir.yaml");
        Files.writeString(
                file,
                """
                listen-port: 0
                http-port: 0
                auth-type: hba
                auth-hba-file: pg_hba.conf
                databases:
                  "*": { host: 127.0.0.1, port: %d }
                users:
                  app: { password: secret-app }
                  tenant_1: { password: secret-tenant_1 }
                  anna: { password: secret-anna }
                """
                        .formatted(postgres.port()));
        weir = Weir.start(ConfigFile.load(file));
    }

    @AfterAll
    static void stop() {
        weir.close();
        postgres.close();
    }

    /** What is asked first: the code of an Authentication message, or a SQLSTATE. */
    private static String asked(String from, String user, String database) throws Exception {
        try (WireClient client = connect(from, user, database)) {
            Backend first = client.next();
            return first.type() == 'E' ? first.sqlState() : first.toString();
        }
    }

    private static WireClient connect(String from, String user, String database) throws Exception {
        WireClient client = WireClient.connect(from, weir.port());
        client.send(Frontend.startup(Map.of("user", user, "database", database)));
        return client;
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.2, app, postgres, 28000",
        "127.0.0.1, app, postgres, Authentication(10",
        "127.0.0.2, app, anna, Authentication(10",
        "127.0.0.1, tenant_1, postgres, Authentication(3",
        "127.0.0.2, tenant_1, postgres, 28000",
        "127.0.0.1, tenant_x, postgres, 28000",
        "127.0.0.1, anna, anna, Authentication(0",
        "127.0.0.1, anna, postgres, Authentication(5",
        "127.0.0.1, bert, postgres, 28000",
        "127.0.0.1, bert, anna, 28000",
    })
    void theFirstRuleThatFitsCounts(String from, String user, String database, String first)
            throws Exception {
        assertThat(asked(from, user, database)).startsWith(first);
    }

    @Test
    void whoIsAskedForAPasswordIsLetInWithIt() throws Exception {
        for (String user : new String[] {"app", "tenant_1", "anna"}) {
            try (WireClient client = connect(FROM_1, user, "postgres")) {
                assertThat(converse(client, user, "secret-" + user).getLast())
                        .hasToString("Authentication(0)");
                assertThat(client.one("SELECT current_user")).isEqualTo(user);
            }
            try (WireClient client = connect(FROM_1, user, "postgres")) {
                assertThat(converse(client, user, "wrong").getLast().sqlState()).isEqualTo("28P01");
            }
        }
    }

    @Test
    void aRefusalNamesTheHostTheUserAndTheDatabase() throws Exception {
        try (WireClient client = connect(FROM_2, "bert", "shop")) {
            assertThat(client.expectFatal("28000").field('M'))
                    .isEqualTo(
                            "no entry of auth-hba-file lets in host \"127.0.0.2\", user \"bert\", database \"shop\", no encryption");
        }
        try (WireClient client = connect(FROM_2, "app", "postgres")) {
            assertThat(client.expectFatal("28000").field('M'))
                    .startsWith("auth-hba-file rejects host \"127.0.0.2\", user \"app\"");
        }
    }

    @Test
    void aNameThatPostgresWouldCutOffIsLetInByNoRule() throws Exception {
        String longName = "tenant_" + "1".repeat(60);
        assertThat(asked(FROM_1, longName, "postgres")).isEqualTo("28000");
        assertThat(asked(FROM_1, longName, longName)).isEqualTo("28000");
    }
}

package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.LoginConversation.converse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import javax.net.ssl.SSLContext;

/** Rules about certificates, and passwords that are looked up over TLS. */
class HbaCertificateIT {
    @TempDir private static Path folder;

    private static LocalPostgres postgres;
    private static LocalAuthority authority;
    private static LocalAuthority stranger;

    @BeforeAll
    static void start() throws Exception {
        authority = new LocalAuthority(folder, "authority");
        stranger = new LocalAuthority(folder, "stranger");
        postgres =
                LocalPostgres.builder()
                        .authMethod("scram-sha-256")
                        .tls(
                                authority.issue("localhost", "localhost", "127.0.0.1"),
                                authority.certificate())
                        .start();
        postgres.createRole("weir_auth", "lookup");
        postgres.execute("GRANT SELECT ON pg_catalog.pg_authid TO weir_auth");
        for (String role : new String[] {"anna", "bert"}) {
            postgres.createRole(role, "secret");
        }
        Files.writeString(
                folder.resolve("pg_hba.conf"),
                """
                hostssl   postgres anna all cert map=people
                hostssl   postgres bert all scram-sha-256 clientcert=verify-ca
                hostnossl all      all  all scram-sha-256
                """);
        Files.writeString(
                folder.resolve("pg_ident.conf"),
                """
                # MAP  CERTIFICATE       ROLE
                people /^(.*)-of-shop$   \\1
                people root              all
                """);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Weir weir(LocalAuthority ofPostgres) throws Exception {
        LocalAuthority.Issued own = authority.issue("weir", "localhost", "127.0.0.1");
        Path file = folder.resolve("weir.yaml");
        Files.writeString(
                file,
                """
                listen-port: 0
                http-port: 0
                auth-type: hba
                auth-hba-file: pg_hba.conf
                auth-ident-file: pg_ident.conf
                auth-user: weir_auth
                client-tls-sslmode: allow
                client-tls-key-file: "%s"
                client-tls-cert-file: "%s"
                client-tls-ca-file: "%s"
                server-tls-sslmode: verify-full
                server-tls-ca-file: "%s"
                databases: { "*": { host: localhost, port: %d } }
                users:
                  weir_auth: { password: lookup }
                  anna: { server-password: secret }
                """
                        .formatted(
                                own.keyFile(),
                                own.certFile(),
                                authority.certificate(),
                                ofPostgres.certificate(),
                                postgres.port()));
        return Weir.start(ConfigFile.load(file));
    }

    private static WireClient connect(Weir weir, String user, @Nullable String shown)
            throws Exception {
        SSLContext trusting =
                Trust.in(authority.certificate(), shown == null ? null : authority.issue(shown));
        WireClient client = WireClient.connect(weir.port()).askForTls(trusting);
        client.send(Frontend.startup(Map.of("user", user, "database", "postgres")));
        return client;
    }

    private static void assertIn(WireClient client, String user) throws IOException {
        assertThat(client.one("SELECT current_user")).isEqualTo(user);
    }

    @Test
    void aCertificateIsWhomTheMapSays() throws Exception {
        try (Weir weir = weir(authority)) {
            for (String name : new String[] {"anna-of-shop", "root"}) {
                try (WireClient client = connect(weir, "anna", name)) {
                    client.readGreeting();
                    assertIn(client, "anna");
                }
            }
            for (String name : new String[] {"anna", "bert-of-shop"}) {
                try (WireClient client = connect(weir, "anna", name)) {
                    assertThat(client.expectFatal("28000").field('M'))
                            .isEqualTo("certificate authentication failed for user \"anna\"");
                }
            }
        }
    }

    @Test
    void aRuleMayAskForAnyCertificateBesidesThePassword() throws Exception {
        try (Weir weir = weir(authority)) {
            try (WireClient client = connect(weir, "bert", "whoever")) {
                Backend last = converse(client, "bert", "secret").getLast();
                assertThat(last).hasToString("Authentication(0)");
                assertIn(client, "bert");
            }
            try (WireClient client = connect(weir, "bert", null)) {
                assertThat(client.expectFatal("28000").field('M'))
                        .isEqualTo("connection requires a valid client certificate");
            }
        }
    }

    @Test
    void passwordsAreAskedForOnlyWhereTheServersCertificateIsGood() throws Exception {
        try (Weir weir = weir(stranger);
                WireClient client = LoginConversation.begin(weir, "bert")) {
            assertThat(converse(client, "bert", "secret").getLast().sqlState()).isEqualTo("57P03");
        }
        try (Weir weir = weir(authority);
                WireClient client = LoginConversation.begin(weir, "bert")) {
            assertThat(converse(client, "bert", "secret").getLast())
                    .hasToString("Authentication(0)");
            assertIn(client, "bert");
        }
    }
}

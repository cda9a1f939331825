package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.LoginConversation.begin;
import static dev.weir.deploy.acceptance.LoginConversation.converse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** Passwords that are looked up over PostgreSQL's Unix-domain socket. */
class AuthQuerySocketIT {
    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("scram-sha-256").start();
        postgres.createRole("weir_auth", "lookup");
        postgres.execute("GRANT SELECT ON pg_catalog.pg_authid TO weir_auth");
        postgres.createRole("app", "secret");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Weir weir(Path folder, Transport transport) throws Exception {
        return Weir.start(
                ConfigFile.parse(
                        """
                        listen-port: 0
                        http-port: 0
                        transport: %s
                        server-connect-timeout: 1s
                        server-tls-sslmode: require
                        auth-user: weir_auth
                        databases:
                          "*": { host: "%s", port: %d }
                        users:
                          weir_auth: { password: lookup }
                        """
                                .formatted(
                                        transport.name().toLowerCase(Locale.ROOT),
                                        folder,
                                        postgres.port()),
                        "test"));
    }

    private static void assertNoAnswer(Weir weir) throws Exception {
        try (WireClient client = begin(weir, "app")) {
            Backend last = converse(client, "app", "secret").getLast();
            assertThat(last.sqlState()).isEqualTo("57P03");
            client.expectClosed();
        }
    }

    /** Connections that look passwords up, at the socket, where no address is known. */
    private static int lookUpsAtTheSocket() throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weir auth-query' AND client_port = -1")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "EPOLL", "NIO"})
    void aUserThatOnlyPostgresKnowsIsLookedUpThere(Transport transport) throws Exception {
        try (Weir weir = weir(postgres.socketFolder(), transport);
                WireClient client = begin(weir, "app")) {
            assertThat(converse(client, "app", "secret").getLast())
                    .hasToString("Authentication(0)");
            assertThat(lookUpsAtTheSocket()).isEqualTo(1);
            try (WireClient other = begin(weir, "app")) {
                assertThat(converse(other, "app", "wrong").getLast().sqlState()).isEqualTo("28P01");
            }
        }
    }

    @Test
    void aSocketThatNobodyListensOnIsNoAnswer(@TempDir Path empty) throws Exception {
        try (Weir weir = weir(empty, Transport.AUTO)) {
            assertNoAnswer(weir);
        }
    }

    @Test
    void aPostgresThatIsSilentIsNoAnswer() throws Exception {
        try (Weir weir = weir(postgres.socketFolder(), Transport.AUTO)) {
            postgres.pause();
            try {
                assertNoAnswer(weir);
            } finally {
                postgres.resume();
            }
            try (WireClient client = begin(weir, "app")) {
                assertThat(converse(client, "app", "secret").getLast())
                        .hasToString("Authentication(0)");
            }
        }
    }
}

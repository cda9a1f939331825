package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ConfigSource;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The configuration of a running Weir changes. */
class ReloadIT {
    private static LocalPostgres postgres;

    @TempDir private Path folder;
    private Path file;
    private Weir weir;
    private ConsoleClient console;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
        postgres.createDatabase("one", "app");
        postgres.createDatabase("two", "app");
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void start() throws Exception {
        file = folder.resolve("weir.yaml");
        write("", "one: { host: 127.0.0.1, port: PORT }\n  two: { host: 127.0.0.1, port: PORT }");
        weir = Weir.start(ConfigSource.file(file));
        console = ConsoleClient.open(weir.port(), "boss");
    }

    @AfterEach
    void stop() throws Exception {
        console.close();
        weir.close();
    }

    private void write(String keys, String databases) throws IOException {
        Files.writeString(
                file,
                """
                listen-port: 0
                http-port: 0
                auth-type: trust
                event-loops: 2
                admin-users: boss
                %s
                databases:
                  %s
                """
                        .formatted(
                                keys, databases.replace("PORT", String.valueOf(postgres.port()))));
    }

    private WireClient app(String database) throws IOException {
        return WireClient.login(weir.port(), "app", database);
    }

    private static String pid(WireClient client) throws IOException {
        return client.one("SELECT pg_backend_pid()");
    }

    /** The notice of an order. */
    private String notice(String order) throws Exception {
        try (Statement statement = console.connection().createStatement()) {
            statement.execute(order);
            SQLWarning warning = statement.getWarnings();
            return warning == null ? "" : warning.getMessage();
        }
    }

    @Test
    void whatHasNotChangedIsNotTouched() throws Exception {
        try (WireClient one = app("one");
                WireClient two = app("two")) {
            String first = pid(one);
            String second = pid(two);
            write(
                    "",
                    "one: { host: 127.0.0.1, port: PORT }\n"
                            + "  two: { host: localhost, port: PORT, default-pool-size: 3 }");

            assertThat(notice("RELOAD")).isEqualTo("database two: changed");

            assertThat(pid(one)).isEqualTo(first);
            assertThat(pid(two)).as("leads to another host").isNotEqualTo(second);
            assertThat(console.row("DATABASES", "name", "two"))
                    .containsEntry("pool_size", "3")
                    .containsEntry("host", "localhost");
        }
    }

    @Test
    void whoWaitsForAServerThatIsSilentIsServedByTheNext() throws Exception {
        String patience = "server-connect-timeout: 5m\nquery-wait-timeout: 5m";
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            write(
                    patience,
                    "one: { host: 127.0.0.1, port: PORT }\n  two: { host: 127.0.0.1, port: %d }"
                            .formatted(silent.getLocalPort()));
            notice("RELOAD");
            Future<String> waiting =
                    threads.submit(() -> {
                        try (WireClient two = app("two")) {
                            return pid(two);
                        }
                    });
            await().until(() ->
                    "1".equals(console.row("POOLS", "database", "two").get("sv_login")));

            write(
                    patience,
                    "one: { host: 127.0.0.1, port: PORT }\n  two: { host: 127.0.0.1, port: PORT }");
            notice("RELOAD");

            assertThat(waiting.get(60, TimeUnit.SECONDS)).isNotBlank();
        }
    }

    @Test
    void sizesAndTimesChangeWithoutNewServerConnections() throws Exception {
        try (WireClient one = app("one")) {
            String first = pid(one);
            write(
                    "default-pool-size: 7",
                    "one: { host: 127.0.0.1, port: PORT }\n  two: { host: 127.0.0.1, port: PORT }");

            assertThat(notice("RELOAD")).contains("default-pool-size: 20 -> 7");

            assertThat(pid(one)).isEqualTo(first);
            assertThat(console.row("CONFIG", "key", "default-pool-size"))
                    .containsEntry("value", "7")
                    .containsEntry("default", "20")
                    .containsEntry("changeable", "yes");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "max-server-connections,",
        "max-db-connections,",
        "max-user-connections,",
        ", max-db-connections"
    })
    void aSharedLimitCountsFromTheReloadOnAndWhoWaitsForItIsServedWhenItGoes(
            @Nullable String general, @Nullable String ofDatabase) throws Exception {
        String unlimited = "one: { host: 127.0.0.1, port: PORT }";
        String limited =
                ofDatabase == null
                        ? unlimited
                        : "one: { host: 127.0.0.1, port: PORT, %s: 1 }".formatted(ofDatabase);
        try (WireClient holder = app("one");
                WireClient waiting = app("one")) {
            pid(holder);
            write(general == null ? "" : general + ": 1", limited);
            notice("RELOAD");
            holder.query("BEGIN");
            holder.readUntil('Z');
            waiting.query("SELECT 'served'");
            await().until(() -> weir.waiting() == 1);

            write("", unlimited);
            notice("RELOAD");

            assertThat(waiting.readAnswer()).contains("DataRow(served)");
            holder.query("COMMIT");
            holder.readUntil('Z');
        }
    }

    @Test
    void aDatabaseThatIsGoneEndsItsClientsAndANewOneCanBeAskedFor() throws Exception {
        try (WireClient two = app("two");
                WireClient refused = WireClient.connect(weir.port())) {
            pid(two);
            write(
                    "",
                    "one: { host: 127.0.0.1, port: PORT }\n  other: { host: 127.0.0.1, port: PORT, dbname: two }");

            assertThat(notice("RELOAD")).contains("database other: added", "database two: removed");

            two.expectFatal("57P01");
            refused.send(Frontend.startup(Map.of("user", "app", "database", "two")));
            refused.expectFatal("3D000");
            try (WireClient other = app("other")) {
                assertThat(other.one("SELECT current_database()")).isEqualTo("two");
            }
            await().until(() ->
                    console.show("POOLS").stream()
                            .noneMatch(row -> row.get("database").equals("two")));
        }
    }

    @Test
    void aBadFileIsRefusedAsAWholeWithItsLine() throws Exception {
        Files.writeString(file, "listen-port: 0\ndefault-pool-size: 7\ndefault-pool-sise: 8\n");

        assertThatThrownBy(() -> console.order("RELOAD"))
                .isInstanceOfSatisfying(
                        PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("F0000"))
                .hasMessageContaining(
                        file
                                + ":3: unknown key `default-pool-sise`; did you mean `default-pool-size`?");

        assertThat(console.row("CONFIG", "key", "default-pool-size")).containsEntry("value", "20");
        try (WireClient one = app("one")) {
            assertThat(one.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void whatNeedsARestartIsSaidAndNotApplied() throws Exception {
        write(
                "listen-backlog: 77",
                "one: { host: 127.0.0.1, port: PORT }\n  two: { host: 127.0.0.1, port: PORT }");

        assertThat(notice("RELOAD")).isEqualTo("listen-backlog: 1024 -> 77 (needs a restart)");

        assertThat(console.row("CONFIG", "key", "listen-backlog")).containsEntry("value", "1024");
    }

    @Test
    void aKeyCanBeSetByHandUntilTheNextReload() throws Exception {
        assertThat(notice("SET query_wait_timeout = '7s'"))
                .startsWith("query-wait-timeout: 2m -> 7s");
        assertThat(notice("SET max-client-conn TO 500")).isEqualTo("max-client-conn: 1000 -> 500");
        assertThat(console.row("CONFIG", "key", "query-wait-timeout")).containsEntry("value", "7s");

        assertThatThrownBy(() -> console.order("SET default-pool-size = none"))
                .isInstanceOfSatisfying(
                        PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
                .hasMessageContaining("is not a whole number");
        assertThatThrownBy(() -> console.order("SET listen-port = 5"))
                .hasMessageContaining("cannot be changed while Weir runs");
        assertThatThrownBy(() -> console.order("SET default-pol-size = 5"))
                .hasMessageContaining("did you mean `default-pool-size`?");

        assertThat(notice("RELOAD")).contains("query-wait-timeout: 7s -> 2m");
    }

    @Test
    void whoIsNoAdminUserAnyMoreMayNotFromThenOn() throws Exception {
        write("stats-users: \"watcher, boss\"", "one: { host: 127.0.0.1, port: PORT }");
        Files.writeString(
                file, Files.readString(file).replace("admin-users: boss", "admin-users: chief"));
        console.order("RELOAD");

        assertThatThrownBy(() -> console.order("RELOAD")).hasMessageContaining("may not RELOAD");
        assertThat(console.show("VERSION")).hasSize(1);
    }
}

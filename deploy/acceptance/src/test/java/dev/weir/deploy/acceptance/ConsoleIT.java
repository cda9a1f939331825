package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** What can be looked at at the console, and by whom. */
class ConsoleIT {
    private static LocalPostgres postgres;
    private static Weir weir;

    @BeforeAll
    static void start() throws Exception {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
        weir =
                Proxy.inFrontOf(postgres.port())
                        .poolSize(2)
                        .operators(List.of("boss"), List.of("watcher"))
                        .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        postgres.close();
    }

    private static ConsoleClient boss() throws SQLException {
        return ConsoleClient.open(weir.port(), "boss");
    }

    private static WireClient app() throws Exception {
        return WireClient.login(weir.port(), "app", "postgres");
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
    void everythingCanBeShownInEveryQueryModeOfTheDriver(String mode) throws Exception {
        try (WireClient client = app();
                ConsoleClient console = ConsoleClient.open(weir.port(), "boss", mode)) {
            client.one("SELECT 1");
            for (String what :
                    List.of(
                            "VERSION",
                            "POOLS",
                            "CLIENTS",
                            "SERVERS",
                            "SOCKETS",
                            "ACTIVE_SOCKETS",
                            "DATABASES",
                            "USERS",
                            "PEERS",
                            "PEER_POOLS",
                            "LISTS",
                            "STATS",
                            "STATS_TOTALS",
                            "STATS_AVERAGES",
                            "TOTALS",
                            "CONFIG",
                            "MEM",
                            "DNS_HOSTS",
                            "DNS_ZONES",
                            "STATE",
                            "HOSTS",
                            "ERRORS",
                            "PINS",
                            "STATEMENTS")) {
                // Often enough for the driver to prepare it, and to ask for binary results.
                for (int i = 0; i < 7; i++) {
                    assertThat(console.show(what)).as(what).isNotNull();
                }
            }
            assertThat(console.connection().isValid(5)).isTrue();
        }
    }

    @Test
    void clientsAndServersAreShownAsTheyAreAtTheMoment() throws Exception {
        try (WireClient busy = app();
                WireClient idle = app();
                ConsoleClient console = boss()) {
            busy.query("SET application_name = 'busy one'");
            busy.readAnswer();
            busy.query("BEGIN");
            busy.readAnswer();

            List<Map<String, String>> clients = console.show("CLIENTS");
            Map<String, String> one =
                    clients.stream()
                            .filter(row -> row.get("application_name").equals("busy one"))
                            .findFirst()
                            .orElseThrow();
            assertThat(one)
                    .containsEntry("type", "C")
                    .containsEntry("user", "app")
                    .containsEntry("database", "postgres")
                    .containsEntry("state", "active")
                    .containsEntry("addr", "127.0.0.1")
                    .containsEntry("local_port", String.valueOf(weir.port()));
            assertThat(clients).extracting(row -> row.get("state")).contains("idle");
            Map<String, String> server = console.row("SERVERS", "link", one.get("ptr"));
            assertThat(server)
                    .containsEntry("ptr", one.get("link"))
                    .containsEntry("state", "active")
                    .containsEntry("port", String.valueOf(postgres.port()))
                    .containsEntry("remote_pid", busy.one("SELECT pg_backend_pid()"));
            Map<String, String> pool = console.row("POOLS", "user", "app");
            assertThat(pool).containsEntry("sv_active", "1").containsEntry("cl_waiting", "0");
            assertThat(idle.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void whatHappensIsCounted() throws Exception {
        try (ConsoleClient console = boss();
                WireClient client = WireClient.login(weir.port(), "app", "template1")) {
            client.one("SELECT 1");
            client.query("BEGIN");
            client.readAnswer();
            client.one("SELECT 2");
            client.query("COMMIT");
            client.readAnswer();
            client.send(
                    Frontend.parse("", "SELECT 3"),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync());
            client.readAnswer();
            client.query("SELECT 1 / 0");
            client.readAnswer();

            Map<String, String> stats = console.row("STATS", "database", "template1");
            assertThat(stats)
                    .containsEntry("total_query_count", "6")
                    .containsEntry("total_xact_count", "4")
                    .containsEntry("total_client_parse_count", "1")
                    .containsEntry("total_server_parse_count", "1")
                    .containsEntry("total_bind_count", "1");
            assertThat(Long.parseLong(stats.get("total_received"))).isPositive();
            assertThat(Long.parseLong(stats.get("total_sent"))).isPositive();
            assertThat(Long.parseLong(stats.get("total_xact_time"))).isPositive();
            assertThat(console.row("ERRORS", "sqlstate", "22012")).containsEntry("count", "1");
        }
    }

    @Test
    void aPinIsShownWithItsReasonWhileItLasts() throws Exception {
        try (ConsoleClient console = boss();
                WireClient client = app()) {
            client.query("SELECT pg_advisory_lock(7)");
            client.readAnswer();

            // The server is asked behind the client's answer.
            await().untilAsserted(() ->
                    assertThat(console.row("PINS", "reason", "advisory-locks"))
                            .containsEntry("clients", "1")
                            .containsEntry("total", "1"));

            client.query("SELECT pg_advisory_unlock(7)");
            client.readAnswer();
            await().untilAsserted(() ->
                    assertThat(console.row("PINS", "reason", "advisory-locks"))
                            .containsEntry("clients", "0"));
        }
    }

    @Test
    void theOtherNameOfTheDatabaseIsPgbouncersAndPostgresHearsOfNeither() throws Exception {
        for (String name : List.of("weir", "pgbouncer")) {
            try (WireClient console = WireClient.login(weir.port(), "boss", name)) {
                assertThat(console.one("show version;")).startsWith("Weir ");
                assertThat(console.one("SHOW STATE")).isEqualTo("active, yes");
            }
        }
        try (ConsoleClient console = boss()) {
            assertThat(console.show("POOLS"))
                    .extracting(row -> row.get("database"))
                    .doesNotContain("weir", "pgbouncer");
        }
    }

    @Test
    void whoMayNotIsToldSoForEachCommand() throws Exception {
        assertThatThrownBy(() -> ConsoleClient.open(weir.port(), "app"))
                .isInstanceOfSatisfying(
                        PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"))
                .hasMessageContaining("neither in admin-users nor in stats-users");
        for (String mode : List.of("simple", "extended")) {
            try (ConsoleClient watcher = ConsoleClient.open(weir.port(), "watcher", mode)) {
                assertThat(watcher.show("CLIENTS")).isNotNull();
                for (String order :
                        List.of(
                                "PAUSE",
                                "PAUSE postgres",
                                "RESUME",
                                "SUSPEND",
                                "RECONNECT",
                                "WAIT_CLOSE",
                                "DISABLE postgres",
                                "ENABLE postgres",
                                "KILL postgres",
                                "KILL",
                                "KILL_CLIENT 1",
                                "RELOAD",
                                "SET default_pool_size = 3",
                                "SHUTDOWN",
                                "SHUTDOWN WAIT_FOR_CLIENTS",
                                "SHOW FDS",
                                "select 1; SHUTDOWN")) {
                    assertThatThrownBy(() -> watcher.order(order))
                            .as(order)
                            .isInstanceOfSatisfying(
                                    PSQLException.class,
                                    e -> assertThat(e.getSQLState()).as(order).isEqualTo("42501"));
                }
            }
        }
        try (WireClient client = app()) {
            assertThat(client.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void mistakesAreNamedAndEndNothing() throws Exception {
        try (WireClient console = WireClient.login(weir.port(), "boss", "weir")) {
            console.query("SHOW POLS").expectError("ERROR", "42601");
            console.expect("ReadyForQuery(I)");
            console.query("FROBNICATE").expectError("ERROR", "42601");
            console.expect("ReadyForQuery(I)");
            console.query("PAUSE \"no such").expectError("ERROR", "42601");
            console.expect("ReadyForQuery(I)");
            console.query("KILL_CLIENT 999999999").expectError("ERROR", "42704");
            console.expect("ReadyForQuery(I)");
            console.query(
                            "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname ~ '^(x)$'")
                    .expectError("ERROR", "0A000");
            console.expect("ReadyForQuery(I)");
            console.query(" ;; -- nothing\n /* at all */ ");
            console.expect("EmptyQueryResponse", "ReadyForQuery(I)");
            console.send(
                    Frontend.parse("", "SHOW NOTHING"),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync());
            console.expectError("ERROR", "42601");
            console.expect("ReadyForQuery(I)");
            assertThat(console.one("SHOW STATE; SHOW VERSION")).isEqualTo("active, yes");
        }
    }

    @Test
    void rowsCanBeFetchedAFewAtATime() throws Exception {
        try (WireClient console = WireClient.login(weir.port(), "boss", "weir")) {
            console.send(
                    Frontend.parse("s", "SHOW STATE"),
                    Frontend.bind("p", "s"),
                    Frontend.execute("p", 2),
                    Frontend.execute("p", 2),
                    Frontend.sync());
            console.expect(
                    "ParseComplete",
                    "BindComplete",
                    "DataRow(active, yes)",
                    "DataRow(paused, no)",
                    "PortalSuspended",
                    "DataRow(suspended, no)",
                    "CommandComplete(SHOW)",
                    "ReadyForQuery(I)");
        }
    }

    @Test
    void psqlWorksAtTheConsoleEvenWithWhatItAsksForItself() throws Exception {
        PsqlTool psql = PsqlTool.require("psql").to(weir.port(), "weir", "boss");

        PsqlTool.Result shown =
                psql.run(
                        "SHOW HELP;\nSHOW STATE;\n\\d\n\\l\n\\conninfo\nSHOW VERSION;\n",
                        "-X",
                        "-f",
                        "-");

        assertThat(shown.output())
                .contains("NOTICE:  the console of Weir knows:")
                .contains("KILL_CLIENT id")
                .contains("suspended | no")
                .contains("it is not a PostgreSQL")
                .contains("You are connected to database \"weir\"")
                .contains(" Weir ");
        assertThat(psql.run("", "-X", "-Atc", "SHOW STATE").output())
                .isEqualTo("active|yes\npaused|no\nsuspended|no\n");
    }

    @Test
    void operatorsGetInWhenNoMoreClientsDo() throws Exception {
        try (Weir full =
                        Proxy.inFrontOf(postgres.port())
                                .maxClients(1)
                                .operators(List.of("boss"), List.of())
                                .start();
                WireClient only = WireClient.login(full.port(), "app", "postgres");
                WireClient refused = WireClient.connect(full.port())) {
            refused.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
            refused.expectFatal("53300");
            try (ConsoleClient console = ConsoleClient.open(full.port(), "boss")) {
                assertThat(console.show("CLIENTS")).hasSize(1);
                console.order("KILL_CLIENT " + console.show("CLIENTS").getFirst().get("id"));
                only.expectFatal("57P01");
                await().until(() -> console.show("CLIENTS").isEmpty());
            }
        }
    }
}

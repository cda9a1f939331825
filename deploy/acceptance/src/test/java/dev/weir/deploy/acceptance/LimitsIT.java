package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ConfigSource;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** What users and databases may have, and how they share what is scarce. */
class LimitsIT {
    private static LocalPostgres postgres;

    @TempDir private Path folder;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        for (String role : List.of("anna", "bert", "carl")) {
            postgres.createRole(role, role);
        }
        postgres.createDatabase("other", "anna");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private ConfigSource config(String top) throws IOException {
        return OpenConfig.write(
                folder, postgres, 0, "default-pool-size: 2\nevent-loops: 2\n" + top);
    }

    private Weir weir(String top) throws Exception {
        return Weir.start(config(top));
    }

    @Test
    void theConsoleShowsWhatUsersAndDatabasesMayHave() throws Exception {
        try (Weir weir =
                        weir(
                                """
                                max-db-connections: 7
                                max-db-client-connections: 70
                                max-user-connections: 5
                                max-user-client-connections: 50
                                users: { bert: { max-user-connections: 3 } }
                                """);
                WireClient anna = login(weir, "anna");
                WireClient bert = login(weir, "bert");
                ConsoleClient console = ConsoleClient.open(weir.port(), "boss")) {
            anna.one("SELECT 1");
            bert.one("SELECT 1");
            assertThat(console.show("DATABASES"))
                    .anySatisfy(row ->
                            assertThat(row)
                                    .containsEntry("name", "postgres")
                                    .containsEntry("max_connections", "7")
                                    .containsEntry("current_connections", "2")
                                    .containsEntry("max_client_connections", "70")
                                    .containsEntry("current_client_connections", "2"));
            assertThat(console.show("USERS"))
                    .anySatisfy(row ->
                            assertThat(row)
                                    .containsEntry("name", "anna")
                                    .containsEntry("max_user_connections", "5")
                                    .containsEntry("max_user_client_connections", "50"))
                    .anySatisfy(row ->
                            assertThat(row)
                                    .containsEntry("name", "bert")
                                    .containsEntry("max_user_connections", "3"));
        }
    }

    private static WireClient login(Weir weir, String user) throws Exception {
        return WireClient.login(weir.port(), user, "postgres");
    }

    private static void assertRefused(Weir weir, String user, String database, String why)
            throws Exception {
        try (WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.startup(Map.of("user", user, "database", database)));
            assertThat(client.expectFatal("53300").field('M')).contains(why);
        }
    }

    private static int serverConnections() throws Exception {
        try (var connection = postgres.connect("postgres");
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_activity WHERE usename IN ('anna', 'bert', 'carl')")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    // ---- clients ----

    @Test
    void aUserHasItsShareOfClientsAndAnotherHasItsOwn() throws Exception {
        try (Weir weir =
                        weir(
                                "max-user-client-connections: 2\nusers: { bert: { max-user-client-connections: 1 } }");
                WireClient first = login(weir, "anna");
                WireClient second = WireClient.login(weir.port(), "anna", "other")) {
            assertRefused(weir, "anna", "postgres", "max-user-client-connections is 2");
            try (WireClient bert = login(weir, "bert")) {
                assertRefused(weir, "bert", "other", "max-user-client-connections is 1");
                assertThat(bert.one("SELECT 1")).isEqualTo("1");
            }
            second.terminate();
            await().untilAsserted(() -> login(weir, "anna").close());
            assertThat(first.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aDatabaseHasItsShareOfClientsAndAnotherHasItsOwn() throws Exception {
        try (Weir weir = weir("max-db-client-connections: 1");
                WireClient first = login(weir, "anna")) {
            assertRefused(weir, "bert", "postgres", "max-db-client-connections is 1");
            WireClient.login(weir.port(), "bert", "other").close();
            first.terminate();
            await().untilAsserted(() -> login(weir, "bert").close());
        }
    }

    // ---- transactions in a second ----

    @Test
    void whoBeginsTooManyTransactionsInASecondIsToldWhichKeyLimitsThem() throws Exception {
        Map<String, String> limits =
                Map.of(
                        "users: { anna: { max-user-transactions-per-second: 1 } }",
                        "max-user-transactions-per-second is 1",
                        "max-db-transactions-per-second: 1",
                        "max-db-transactions-per-second is 1",
                        "max-address-transactions-per-second: 1",
                        "max-address-transactions-per-second is 1");
        for (Map.Entry<String, String> limit : limits.entrySet()) {
            try (Weir weir = weir("query-wait-timeout: 500ms\n" + limit.getKey());
                    WireClient anna = patientLogin(weir, "anna")) {
                assertThat(untilRefused(anna)).contains(limit.getValue());
                // The session goes on, when it is its turn again.
                await().untilAsserted(() -> {
                    anna.query("SELECT 7");
                    assertThat(anna.readUntil('Z')).anyMatch(it -> it.type() == 'D');
                });
            }
        }
    }

    @Test
    void whoIsNotLimitedTakesNoNoticeOfWhoIs() throws Exception {
        try (Weir weir =
                        weir(
                                "query-wait-timeout: 500ms\nusers: { anna: { max-user-transactions-per-second: 1 } }");
                WireClient anna = patientLogin(weir, "anna");
                WireClient bert = patientLogin(weir, "bert")) {
            untilRefused(anna);
            for (int i = 0; i < 50; i++) {
                assertThat(bert.one("SELECT current_user")).isEqualTo("bert");
            }
        }
    }

    @Test
    void aTransactionWaitsForItsTurnAndSoDoesNoStatementWithinIt() throws Exception {
        try (Weir weir = weir("max-user-transactions-per-second: 1");
                WireClient anna = login(weir, "anna")) {
            anna.one("BEGIN; SELECT 1");
            for (int i = 0; i < 50; i++) {
                assertThat(anna.one("SELECT 1")).isEqualTo("1");
            }
            anna.query("COMMIT");
            anna.readUntil('Z');
            for (int i = 0; i < 3; i++) {
                assertThat(anna.one("SELECT current_user")).isEqualTo("anna");
            }
        }
    }

    @Test
    void aClientThatLeavesWhileItWaitsForItsTurnLeavesNothingBehind() throws Exception {
        try (Weir weir = weir("max-user-transactions-per-second: 1");
                WireClient anna = login(weir, "anna")) {
            for (int i = 0; i < 5; i++) {
                WireClient other = login(weir, "anna");
                other.query("SELECT 1");
                other.close();
            }
            await().until(() -> weir.clients() == 1);
            assertThat(anna.one("SELECT current_user")).isEqualTo("anna");
        }
    }

    @Test
    void whoIsRefusedForOneLimitUsesUpNoTurnOfAnother() throws Exception {
        try (Weir weir =
                        weir(
                                """
                                query-wait-timeout: 500ms
                                max-address-transactions-per-second: 10
                                users: { anna: { max-user-transactions-per-second: 1 } }
                                """);
                WireClient anna = patientLogin(weir, "anna");
                WireClient bert = patientLogin(weir, "bert")) {
            for (int i = 0; i < 50; i++) {
                assertThat(untilRefused(anna)).contains("max-user-transactions-per-second");
            }
            for (int i = 0; i < 3; i++) {
                assertThat(bert.one("SELECT current_user")).isEqualTo("bert");
            }
        }
    }

    @Test
    void aCancelWhileAClientWaitsForItsTurnEndsTheWaitAndNotTheSession() throws Exception {
        try (Weir weir = weir("max-user-transactions-per-second: 1");
                WireClient anna = login(weir, "anna")) {
            // The next turns are taken.
            for (int i = 0; i < 2; i++) {
                WireClient other = login(weir, "anna");
                other.query("SELECT 1");
                other.close();
            }
            anna.query("SELECT 2");
            awaitWaiting(weir);
            anna.cancel();
            anna.expectError("ERROR", "57014");
            anna.expect("ReadyForQuery(I)");
            assertThat(anna.one("SELECT 3")).isEqualTo("3");
        }
    }

    private static void awaitWaiting(Weir weir) throws Exception {
        try (ConsoleClient console = ConsoleClient.open(weir.port(), "boss")) {
            await().until(() ->
                    console.show("CLIENTS").stream()
                            .anyMatch(row -> "waiting".equals(row.get("state"))));
        }
    }

    @Test
    void aReloadChangesTheRateWhileClientsWaitForTheirTurn() throws Exception {
        List<WireClient> waiting = new ArrayList<>();
        try (Weir weir = weir("max-user-transactions-per-second: 1");
                ConsoleClient console = ConsoleClient.open(weir.port(), "boss");
                WireClient anna = login(weir, "anna")) {
            for (int i = 0; i < 3; i++) {
                WireClient next = login(weir, "anna");
                waiting.add(next);
                next.query("SELECT " + i);
            }
            awaitWaiting(weir);
            config("max-user-transactions-per-second: 1000");
            console.order("RELOAD");
            for (int i = 0; i < 200; i++) {
                assertThat(anna.one("SELECT 1")).isEqualTo("1");
            }
            for (int i = 0; i < 3; i++) {
                assertThat(waiting.get(i).readAnswer()).contains("DataRow(" + i + ")");
                waiting.get(i).close();
            }
        }
    }

    /** Logs in where the first server connection may take longer than a client may wait. */
    private static WireClient patientLogin(Weir weir, String user) {
        return await().ignoreExceptions().until(() -> login(weir, user), Objects::nonNull);
    }

    /** What a client is told that begins one transaction after the other. */
    private static String untilRefused(WireClient client) throws Exception {
        for (int i = 0; i < 1000; i++) {
            client.query("SELECT 1");
            for (var message : client.readUntil('Z')) {
                if (message.type() == 'E') {
                    assertThat(message.field('C')).isEqualTo("53400");
                    return message.field('M');
                }
            }
        }
        throw new AssertionError("not refused once");
    }

    // ---- server connections ----

    @Test
    void anIdleServerConnectionOfAnotherPoolMakesRoom() throws Exception {
        for (String limit : List.of("max-db-connections: 1", "max-server-connections: 1")) {
            try (Weir weir = weir(limit);
                    WireClient anna = login(weir, "anna");
                    WireClient bert = login(weir, "bert")) {
                for (int i = 0; i < 5; i++) {
                    assertThat(anna.one("SELECT current_user")).isEqualTo("anna");
                    assertThat(bert.one("SELECT current_user")).isEqualTo("bert");
                    assertThat(serverConnections()).isLessThanOrEqualTo(2);
                }
            }
            await().until(() -> serverConnections() == 0);
        }
    }

    @Test
    void aUserHasItsShareOfServerConnectionsOverAllDatabases() throws Exception {
        try (Weir weir = weir("max-user-connections: 1");
                WireClient here = login(weir, "anna");
                WireClient there = WireClient.login(weir.port(), "anna", "other");
                WireClient bert = login(weir, "bert")) {
            here.one("BEGIN; SELECT 1");
            there.query("SELECT current_database()");
            // Another user has its own.
            assertThat(bert.one("SELECT current_user")).isEqualTo("bert");
            await().until(() -> weir.waiting() == 1);
            here.one("COMMIT; SELECT 1");
            assertThat(there.readAnswer()).contains("DataRow(other)");
            assertThat(here.one("SELECT current_database()")).isEqualTo("postgres");
        }
    }

    @Test
    void poolsThatAreNeverAtRestStarveNobody() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        try (Weir weir = weir("max-server-connections: 2");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> busy = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                String user = i % 2 == 0 ? "anna" : "bert";
                busy.add(
                        threads.submit(() -> {
                            try (WireClient client = login(weir, user)) {
                                while (!over.get()) {
                                    assertThat(client.one("SELECT current_user")).isEqualTo(user);
                                }
                            }
                            return null;
                        }));
            }
            try (WireClient carl = login(weir, "carl")) {
                for (int i = 0; i < 5; i++) {
                    assertThat(carl.one("SELECT current_user")).isEqualTo("carl");
                }
            } finally {
                over.set(true);
            }
            for (Future<Void> each : busy) {
                each.get();
            }
        }
    }
}

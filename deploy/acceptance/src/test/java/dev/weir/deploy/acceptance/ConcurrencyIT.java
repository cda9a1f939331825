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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How many transactions may be under way at once. */
class ConcurrencyIT {
    private static final String FULL = "53300";
    private static LocalPostgres postgres;

    @TempDir private Path folder;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        for (String role : List.of("anna", "bert")) {
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
                folder, postgres, 0, "default-pool-size: 10\nevent-loops: 2\n" + top);
    }

    private Weir weir(String top) throws Exception {
        return Weir.start(config(top));
    }

    private static WireClient anna(Weir weir) throws IOException {
        return WireClient.login(weir.port(), "anna", "postgres");
    }

    private static WireClient begun(Weir weir, String user) throws IOException {
        WireClient client = WireClient.login(weir.port(), user, "postgres");
        client.one("BEGIN; SELECT 1");
        return client;
    }

    private static void commit(WireClient client) throws IOException {
        client.query("COMMIT");
        assertThat(client.readAnswer()).contains("ReadyForQuery(I)");
    }

    /** Until so many clients wait. */
    private static void awaitWaiting(Weir weir, int count) throws Exception {
        try (ConsoleClient console = ConsoleClient.open(weir.port(), "boss")) {
            await().until(() ->
                    console.show("CLIENTS").stream()
                                    .filter(row -> "waiting".equals(row.get("state")))
                                    .count()
                            == count);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-db-concurrent-transactions: 1",
                "max-user-concurrent-transactions: 1",
                "users: { anna: { max-user-concurrent-transactions: 1 } }",
                "max-address-concurrent-transactions: 1"
            })
    void whoIsBeyondTheLimitWaitsUntilATransactionEnds(String limit) throws Exception {
        try (Weir weir = weir(limit);
                WireClient first = begun(weir, "anna");
                WireClient second = anna(weir)) {
            second.query("SELECT 2");
            awaitWaiting(weir, 1);
            commit(first);
            assertThat(second.readAnswer()).contains("DataRow(2)");
            assertThat(first.one("SELECT 3")).isEqualTo("3");
        }
    }

    @Test
    void whoWaitsForTooLongIsToldWhichKeyLimitsItAndMayTryAgain() throws Exception {
        try (Weir weir = weir("query-wait-timeout: 300ms\nmax-user-concurrent-transactions: 1");
                WireClient first = begun(weir, "anna");
                WireClient second = anna(weir)) {
            second.query("SELECT 2");
            assertThat(second.expectError("ERROR", FULL).field('M'))
                    .contains(
                            "user \"anna\"",
                            "max-user-concurrent-transactions is 1",
                            "not started");
            second.expect("ReadyForQuery(I)");
            commit(first);
            assertThat(second.one("SELECT 3")).isEqualTo("3");
        }
    }

    @Test
    void whoCameFirstIsServedFirst() throws Exception {
        List<WireClient> waiting = new ArrayList<>();
        try (Weir weir = weir("max-user-concurrent-transactions: 1");
                WireClient first = begun(weir, "anna")) {
            for (int i = 0; i < 5; i++) {
                WireClient next = anna(weir);
                waiting.add(next);
                next.query("BEGIN; SELECT " + i);
                awaitWaiting(weir, i + 1);
            }
            commit(first);
            for (int i = 0; i < 5; i++) {
                WireClient next = waiting.get(i);
                assertThat(next.readAnswer()).contains("DataRow(" + i + ")");
                // Nobody else is, as long as its transaction lasts.
                awaitWaiting(weir, 4 - i);
                commit(next);
                next.close();
            }
        }
    }

    @Test
    void anotherUserAndAnotherDatabaseTakeNoNotice() throws Exception {
        try (Weir weir =
                        weir(
                                "max-db-concurrent-transactions: 2\nusers: { anna: { max-user-concurrent-transactions: 1 } }");
                WireClient first = begun(weir, "anna");
                WireClient bert = WireClient.login(weir.port(), "bert", "other")) {
            assertThat(bert.one("SELECT current_user")).isEqualTo("bert");
            try (WireClient elsewhere = WireClient.login(weir.port(), "anna", "other")) {
                elsewhere.query("SELECT 2");
                awaitWaiting(weir, 1);
                assertThat(bert.one("SELECT current_user")).isEqualTo("bert");
                commit(first);
                assertThat(elsewhere.readAnswer()).contains("DataRow(2)");
            }
        }
    }

    @Test
    void whoLeavesOrCancelsWhileItWaitsGivesItsPlaceUp() throws Exception {
        try (Weir weir = weir("max-user-concurrent-transactions: 1");
                WireClient first = begun(weir, "anna");
                WireClient leaves = anna(weir);
                WireClient cancels = anna(weir);
                WireClient last = anna(weir)) {
            leaves.query("SELECT 2");
            cancels.query("SELECT 3");
            awaitWaiting(weir, 2);
            last.query("SELECT 4");
            awaitWaiting(weir, 3);
            leaves.close();
            cancels.cancel();
            cancels.expectError("ERROR", "57014");
            cancels.expect("ReadyForQuery(I)");
            commit(first);
            assertThat(last.readAnswer()).contains("DataRow(4)");
            assertThat(cancels.one("SELECT 5")).isEqualTo("5");
        }
    }

    @Test
    void whoeverVanishesAmidItsTransactionGivesItsPlaceBack() throws Exception {
        try (Weir weir = weir("max-user-concurrent-transactions: 1");
                WireClient last = anna(weir)) {
            for (int i = 0; i < 3; i++) {
                begun(weir, "anna").close();
                WireClient busy = anna(weir);
                busy.query("SELECT pg_sleep(100)");
                busy.close();
            }
            assertThat(last.one("SELECT 1")).isEqualTo("1");
            // One whose server connection goes.
            assertThat(last.query("SELECT pg_terminate_backend(pg_backend_pid())").readUntil('E'))
                    .isNotEmpty();
            try (WireClient next = anna(weir)) {
                assertThat(next.one("SELECT 2")).isEqualTo("2");
            }
        }
    }

    @Test
    void aReloadLetsInWhoWaits() throws Exception {
        for (String after : List.of("max-user-concurrent-transactions: 2", "")) {
            try (Weir weir = weir("max-user-concurrent-transactions: 1");
                    ConsoleClient console = ConsoleClient.open(weir.port(), "boss");
                    WireClient first = begun(weir, "anna");
                    WireClient second = anna(weir)) {
                second.query("SELECT 2");
                awaitWaiting(weir, 1);
                config(after);
                console.order("RELOAD");
                assertThat(second.readAnswer()).contains("DataRow(2)");
                commit(first);
            }
        }
    }

    @Test
    void aLimitThatBecomesLessTakesNothingFromWhoHasIt() throws Exception {
        try (Weir weir = weir("max-user-concurrent-transactions: 3");
                ConsoleClient console = ConsoleClient.open(weir.port(), "boss");
                WireClient first = begun(weir, "anna");
                WireClient second = begun(weir, "anna");
                WireClient third = anna(weir)) {
            config("max-user-concurrent-transactions: 1");
            console.order("RELOAD");
            assertThat(second.one("SELECT 2")).isEqualTo("2");
            third.query("SELECT 3");
            awaitWaiting(weir, 1);
            commit(first);
            awaitWaiting(weir, 1);
            commit(second);
            assertThat(third.readAnswer()).contains("DataRow(3)");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-user-concurrent-transactions: 1",
                "max-user-transactions-per-second: 1"
            })
    void anOrderlyEndDoesNotKeepWaitingWhoHasBegunNothing(String limit) throws Exception {
        try (Weir weir = weir(limit);
                WireClient first = begun(weir, "anna");
                WireClient second = anna(weir)) {
            // The turns of the next seconds are taken.
            for (int i = 0; i < 5; i++) {
                WireClient other = anna(weir);
                other.query("SELECT 1");
                other.close();
            }
            second.query("SELECT 2");
            awaitWaiting(weir, 1);
            weir.stop();
            second.expectFatal("57P01");
            // What was under way comes to its end.
            first.query("COMMIT");
            assertThat(first.readAnswer()).contains("CommandComplete(COMMIT)");
            weir.awaitClosed();
        }
    }

    private static WireClient behindProxy(Weir weir, String address) throws IOException {
        WireClient client = WireClient.connect("127.0.0.2", weir.port());
        client.send(
                "PROXY TCP6 %s 2001:db8::ff 40000 6432\r\n"
                        .formatted(address)
                        .getBytes(StandardCharsets.US_ASCII),
                Frontend.startup(Map.of("user", "anna", "database", "postgres")));
        client.readGreeting();
        return client;
    }

    @Test
    void theAddressesOfOneNetworkOfIpv6CountAsOne() throws Exception {
        try (Weir weir =
                        weir(
                                "proxy-protocol-from: 127.0.0.2\nmax-address-concurrent-transactions: 1");
                WireClient first = behindProxy(weir, "2001:db8:1:2::1");
                WireClient near = behindProxy(weir, "2001:db8:1:2:ffff::9");
                WireClient far = behindProxy(weir, "2001:db8:1:3::1")) {
            first.one("BEGIN; SELECT 1");
            near.query("SELECT 2");
            assertThat(far.one("SELECT 3")).isEqualTo("3");
            awaitWaiting(weir, 1);
            commit(first);
            assertThat(near.readAnswer()).contains("DataRow(2)");
        }
    }

    @Test
    void aCrowdBehindSeveralLimitsIsServedToTheLast() throws Exception {
        try (Weir weir =
                        weir(
                                """
                                max-db-concurrent-transactions: 3
                                max-user-concurrent-transactions: 2
                                max-address-concurrent-transactions: 4
                                """);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> crowd = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String user = i % 2 == 0 ? "anna" : "bert";
                String database = i % 4 < 2 ? "postgres" : "other";
                crowd.add(
                        threads.submit(() -> {
                            try (WireClient client =
                                    WireClient.login(weir.port(), user, database)) {
                                for (int j = 0; j < 50; j++) {
                                    client.one("BEGIN; SELECT 1");
                                    commit(client);
                                }
                            }
                            return null;
                        }));
            }
            for (Future<?> each : crowd) {
                each.get();
            }
            // All places are free again.
            try (WireClient first = begun(weir, "anna");
                    WireClient second = begun(weir, "anna");
                    WireClient third = begun(weir, "bert")) {
                commit(first);
                commit(second);
                commit(third);
            }
        }
    }
}

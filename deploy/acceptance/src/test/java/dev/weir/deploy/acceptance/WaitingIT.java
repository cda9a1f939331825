package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.PoolConfig;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Clients that wait for a server connection. */
class WaitingIT {
    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Proxy proxy() {
        return Proxy.inFrontOf(postgres.port()).poolSize(1);
    }

    private static WireClient login(Weir weir) throws IOException {
        return WireClient.login(weir.port(), "app", "postgres");
    }

    private static void begin(WireClient client) throws IOException {
        client.query("BEGIN");
        assertThat(client.readAnswer()).contains("ReadyForQuery(T)");
    }

    private static void commit(WireClient client) throws IOException {
        client.query("COMMIT");
        assertThat(client.readAnswer()).contains("ReadyForQuery(I)");
    }

    @Test
    void whoWaitsForTooLongIsToldAndMayTryAgain() throws IOException {
        try (Weir weir = proxy().queryWaitTimeout(Duration.ofMillis(300)).start();
                WireClient holder = login(weir);
                WireClient simple = login(weir);
                WireClient extended = login(weir)) {
            begin(holder);
            simple.query("SELECT 1");
            extended.send(
                    Frontend.parse("s", "SELECT 2"),
                    Frontend.bind("", "s"),
                    Frontend.execute(""),
                    Frontend.sync(),
                    Frontend.flush());
            assertThat(simple.expectError("ERROR", "53300").field('M'))
                    .contains("query-wait-timeout", "not started");
            simple.expect("ReadyForQuery(I)");
            extended.expectError("ERROR", "53300");
            extended.expect("ReadyForQuery(I)");
            commit(holder);
            assertThat(simple.one("SELECT 3")).isEqualTo("3");
            // What was skipped has prepared nothing.
            extended.send(Frontend.bind("", "s"), Frontend.sync());
            extended.expectError("ERROR", "26000");
            extended.expect("ReadyForQuery(I)");
        }
    }

    @Test
    void whatIsPipelinedBehindAnExpiredWaitIsAnsweredInOrder() throws IOException {
        try (Weir weir = proxy().queryWaitTimeout(Duration.ofMillis(300)).start();
                WireClient holder = login(weir);
                WireClient waiting = login(weir)) {
            begin(holder);
            waiting.send(
                    Frontend.parse("", "SELECT 1"),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync(),
                    Frontend.query("SELECT 2"),
                    Frontend.sync());
            waiting.expectError("ERROR", "53300");
            waiting.expect("ReadyForQuery(I)");
            commit(holder);
            List<String> second = waiting.readAnswer();
            // It has waited anew since, and may have been served.
            assertThat(second).last().isEqualTo("ReadyForQuery(I)");
            waiting.expect("ReadyForQuery(I)");
            assertThat(waiting.one("SELECT 3")).isEqualTo("3");
        }
    }

    @Test
    void whatIsPipelinedBehindABeginIsNotCarriedOutWithoutIt() throws IOException {
        postgres.execute("CREATE TABLE IF NOT EXISTS begun (n int); GRANT ALL ON begun TO app");
        try (Weir weir = proxy().queryWaitTimeout(Duration.ofMillis(300)).start();
                WireClient holder = login(weir);
                WireClient waiting = login(weir);
                WireClient patient = login(weir)) {
            begin(holder);
            patient.query("BEGIN");
            waiting.send(
                    Frontend.query("BEGIN"),
                    Frontend.query("INSERT INTO begun VALUES (1)"),
                    Frontend.query("COMMIT"));
            assertThat(waiting.expectFatal("53300").field('M')).contains("BEGIN");
            // Who waits for the answer to its BEGIN can try again.
            patient.expectError("ERROR", "53300");
            patient.expect("ReadyForQuery(I)");
            commit(holder);
            assertThat(patient.one("SELECT count(*) FROM begun")).isEqualTo("0");
        }
    }

    @Test
    void firstComeIsFirstServedAcrossLoops() throws IOException {
        try (Weir weir = proxy().eventLoops(2).start();
                WireClient holder = login(weir)) {
            postgres.execute("DROP TABLE IF EXISTS turns");
            postgres.execute(
                    "CREATE TABLE turns (n serial, who int); GRANT ALL ON turns TO app; GRANT ALL ON turns_n_seq TO app");
            begin(holder);
            List<WireClient> queue = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                WireClient client = login(weir);
                client.query("INSERT INTO turns (who) VALUES (" + i + ")");
                queue.add(client);
                int expected = i + 1;
                await().pollInterval(Duration.ofMillis(5)).until(() -> weir.waiting() == expected);
            }
            commit(holder);
            for (WireClient client : queue) {
                assertThat(client.readAnswer()).contains("CommandComplete(INSERT 0 1)");
                client.close();
            }
            assertThat(holder.one("SELECT string_agg(who::text, ' ' ORDER BY n) FROM turns"))
                    .isEqualTo("0 1 2 3 4 5 6 7 8 9 10 11");
        }
    }

    @Test
    void whoLeavesTheQueueTakesNoServerConnection() throws IOException {
        try (Weir weir = proxy().start();
                WireClient holder = login(weir);
                WireClient patient = login(weir)) {
            postgres.execute(
                    "CREATE TABLE IF NOT EXISTS traces (n int); GRANT ALL ON traces TO app");
            begin(holder);
            for (int i = 0; i < 20; i++) {
                try (WireClient leaving = login(weir)) {
                    leaving.query("INSERT INTO traces VALUES (1)");
                    await().pollInterval(Duration.ofMillis(5)).until(() -> weir.waiting() == 1);
                }
                await().pollInterval(Duration.ofMillis(5)).until(() -> weir.waiting() == 0);
            }
            patient.query("SELECT count(*) FROM traces");
            commit(holder);
            assertThat(patient.readAnswer()).contains("DataRow(0)");
        }
    }

    @Test
    void aClientThatHadToWaitHasItsOwnSettings() throws IOException {
        Map<String, String> tokyo =
                Map.of("user", "app", "database", "postgres", "TimeZone", "Asia/Tokyo");
        try (Weir weir = proxy().eventLoops(2).start();
                WireClient holder = login(weir);
                WireClient waiting = WireClient.login(weir.port(), tokyo);
                WireClient another = login(weir)) {
            begin(holder);
            waiting.query("SHOW TimeZone");
            await().pollInterval(Duration.ofMillis(5)).until(() -> weir.waiting() == 1);
            another.send(
                    Frontend.parse("", "SHOW TimeZone"),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync());
            await().pollInterval(Duration.ofMillis(5)).until(() -> weir.waiting() == 2);
            commit(holder);
            assertThat(waiting.readAnswer()).contains("DataRow(Asia/Tokyo)");
            assertThat(another.readAnswer())
                    .noneMatch(message -> message.contains("Tokyo"))
                    .contains("CommandComplete(SHOW)");
        }
    }

    @Test
    void aClientMaySendFarMoreThanIsKeptWhileItWaits() throws Exception {
        try (Weir weir = proxy().start();
                WireClient holder = login(weir);
                WireClient waiting = login(weir)) {
            begin(holder);
            byte[] query = Frontend.query("SELECT length('" + "x".repeat(100_000) + "')");
            Thread sender =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    for (int i = 0; i < 40; i++) {
                                        waiting.send(query);
                                    }
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            });
            await().pollInterval(Duration.ofMillis(5)).until(() -> weir.waiting() == 1);
            commit(holder);
            for (int i = 0; i < 40; i++) {
                assertThat(waiting.readAnswer()).contains("DataRow(100000)");
            }
            sender.join();
        }
    }

    @Test
    void aTransactionIsRefusedInStatementModeAndTheServerConnectionStaysWhole() throws IOException {
        try (Weir weir = proxy().mode(PoolConfig.Mode.STATEMENT).start();
                WireClient client = login(weir);
                WireClient other = login(weir)) {
            assertThat(client.one("SELECT 1")).isEqualTo("1");
            client.query("BEGIN");
            client.expect("CommandComplete(BEGIN)", "ReadyForQuery(T)");
            client.expectFatal("0A000");
            assertThat(other.one("SELECT 2")).isEqualTo("2");
        }
    }
}

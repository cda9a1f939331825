package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** A cancel request stops what its own client runs, and never anything else. */
class CancelRequestIT {
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

    private static Weir weir(int poolSize) throws IOException {
        return Proxy.inFrontOf(postgres.port()).poolSize(poolSize).start();
    }

    private static WireClient login(Weir weir) throws IOException {
        return WireClient.login(weir.port(), "app", "postgres");
    }

    private static void awaitRunning(String sql) {
        await().pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    try (Connection connection = postgres.connect("postgres");
                            Statement statement = connection.createStatement();
                            ResultSet rows =
                                    statement.executeQuery(
                                            "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND usename = 'app' AND query = '"
                                                    + sql.replace("'", "''")
                                                    + "'")) {
                        return rows.next();
                    }
                });
    }

    @Test
    void aRunningQueryIsStoppedAndTheSessionGoesOn() throws IOException {
        try (Weir weir = weir(1);
                WireClient client = login(weir)) {
            client.query("SELECT pg_sleep(60)");
            awaitRunning("SELECT pg_sleep(60)");
            client.cancel();
            client.expect("RowDescription(pg_sleep:2278)");
            client.expectError("ERROR", "57014");
            client.expect("ReadyForQuery(I)");
            assertThat(client.one("SELECT 'next'")).isEqualTo("next");
        }
    }

    @Test
    void ofAPipelineOnlyTheCommandThatRunsIsStopped() throws IOException {
        try (Weir weir = weir(1);
                WireClient client = login(weir)) {
            client.send(
                    Frontend.query("SELECT 'first'"),
                    Frontend.query("SELECT pg_sleep(61)"),
                    Frontend.parse("", "SELECT 'third'"),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync(),
                    Frontend.query("SELECT 'fourth'"));
            awaitRunning("SELECT pg_sleep(61)");
            client.cancel();
            assertThat(client.readAnswer()).contains("DataRow(first)");
            assertThat(String.valueOf(client.readAnswer())).contains("ERROR 57014");
            assertThat(client.readAnswer()).contains("DataRow(third)");
            assertThat(client.readAnswer()).contains("DataRow(fourth)");
        }
    }

    @Test
    void aCommandOfAnExtendedBatchIsStoppedAndTheRestOfItSkipped() throws IOException {
        try (Weir weir = weir(1);
                WireClient client = login(weir)) {
            client.send(
                    Frontend.parse("s", "SELECT pg_sleep(62)"),
                    Frontend.bind("", "s"),
                    Frontend.execute(""),
                    Frontend.parse("t", "SELECT 'skipped'"),
                    Frontend.sync());
            awaitRunning("SELECT pg_sleep(62)");
            client.cancel();
            assertThat(String.valueOf(client.readAnswer()))
                    .contains("ERROR 57014")
                    .contains("ReadyForQuery(I)");
            client.send(Frontend.bind("", "t"), Frontend.sync());
            assertThat(String.valueOf(client.readAnswer())).contains("ERROR 26000");
        }
    }

    @Test
    void aClientThatWaitsLeavesTheQueueAndIsAnswered() throws IOException {
        try (Weir weir = weir(1);
                WireClient holder = login(weir);
                WireClient waiting = login(weir);
                WireClient behind = login(weir)) {
            holder.query("BEGIN");
            holder.readAnswer();
            waiting.send(
                    Frontend.parse("", "SELECT 1"),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync());
            // Its request cannot be seen from outside before it has arrived: repeated until it has.
            waiting.patience(Duration.ofMillis(200));
            String answer = "";
            while (answer.isEmpty()) {
                waiting.cancel();
                answer = firstOf(waiting);
            }
            assertThat(answer).contains("ERROR 57014");
            waiting.patience(WireClient.PATIENCE);
            waiting.expect("ReadyForQuery(I)");
            behind.query("SELECT 'behind'");
            holder.query("SELECT 'not hit'; COMMIT");
            assertThat(holder.readAnswer()).contains("DataRow(not hit)");
            assertThat(behind.readAnswer()).contains("DataRow(behind)");
            assertThat(waiting.one("SELECT 'again'")).isEqualTo("again");
        }
    }

    private static String firstOf(WireClient client) throws IOException {
        try {
            return client.next().toString();
        } catch (AssertionError e) {
            return "";
        }
    }

    @Test
    void anIdleSessionIsNotStoppedLater() throws IOException {
        try (Weir weir = weir(1);
                WireClient client = login(weir);
                WireClient other = login(weir)) {
            assertThat(client.one("SELECT 1")).isEqualTo("1");
            for (int i = 0; i < 50; i++) {
                client.cancel();
                assertThat(other.one("SELECT 'other'")).isEqualTo("other");
                assertThat(client.one("SELECT 'own'")).isEqualTo("own");
            }
            client.query("BEGIN");
            client.readAnswer();
            client.cancel();
            assertThat(client.one("SELECT 'in transaction'")).isEqualTo("in transaction");
        }
    }

    @Test
    void aCancelThatComesTooLateNeverHitsTheNextClient() throws Exception {
        try (Weir weir = weir(1);
                WireClient quick = login(weir);
                WireClient next = login(weir)) {
            byte[] key = quick.key();
            for (int i = 0; i < 200; i++) {
                quick.query("SELECT 'quick'");
                // As near to the end of the query as can be, sometimes before and sometimes after.
                Thread cancel =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        WireClient.cancel(weir.port(), key);
                                    } catch (IOException e) {
                                        throw new AssertionError(e);
                                    }
                                });
                next.query("SELECT 'next', pg_sleep(0.001)");
                assertThat(String.valueOf(quick.readAnswer())).contains("ReadyForQuery(I)");
                assertThat(next.readAnswer())
                        .as("turn %d", i)
                        .contains("DataRow(next, )", "ReadyForQuery(I)");
                cancel.join();
            }
        }
    }

    @Test
    void aKeyThatIsNobodysIsIgnored() throws IOException {
        try (Weir weir = weir(1);
                WireClient client = login(weir)) {
            client.query("SELECT pg_sleep(0.5), 'slept'");
            awaitRunning("SELECT pg_sleep(0.5), 'slept'");
            byte[] key = client.key();
            byte[] otherSecret = key.clone();
            otherSecret[7] ^= 1;
            byte[] otherNumber = key.clone();
            otherNumber[3] ^= 1;
            for (byte[] wrong :
                    List.of(
                            otherSecret,
                            otherNumber,
                            java.util.Arrays.copyOf(key, 5),
                            java.util.Arrays.copyOf(key, 9),
                            java.util.Arrays.copyOf(key, 4 + 256))) {
                WireClient.cancel(weir.port(), wrong);
            }
            assertThat(client.readAnswer()).contains("DataRow(, slept)");
        }
    }

    @Test
    void aKeyOfImpossibleLengthIsRefused() throws IOException {
        try (Weir weir = weir(1)) {
            for (int length : new int[] {0, 3, 4, 4 + 257, 9_000}) {
                try (WireClient canceller = WireClient.connect(weir.port())) {
                    canceller.send(Frontend.cancelRequest(new byte[length]));
                    canceller.expectFatal("08P01");
                }
            }
        }
    }

    @Test
    void theKeyIsWeirsOwnAndPostgresDoesNotKnowIt() throws IOException {
        try (Weir weir = weir(1);
                WireClient client = login(weir)) {
            client.query("SELECT pg_sleep(0.5), 'slept'");
            awaitRunning("SELECT pg_sleep(0.5), 'slept'");
            WireClient.cancel(postgres.port(), client.key());
            assertThat(client.readAnswer()).contains("DataRow(, slept)");
        }
    }

    @Test
    void aKeyDiesWithItsSession() throws IOException {
        try (Weir weir = weir(1)) {
            byte[] key;
            try (WireClient gone = login(weir)) {
                key = gone.key();
                assertThat(gone.one("SELECT 1")).isEqualTo("1");
                gone.terminate();
            }
            try (WireClient client = login(weir)) {
                client.query("SELECT pg_sleep(0.3), 'slept'");
                awaitRunning("SELECT pg_sleep(0.3), 'slept'");
                WireClient.cancel(weir.port(), key);
                assertThat(client.readAnswer()).contains("DataRow(, slept)");
            }
        }
    }

    @Test
    void aFloodOfCancelRequestsTakesNobodysServerConnection() throws Exception {
        try (Weir weir = weir(2);
                WireClient target = login(weir);
                WireClient other = login(weir)) {
            target.query("SELECT pg_sleep(60)");
            awaitRunning("SELECT pg_sleep(60)");
            byte[] key = target.key();
            List<Thread> flood =
                    java.util.stream.IntStream.range(0, 200)
                            .mapToObj(i ->
                                    Thread.ofVirtual()
                                            .start(() -> {
                                                try {
                                                    WireClient.cancel(weir.port(), key);
                                                } catch (IOException e) {
                                                    throw new AssertionError(e);
                                                }
                                            }))
                            .toList();
            for (int i = 0; i < 20; i++) {
                assertThat(other.one("SELECT 'other'")).isEqualTo("other");
            }
            for (Thread thread : flood) {
                thread.join();
            }
            assertThat(String.valueOf(target.readAnswer())).contains("ERROR 57014");
            assertThat(target.one("SELECT 'goes on'")).isEqualTo("goes on");
        }
    }
}

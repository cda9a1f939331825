package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What clients hear while PostgreSQL is away, hangs, or dies, and that all is well afterwards. */
class PostgresAwayIT {
    private static final Map<String, String> APP = Map.of("user", "app", "database", "postgres");

    /** What an administrator's shutdown, or a pg_terminate_backend, says. */
    private static final String ADMIN_SHUTDOWN = "57P01";

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

    @AfterEach
    void recover() {
        if (postgres.running()) {
            postgres.resume();
        } else {
            postgres.start();
        }
    }

    private Weir weir(int poolSize) throws IOException {
        return Proxy.inFrontOf(postgres.port())
                .poolSize(poolSize)
                .loginRetry(Duration.ofMillis(50))
                .start();
    }

    private static WireClient login(Weir weir) throws IOException {
        return WireClient.login(weir.port(), "app", "postgres");
    }

    private static Backend refusedLogin(Weir weir, String sqlState) throws IOException {
        try (WireClient client = WireClient.connect(weir.port())) {
            client.send(Frontend.startup(APP));
            return client.expectFatal(sqlState);
        }
    }

    private static void assertServesAgain(Weir weir) {
        await().pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    try (WireClient client = WireClient.connect(weir.port())) {
                        client.send(Frontend.startup(APP));
                        assertThat(client.next()).hasToString("Authentication(0)");
                        client.readUntil('Z');
                        assertThat(client.one("SELECT 'back'")).isEqualTo("back");
                    }
                });
    }

    // ---- absent ----

    @Test
    void whileNobodyListensALoginIsRefusedAtOnceAndTheReasonNamesTheAddress() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (Weir weir = Proxy.inFrontOf(port).loginRetry(Duration.ofSeconds(60)).start()) {
            // Far less than any of the timeouts, each of which would let the reading time out.
            for (int i = 0; i < 5; i++) {
                assertThat(refusedLogin(weir, "08001").field('M')).contains("127.0.0.1:" + port);
            }
        }
    }

    @Test
    void aSessionSurvivesThatPostgresIsAwayWhileItIsIdle() throws IOException {
        try (Weir weir = weir(1);
                WireClient client = login(weir)) {
            assertThat(client.one("SELECT 1")).isEqualTo("1");
            postgres.stop();
            client.query("SELECT 2");
            assertThat(String.valueOf(client.readAnswer()))
                    .contains("ERROR 08001")
                    .contains("ReadyForQuery(I)");
            client.send(
                    Frontend.parse("", "SELECT 3"),
                    Frontend.bind("", ""),
                    Frontend.execute(""),
                    Frontend.sync(),
                    Frontend.query("SELECT 4"));
            assertThat(String.valueOf(client.readAnswer())).containsOnlyOnce("08001");
            assertThat(String.valueOf(client.readAnswer())).containsOnlyOnce("08001");
            postgres.start();
            await().pollInterval(Duration.ofMillis(50))
                    .untilAsserted(() -> {
                        client.query("SELECT 5");
                        assertThat(client.readAnswer()).contains("DataRow(5)");
                    });
        }
    }

    @Test
    void whatPostgresSaysAtTheLoginIsPassedOnEvenIfItClosesAtOnce() throws IOException {
        byte[] refusal =
                Frontend.together(
                        Frontend.message('R', new byte[4]),
                        Frontend.message(
                                'E',
                                "SFATAL\0VFATAL\0C28000\0Mrole is not wanted here\0\0"
                                        .getBytes(US_ASCII)));
        try (FakePostgres fake = new FakePostgres(refusal);
                Weir weir = Proxy.inFrontOf(fake.port()).loginRetry(Duration.ZERO).start()) {
            for (int i = 0; i < 50; i++) {
                assertThat(refusedLogin(weir, "28000").field('M'))
                        .isEqualTo("role is not wanted here");
            }
            assertThat(fake.connections()).isGreaterThan(10);
        }
    }

    @Test
    void aServerThatIsStartingUpIsNotYetThere() throws IOException {
        byte[] refusal =
                Frontend.message(
                        'E',
                        "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
                                .getBytes(US_ASCII));
        try (FakePostgres fake = new FakePostgres(refusal);
                Weir weir = Proxy.inFrontOf(fake.port()).start()) {
            assertThat(refusedLogin(weir, "57P03").field('M')).contains("starting up");
        }
    }

    @Test
    void whatListensMaySpeakAnotherProtocolOrNone() throws IOException {
        List<byte[]> answers =
                List.of(
                        "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII),
                        "SSH-2.0-OpenSSH\r\n".getBytes(US_ASCII),
                        new byte[] {'R', 0, 0, 0, 3},
                        new byte[] {'R', 0x7f, 0, 0, 0},
                        new byte[] {'R', 0, 0, 0, 6, 0, 0},
                        new byte[0],
                        // An error without a SQLSTATE, and one without anything.
                        Frontend.message('E', "SFATAL\0Mno code\0\0".getBytes(US_ASCII)),
                        Frontend.message('E', new byte[] {0}));
        for (byte[] answer : answers) {
            try (FakePostgres fake = new FakePostgres(answer);
                    Weir weir = Proxy.inFrontOf(fake.port()).start();
                    WireClient client = WireClient.connect(weir.port())) {
                client.send(Frontend.startup(APP));
                Backend refusal = client.next();
                assertThat(refusal.field('S')).as("%s", refusal).isEqualTo("FATAL");
                assertThat(refusal.sqlState()).isIn("08001", "08006", "08P01");
                client.expectClosed();
            }
        }
    }

    // ---- hanging ----

    @Test
    void aQueryOutlastsThatPostgresIsStoppedForAWhile() throws IOException {
        try (Weir weir = weir(2);
                WireClient client = login(weir);
                WireClient other = login(weir)) {
            client.query("SELECT pg_sleep(0.3), 'awake'");
            await().until(() -> running("pg_sleep") == 1);
            postgres.pause();
            other.query("SELECT 'waited'");
            postgres.resume();
            assertThat(client.readAnswer()).contains("DataRow(, awake)", "ReadyForQuery(I)");
            assertThat(other.readAnswer()).contains("DataRow(waited)", "ReadyForQuery(I)");
        }
    }

    @Test
    void aLoginAtAServerThatHangsEndsWithTheConnectTimeout() throws IOException {
        try (Weir weir =
                Proxy.inFrontOf(postgres.port())
                        .connectTimeout(Duration.ofMillis(300))
                        .loginRetry(Duration.ofMillis(50))
                        .start()) {
            postgres.pause();
            assertThat(refusedLogin(weir, "08001").field('M')).contains("server-connect-timeout");
            postgres.resume();
            assertServesAgain(weir);
        }
    }

    // ---- dying ----

    @Test
    void aFastShutdownInMidQueryIsToldInPostgresOwnWords() throws IOException {
        try (Weir weir = weir(1);
                WireClient client = login(weir)) {
            client.query("SELECT pg_sleep(60)");
            await().until(() -> running("pg_sleep") == 1);
            postgres.stop();
            client.expect("RowDescription(pg_sleep:2278)");
            client.expectFatal(ADMIN_SHUTDOWN);
            try (WireClient next = login(weir)) {
                next.query("SELECT 1");
                next.expectError("ERROR", "08001");
                next.expect("ReadyForQuery(I)");
            }
            postgres.start();
            assertServesAgain(weir);
        }
    }

    @Test
    void aKilledPostgresInMidQueryAndInMidTransactionIsToldOnce() throws IOException {
        try (Weir weir = weir(3);
                WireClient querying = login(weir);
                WireClient inTransaction = login(weir);
                WireClient copying = login(weir);
                WireClient idle = login(weir)) {
            postgres.execute("CREATE TABLE sink (n int); GRANT ALL ON sink TO app");
            querying.query("SELECT pg_sleep(60)");
            inTransaction.query("BEGIN; SELECT 1");
            inTransaction.readAnswer();
            copying.query("COPY sink FROM STDIN");
            copying.readUntil('G');
            await().until(() -> running("pg_sleep") == 1);
            postgres.kill9();
            for (WireClient client : List.of(querying, inTransaction, copying)) {
                // A process that sees the first one end before it is killed says so itself.
                Backend told = client.readUntil('E').getLast();
                assertThat(told.sqlState()).as("%s", told).isIn("08006", "57P01");
                assertThat(told.field('M')).containsAnyOf("may or may not", "postmaster exit");
                client.expectClosed();
            }
            postgres.start();
            assertServesAgain(weir);
            assertThat(idle.one("SELECT 'never noticed'")).isEqualTo("never noticed");
        }
    }

    @Test
    void manyKillsAndStartsLeaveNothingBehind() throws IOException {
        try (Weir weir = weir(2)) {
            for (int i = 0; i < 3; i++) {
                List<WireClient> clients = new ArrayList<>();
                for (int j = 0; j < 6; j++) {
                    clients.add(login(weir));
                    clients.getLast().query("SELECT pg_sleep(60)");
                }
                await().until(() -> running("pg_sleep") == 2);
                postgres.kill9();
                List<String> heard = new ArrayList<>();
                for (WireClient client : clients) {
                    heard.add(client.readUntil('E').getLast().sqlState());
                    client.close();
                }
                // Two were served; four waited, and are told that nothing was started.
                assertThat(heard)
                        .containsExactlyInAnyOrder(
                                "08006", "08006", "08001", "08001", "08001", "08001");
                postgres.start();
                assertServesAgain(weir);
            }
            await().until(() -> weir.clients() == 0);
        }
    }

    @Test
    void anIdleServerConnectionThatWasTerminatedIsNotLent() throws Exception {
        try (Weir weir = weir(1);
                WireClient client = login(weir)) {
            String pid = client.one("SELECT pg_backend_pid()");
            for (int i = 0; i < 20; i++) {
                postgres.execute("SELECT pg_terminate_backend(" + pid + ")");
                String gone = pid;
                await().pollInterval(Duration.ofMillis(5)).until(() -> !lives(gone));
                pid = client.one("SELECT pg_backend_pid()");
                assertThat(pid).isNotEqualTo(gone);
            }
        }
    }

    @Test
    void aLentServerConnectionThatIsTerminatedIsToldToItsClientOnly() throws IOException {
        try (Weir weir = weir(2);
                WireClient victim = login(weir);
                WireClient neighbour = login(weir)) {
            neighbour.query("BEGIN");
            neighbour.readAnswer();
            victim.query("BEGIN; SELECT pg_backend_pid()");
            String pid =
                    victim.readAnswer().stream()
                            .filter(text -> text.startsWith("DataRow"))
                            .findFirst()
                            .orElseThrow()
                            .replaceAll("\\D", "");
            postgres.execute("SELECT pg_terminate_backend(" + pid + ")");
            victim.expectFatal(ADMIN_SHUTDOWN);
            neighbour.query("COMMIT");
            assertThat(neighbour.readAnswer()).contains("CommandComplete(COMMIT)");
            assertServesAgain(weir);
        }
    }

    private long running(String sql) {
        return count("state = 'active' AND usename = 'app' AND query LIKE '%" + sql + "%'");
    }

    private boolean lives(String pid) {
        return count("pid = " + pid) > 0;
    }

    private long count(String condition) {
        try (var connection = postgres.connect("postgres");
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_activity WHERE " + condition)) {
            rows.next();
            return rows.getLong(1);
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
    }
}

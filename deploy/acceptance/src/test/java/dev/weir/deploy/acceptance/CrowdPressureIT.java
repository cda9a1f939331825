package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import io.netty.util.internal.PlatformDependent;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A slow side slows the other down and nobody else, and costs Weir no memory: what one side cannot
 * take is not read from the other.
 */
class CrowdPressureIT {
    private static final Map<String, String> LOGIN =
            Map.of("user", CrowdRun.USER, "database", CrowdRun.DATABASE);
    private static final int MEGABYTE = 1 << 20;

    /** Far less than what would pile up, and several times what buffers may hold. */
    private static final int BOUND = 16 * MEGABYTE;

    private static final int SMALL_WINDOW = 8 * 1024;

    private static LocalPostgres postgres;
    private static Weir weir;
    private static ExecutorService threads;

    /** What earlier tests have left behind in this JVM. */
    private static long before;

    private final AtomicLong most = new AtomicLong();
    private Future<?> sampler;
    private volatile boolean over;

    @BeforeAll
    static void open() throws Exception {
        postgres = CrowdRun.postgres();
        System.gc();
        await().atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ofMillis(200))
                .until(CrowdPressureIT::isSteady);
        weir = Proxy.inFrontOf(postgres.port()).poolSize(2).start();
        threads = Executors.newVirtualThreadPerTaskExecutor();
    }

    /** Buffers of closed proxies go with the collection of their pools. */
    private static boolean isSteady() {
        long now = PlatformDependent.usedDirectMemory();
        boolean steady = now == before;
        before = now;
        return steady;
    }

    @AfterAll
    static void close() {
        threads.close();
        weir.close();
        postgres.close();
    }

    @BeforeEach
    void watchMemory() {
        over = false;
        sampler =
                threads.submit(() -> {
                    while (!over) {
                        most.accumulateAndGet(PlatformDependent.usedDirectMemory(), Math::max);
                        TimeUnit.MILLISECONDS.sleep(5);
                    }
                    return null;
                });
    }

    @AfterEach
    void memoryIsFlatAndThePoolIsWhole() throws Exception {
        over = true;
        sampler.get();
        System.out.printf(
                "at most %d KiB of direct memory, %d KiB before%n",
                most.get() / 1024, before / 1024);
        // Nothing that cannot be told would make this test of memory worth anything.
        assertThat(most.get()).isPositive();
        assertThat(most.get() - before).isLessThan(BOUND);
        await().atMost(Duration.ofSeconds(20)).until(() -> weir.clients() == 0);
        try (CrowdWire one = CrowdWire.login(weir.port(), LOGIN);
                CrowdWire two = CrowdWire.login(weir.port(), LOGIN)) {
            assertThat(backend(one)).isNotEqualTo(backend(two));
        }
    }

    /** Begins a transaction. */
    private static String backend(CrowdWire wire) throws IOException {
        wire.send(new CrowdFrames().query("BEGIN; SELECT pg_backend_pid()").bytes());
        String backend = "";
        for (CrowdMessage message = wire.read(); message.type() != 'Z'; message = wire.read()) {
            if (message.type() == 'D') {
                backend = message.row().getFirst();
            }
        }
        return backend;
    }

    /** Clients that must not notice anything; each checks every reply. */
    private static void othersGoOn() throws Exception {
        CrowdLedger ledger = new CrowdLedger();
        Future<?>[] others = new Future<?>[6];
        for (int i = 0; i < others.length; i++) {
            int number = i;
            others[i] =
                    threads.submit(() -> {
                        CrowdTalk talk = new CrowdTalk("other" + number, new Random(number));
                        try (CrowdWire wire = CrowdWire.login(weir.port(), LOGIN)) {
                            for (int n = 0; n < 20; n++) {
                                CrowdExchange exchange =
                                        new CrowdExchange("other" + number, CrowdExchange.IDLE);
                                CrowdLedger.Deal deal =
                                        new CrowdLedger.Deal(-number, ledger.next(), 3);
                                talk.begin(exchange);
                                talk.insert(exchange, deal, 0, 3);
                                talk.simple(exchange);
                                talk.rollback(exchange);
                                exchange.run(wire, new Random(n));
                            }
                        }
                        return null;
                    });
        }
        for (Future<?> other : others) {
            other.get();
        }
    }

    @Test
    void aClientThatReadsALargeResultSlowlyHoldsNobodyUp() throws Exception {
        int rows = 200_000;
        try (CrowdWire slow = CrowdWire.login(weir.port(), LOGIN, SMALL_WINDOW)) {
            slow.send(
                    new CrowdFrames()
                            .query(
                                    "SELECT repeat('x', 1000) FROM generate_series(1, %d)"
                                            .formatted(rows))
                            .bytes());
            Future<?> others =
                    threads.submit(() -> {
                        othersGoOn();
                        return null;
                    });
            long read = 0;
            for (CrowdMessage message = slow.read(); message.type() != 'Z'; message = slow.read()) {
                if (message.type() == 'D') {
                    assertThat(message.body()).hasSize(2 + 4 + 1000);
                    read++;
                    if (!others.isDone() && read % 100 == 0) {
                        TimeUnit.MILLISECONDS.sleep(1);
                    }
                }
            }
            assertThat(read).isEqualTo(rows);
            others.get();
        }
    }

    /**
     * Each reply fits into what buffers hold, and each query is asked when the one before has been
     * answered, so that no reply in the way holds the next up.
     */
    @Test
    void aClientThatAsksAndNeverReadsIsNotServedForEver() throws Exception {
        postgres.execute(
                CrowdRun.DATABASE, "CREATE SEQUENCE served; GRANT ALL ON SEQUENCE served TO crowd");
        byte[] query =
                new CrowdFrames().query("SELECT nextval('served'), repeat('x', 40000)").bytes();
        CrowdWire deaf = CrowdWire.login(weir.port(), LOGIN, SMALL_WINDOW);
        int asked = 0;
        try (Connection observer = postgres.connect(CrowdRun.DATABASE)) {
            do {
                deaf.send(query);
                asked++;
            } while (asked < 2_000 && servedSoon(observer, asked));
        }
        othersGoOn();
        deaf.reset();
        System.out.println("the last of " + asked + " was not answered");
        assertThat(asked).isLessThan(2_000);
    }

    private static boolean servedSoon(Connection observer, int number) throws Exception {
        try (Statement statement = observer.createStatement()) {
            for (int tries = 0; tries < 500; tries++) {
                try (ResultSet rows =
                        statement.executeQuery(
                                "SELECT last_value FROM served WHERE is_called AND last_value >= "
                                        + number)) {
                    if (rows.next()) {
                        return true;
                    }
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
        return false;
    }

    private static void awaitStandstill(AtomicLong progress) {
        AtomicLong before = new AtomicLong(-1);
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> before.getAndSet(progress.get()) == progress.get());
    }

    @Test
    void aCopyIntoASlowServerIsSentNoFasterThanItIsTaken() throws Exception {
        postgres.execute(
                CrowdRun.DATABASE,
                """
                CREATE TABLE slow (t text);
                GRANT ALL ON slow TO crowd;
                CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END$$;
                CREATE TRIGGER wait BEFORE INSERT ON slow FOR EACH ROW EXECUTE FUNCTION wait();
                """);
        CrowdWire copier = CrowdWire.login(weir.port(), LOGIN);
        copier.send(new CrowdFrames().query("COPY slow FROM STDIN").bytes());
        assertThat(CrowdExchange.next(copier).type()).isEqualTo('G');
        byte[] rows = new CrowdFrames().copyData("y".repeat(100_000) + "\n").bytes();
        AtomicLong sent = new AtomicLong();
        Future<?> copying =
                threads.submit(() -> {
                    try {
                        while (sent.get() < 400L * MEGABYTE) {
                            copier.send(rows);
                            sent.addAndGet(rows.length);
                        }
                    } catch (IOException e) {
                        // Its socket has been closed below.
                    }
                });
        othersGoOn();
        awaitStandstill(sent);
        othersGoOn();
        long before = sent.get();
        copier.reset();
        copying.get();
        assertThat(before).isPositive().isLessThan(200L * MEGABYTE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "prepareThreshold=1", "reWriteBatchedInserts=true"})
    void aBatchOfManyStatementsComesToItsEnd(String parameters) throws Exception {
        int size = 100_000;
        postgres.execute(
                CrowdRun.DATABASE,
                "CREATE TABLE IF NOT EXISTS batch (id serial, n int); TRUNCATE batch;"
                        + " GRANT ALL ON batch TO crowd; GRANT ALL ON batch_id_seq TO crowd");
        String url =
                "jdbc:postgresql://127.0.0.1:%d/%s?user=%s&socketTimeout=60&%s"
                        .formatted(weir.port(), CrowdRun.DATABASE, CrowdRun.USER, parameters);
        try (Connection connection = DriverManager.getConnection(url)) {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO batch (n) VALUES (?)")) {
                for (int i = 0; i < size; i++) {
                    insert.setInt(1, i);
                    insert.addBatch();
                }
                assertThat(Arrays.stream(insert.executeBatch()).filter(n -> n == 1 || n == -2))
                        .hasSize(size);
            }
            try (PreparedStatement insert =
                    connection.prepareStatement(
                            "INSERT INTO batch (n) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
                for (int i = 0; i < size / 10; i++) {
                    insert.setInt(1, i);
                    insert.addBatch();
                }
                insert.executeBatch();
                try (ResultSet keys = insert.getGeneratedKeys()) {
                    int count = 0;
                    while (keys.next()) {
                        count++;
                    }
                    assertThat(count).isEqualTo(size / 10);
                }
            }
            try (Statement count = connection.createStatement();
                    ResultSet rows = count.executeQuery("SELECT count(*) FROM batch")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(size + size / 10);
            }
        }
    }
}

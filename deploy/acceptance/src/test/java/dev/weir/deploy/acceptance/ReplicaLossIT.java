package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** What sessions meet whose replica dies, or stands still, in the midst of their reads. */
class ReplicaLossIT {
    private static final int SESSIONS = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String SLEEP = "SELECT 1, pg_sleep(0.1)";

    private static Replicated servers;
    private static LocalPostgres one;
    private static Weir weir;
    private static ConsoleClient console;

    @BeforeAll
    static void start() throws Exception {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes SELECT i, i FROM generate_series(1, 1000) i;
                        """);
        one = servers.one();
        weir = servers.proxy().poolSize(20).operators(List.of("app"), List.of()).start();
        console = ConsoleClient.open(weir.port(), "app", "simple");
    }

    @AfterAll
    static void stop() throws SQLException {
        console.close();
        weir.close();
        servers.close();
    }

    @BeforeEach
    void settle() throws Exception {
        servers.settle(weir);
        await().atMost(PATIENCE).until(() -> place(one).get("state").equals("up"));
    }

    private static Map<String, String> place(LocalPostgres server) throws SQLException {
        return console.row("PLACES", "place", "127.0.0.1:" + server.port());
    }

    private static long reads(LocalPostgres server) throws SQLException {
        return Long.parseLong(place(server).get("reads"));
    }

    /** Many sessions that read until they are told to stop. */
    private static final class Load implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Future<?>> sessions = new ArrayList<>();
        private final List<AtomicInteger> done = new ArrayList<>();
        private final AtomicInteger errors = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();

        Load(int count, String sql, int rows) {
            for (int i = 0; i < count; i++) {
                int id = i + 1;
                AtomicInteger reads = new AtomicInteger();
                done.add(reads);
                sessions.add(
                        threads.submit(() -> {
                            read(id, sql, rows, reads);
                            return null;
                        }));
            }
            further(3);
        }

        private void read(int id, String sql, int rows, AtomicInteger reads) throws SQLException {
            int failed = 0;
            while (!over.get()) {
                try (Connection connection = Replicated.connect(weir);
                        PreparedStatement read = connection.prepareStatement(sql)) {
                    while (!over.get()) {
                        read.setInt(1, id);
                        int seen = 0;
                        try (ResultSet result = read.executeQuery()) {
                            while (result.next()) {
                                assertThat(result.getInt(1)).isEqualTo(id);
                                seen++;
                            }
                        } catch (SQLException e) {
                            // Of its own last words, 57P01 says that the server is gone.
                            assertThat(e.getSQLState())
                                    .matches(state ->
                                            state.startsWith("08") || state.equals("57P01"));
                            failed++;
                            errors.incrementAndGet();
                            break;
                        }
                        assertThat(seen).isEqualTo(rows);
                        reads.incrementAndGet();
                    }
                }
            }
            most.accumulateAndGet(failed, Math::max);
        }

        /** Waits until each session has been answered so many times more. */
        void further(int times) {
            List<Integer> before = done.stream().map(AtomicInteger::get).toList();
            await().atMost(PATIENCE)
                    .until(() -> {
                        for (int i = 0; i < before.size(); i++) {
                            if (done.get(i).get() < before.get(i) + times
                                    && !sessions.get(i).isDone()) {
                                return false;
                            }
                        }
                        return true;
                    });
        }

        @Override
        public void close() throws Exception {
            over.set(true);
            for (Future<?> session : sessions) {
                session.get();
            }
            threads.close();
        }
    }

    @Test
    void noReadOfAReplicaThatIsKilledFailsBeforeItHasBegunToAnswer() throws Exception {
        Load load = new Load(SESSIONS, "SELECT n FROM notes WHERE id = ?", 1);
        try (load) {
            one.kill9();
            load.further(20);
            one.start();
            load.further(20);
        }
        assertThat(load.errors).hasValue(0);
    }

    @Test
    void aReadOfWhichRowsHaveBeenSeenFailsOnceWithItsReplica() throws Exception {
        Load load = new Load(4, "SELECT ? FROM notes, generate_series(1, 20) WHERE n > 0", 20_000);
        try (load) {
            one.kill9();
            load.further(2);
            one.start();
        }
        assertThat(load.most.get()).isLessThanOrEqualTo(1);
    }

    @Test
    void readsOfAReplicaThatStandsStillAreAnsweredByOthers() throws Exception {
        Load load = new Load(SESSIONS, "SELECT n FROM notes WHERE id = ?", 1);
        try (load) {
            one.pause();
            try {
                load.further(20);
                assertThat(place(one).get("state")).isNotEqualTo("up");
            } finally {
                one.resume();
            }
            long before = reads(one);
            // Sessions that only read come back to it, too.
            await().atMost(PATIENCE).until(() -> reads(one) > before);
            load.further(20);
            await().atMost(PATIENCE).until(() -> place(one).get("breaker").equals("closed"));
        }
        assertThat(load.errors).hasValue(0);
    }

    @Test
    void aSessionThatIsEndedOnAReplicaSaysNothingOfTheReplica() throws Exception {
        try (Connection connection = Replicated.connect(weir);
                PreparedStatement sleep = connection.prepareStatement(SLEEP);
                Ender ender = new Ender()) {
            for (int i = 0; ender.ended.get() < 8; i++) {
                assertThat(i).as("reads on the primary").isLessThan(200);
                assertOneRow(sleep);
            }
            assertThat(place(one).get("breaker")).isEqualTo("closed");
            assertThat(place(servers.two()).get("breaker")).isEqualTo("closed");
        }
    }

    @Test
    void whatIsAskedAgainIsAnsweredOnceAlthoughItsStatementWasPrepared() throws Exception {
        List<PreparedStatement> open = new ArrayList<>();
        // The driver prepares it anew each time, under another name: Weir knows the text.
        try (Connection connection =
                        Replicated.connect(
                                weir, "&prepareThreshold=1&preparedStatementCacheQueries=0");
                Ender ender = new Ender()) {
            while (ender.ended.get() < 8) {
                assertThat(open.size()).as("reads on the primary").isLessThan(200);
                ender.armed.set(open.size() % 2 == 0);
                PreparedStatement sleep = connection.prepareStatement(SLEEP);
                open.add(sleep);
                assertOneRow(sleep);
            }
            for (PreparedStatement sleep : open) {
                sleep.close();
            }
        }
    }

    private static void assertOneRow(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            assertThat(row.next()).isTrue();
            assertThat(row.next()).isFalse();
        }
    }

    /** Ends the sessions on replicas that sleep. */
    private static final class Ender implements AutoCloseable {
        private static final String END =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE wait_event = 'PgSleep'";

        private final AtomicBoolean armed = new AtomicBoolean(true);
        private final AtomicInteger ended = new AtomicInteger();
        private final AtomicBoolean over = new AtomicBoolean();
        private final ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();
        private final Future<?> ending;

        Ender() {
            ending =
                    thread.submit(() -> {
                        end();
                        return null;
                    });
        }

        private void end() throws SQLException {
            try (Connection first = one.connect("postgres");
                    Connection second = servers.two().connect("postgres");
                    PreparedStatement onFirst = first.prepareStatement(END);
                    PreparedStatement onSecond = second.prepareStatement(END)) {
                while (!over.get()) {
                    for (PreparedStatement statement : List.of(onFirst, onSecond)) {
                        if (armed.get()) {
                            try (ResultSet row = statement.executeQuery()) {
                                ended.addAndGet(row.next() ? 1 : 0);
                            }
                        }
                    }
                    LockSupport.parkNanos(5_000_000);
                }
            }
        }

        @Override
        public void close() throws Exception {
            over.set(true);
            ending.get();
            thread.close();
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Nobody reads what is older than what he has written or read: many sessions write and read at
 * once, connect again, and tell their floor to others behind a second Weir, while the replicas'
 * replay is stopped, delayed and set going again, and another node becomes the primary. {@code
 * -Dweir.rounds=500} for 100,000 rounds.
 */
class FreshnessIT {
    private static final int SESSIONS = 200;
    private static final int ROUNDS = Integer.getInteger("weir.rounds", 25);

    /** Of so many rounds, one tells another session of its floor. */
    private static final int TOLD = 5;

    /** All sessions count it up, and none may see it go down. */
    private static final int SHARED = 0;

    private static Replicated servers;
    private static Weir weir;

    /** Does the same for other clients, and knows nothing of the first. */
    private static Weir other;

    private final AtomicLong onReplicas = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong rounds = new AtomicLong();
    private final AtomicLong told = new AtomicLong();
    private volatile boolean over;

    /** The port of the primary, which changes half-way. */
    private volatile int primary;

    @BeforeAll
    static void start() throws IOException {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE counters (id int PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 10);
                        GRANT ALL ON counters TO app;
                        INSERT INTO counters SELECT id, 0 FROM generate_series(0, 1000) id;
                        """);
        servers.primary().execute("CREATE ROLE operator LOGIN SUPERUSER");
        weir =
                servers.proxy()
                        .poolSize(10)
                        .routing(it ->
                                it.replicaWait(Duration.ofMillis(20)).switchover("operator", null))
                        .operators(List.of("app"), List.of())
                        .start();
        other =
                servers.proxy()
                        .poolSize(10)
                        .routing(it -> it.replicaWait(Duration.ofMillis(20)))
                        .start();
    }

    @AfterAll
    static void stop() {
        other.close();
        weir.close();
        servers.close();
    }

    private static Connection connect() throws SQLException {
        return Replicated.connect(weir);
    }

    @Test
    void nobodyReadsWhatIsOlderThanWhatHeHasSeen() throws Exception {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.printf("freshness: -Dweir.seed=%d, %,d rounds%n", seed, SESSIONS * ROUNDS);
        primary = servers.primary().port();
        for (Weir one : List.of(weir, other)) {
            servers.settle(one);
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> trouble =
                    threads.submit(() -> {
                        trouble(new Random(seed));
                        return null;
                    });
            List<Future<?>> sessions = new ArrayList<>();
            for (int i = 1; i <= SESSIONS; i++) {
                int own = i;
                Random random = new Random(seed + i);
                sessions.add(
                        threads.submit(() -> {
                            session(own, random);
                            return null;
                        }));
            }
            try {
                for (Future<?> session : sessions) {
                    session.get();
                }
            } finally {
                over = true;
            }
            trouble.get();
        }
        System.out.printf(
                "freshness: %,d of %,d reads were answered by replicas, and %,d by others who had been"
                        + " told of a floor%n",
                onReplicas.get(), reads.get(), told.get());
        assertThat(onReplicas.get()).isPositive();
        assertThat(told.get()).isPositive();
    }

    /** What happens to the replicas meanwhile. */
    private void trouble(Random random) throws Exception {
        List<LocalPostgres> replicas = new ArrayList<>(List.of(servers.one(), servers.two()));
        while (!over) {
            if (replicas.size() == 2 && rounds.get() > SESSIONS * ROUNDS / 2) {
                replicas.remove(servers.one());
                switchOver();
            }
            LocalPostgres replica = replicas.get(random.nextInt(replicas.size()));
            switch (random.nextInt(4)) {
                case 0 -> {
                    replica.replication().pauseReplay();
                    Thread.sleep(random.nextInt(300));
                    replica.replication().resumeReplay();
                }
                case 1 -> {
                    replica.replication().delay(Duration.ofMillis(100));
                    Thread.sleep(random.nextInt(400));
                    replica.replication().delay(Duration.ZERO);
                }
                case 2 -> {
                    for (int i = 0; i < 5; i++) {
                        replica.replication().pauseReplay();
                        replica.replication().resumeReplay();
                    }
                }
                default -> Thread.sleep(random.nextInt(300));
            }
        }
    }

    /** Another primary, and another timeline. */
    private void switchOver() throws SQLException {
        try (Connection console = Replicated.console(weir);
                Statement statement = console.createStatement()) {
            statement.execute("SWITCHOVER TO 127.0.0.1:" + servers.one().port());
            primary = servers.one().port();
            System.out.printf("freshness: another primary after %,d rounds%n", rounds.get());
        }
        // The fence is copied, and so is its end: a replica lets nobody in until it has replayed
        // it.
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> {
                    servers.two().execute("SELECT 1");
                    return true;
                });
    }

    private void session(int own, Random random) throws SQLException {
        long written = 0;
        long shared = 0;
        int round = 0;
        while (round < ROUNDS) {
            try (Connection connection = connect();
                    PreparedStatement write =
                            connection.prepareStatement("UPDATE counters SET n = ? WHERE id = ?");
                    PreparedStatement count =
                            connection.prepareStatement(
                                    "UPDATE counters SET n = n + 1 WHERE id = ?");
                    PreparedStatement read =
                            connection.prepareStatement(
                                    "SELECT n, inet_server() FROM counters WHERE id = ?")) {
                // It connects again now and then, and goes on with what it knows.
                int until = Math.min(ROUNDS, round + 20 + random.nextInt(30));
                for (; round < until; round++) {
                    rounds.incrementAndGet();
                    if (random.nextInt(3) > 0) {
                        written++;
                        write.setLong(1, written);
                        write.setInt(2, own);
                        assertThat(write.executeUpdate()).isEqualTo(1);
                    } else {
                        count.setInt(1, SHARED);
                        count.executeUpdate();
                        shared++;
                    }
                    if (random.nextInt(TOLD) == 0) {
                        assertThat(toldOf(floor(connection), own)).isEqualTo(written);
                    }
                    for (int i = random.nextInt(3); i >= 0; i--) {
                        assertThat(read(read, own)).isEqualTo(written);
                        long now = read(read, SHARED);
                        assertThat(now).isGreaterThanOrEqualTo(shared);
                        shared = now;
                    }
                }
            }
        }
    }

    private static String floor(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW weir.floor")) {
            row.next();
            return row.getString(1);
        }
    }

    /** What somebody reads who has been told of a floor, and is behind the other Weir. */
    private long toldOf(String floor, int id) throws SQLException {
        while (true) {
            try (Connection connection = Replicated.connect(other);
                    Statement statement = connection.createStatement()) {
                statement.execute("SET weir.floor = '" + floor + "'");
                try (ResultSet row =
                        statement.executeQuery("SELECT n FROM counters WHERE id = " + id)) {
                    row.next();
                    told.incrementAndGet();
                    return row.getLong(1);
                }
            } catch (SQLException e) {
                // The other is not told of a switchover: it follows, and what was under way fails.
                String state = String.valueOf(e.getSQLState());
                if (!state.startsWith("08") && !state.startsWith("57P")) {
                    throw e;
                }
            }
        }
    }

    private long read(PreparedStatement read, int id) throws SQLException {
        read.setInt(1, id);
        try (ResultSet row = read.executeQuery()) {
            assertThat(row.next()).isTrue();
            reads.incrementAndGet();
            if (row.getInt(2) != primary) {
                onReplicas.incrementAndGet();
            }
            return row.getLong(1);
        }
    }
}

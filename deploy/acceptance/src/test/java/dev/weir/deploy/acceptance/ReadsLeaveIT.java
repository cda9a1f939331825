package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** While the replicas are well nearly all reads leave the primary, as the servers count them. */
class ReadsLeaveIT {
    private static final int SESSIONS = 50;
    private static final int ROUNDS = 40;

    /** Reads behind each write; the first at once. */
    private static final int READS = 4;

    @Test
    void nearlyAllReadsLeaveThePrimaryAlthoughTheirSessionsWrite() throws Exception {
        try (Replicated servers =
                Replicated.start(
                        """
                        CREATE TABLE counters (id int PRIMARY KEY, n bigint NOT NULL);
                        GRANT ALL ON counters TO app;
                        INSERT INTO counters SELECT id, 0 FROM generate_series(1, 1000) id;
                        """)) {
            long before = scans(servers);
            run(servers);
            long reads = (long) SESSIONS * ROUNDS * READS;
            // Sessions that have ended have told the statistics all that they counted.
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(scans(servers) - before)
                                    .as("of %d reads", reads)
                                    .isGreaterThanOrEqualTo(reads * 95 / 100)
                                    .isLessThanOrEqualTo(reads));
            System.out.printf(
                    "reads: %,d of %,d were answered by replicas%n",
                    scans(servers) - before, reads);
        }
    }

    private static void run(Replicated servers) throws Exception {
        try (Weir weir = servers.proxy().poolSize(10).start()) {
            servers.settle(weir);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> sessions = new ArrayList<>();
                for (int i = 1; i <= SESSIONS; i++) {
                    int own = i;
                    sessions.add(
                            threads.submit(() -> {
                                session(weir, own);
                                return null;
                            }));
                }
                for (Future<?> session : sessions) {
                    session.get();
                }
            }
        }
    }

    private static void session(Weir weir, int own) throws SQLException {
        try (Connection connection = Replicated.connect(weir);
                PreparedStatement write =
                        connection.prepareStatement("UPDATE counters SET n = ? WHERE id = ?");
                PreparedStatement read =
                        connection.prepareStatement("SELECT n FROM counters WHERE id = ?")) {
            for (int round = 1; round <= ROUNDS; round++) {
                write.setLong(1, round);
                write.setInt(2, own);
                write.executeUpdate();
                for (int i = 0; i < READS; i++) {
                    read.setInt(1, own);
                    try (ResultSet row = read.executeQuery()) {
                        row.next();
                        assertThat(row.getLong(1)).isEqualTo(round);
                    }
                }
            }
        }
    }

    /** How often the replicas have looked into the table. */
    private static long scans(Replicated servers) throws SQLException {
        long scans = 0;
        for (LocalPostgres replica : List.of(servers.one(), servers.two())) {
            try (Connection connection = replica.connect("postgres")) {
                scans +=
                        Replicated.number(
                                connection,
                                "SELECT seq_scan + idx_scan FROM pg_stat_user_tables"
                                        + " WHERE relname = 'counters'");
            }
        }
        return scans;
    }
}

package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.Replicated.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.CutLink;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The primary is lost, nobody promotes a replica, and Weir does, or has reasons not to. */
class PromotionIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private Replicated servers;

    @BeforeEach
    void start() {
        servers =
                Replicated.start(
                        """
                        CREATE TABLE notes (id int PRIMARY KEY, n int);
                        GRANT ALL ON notes TO app;
                        INSERT INTO notes VALUES (0, 0);
                        CREATE ROLE operator LOGIN SUPERUSER;
                        """);
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    private Proxy proxy(int primary) {
        return Proxy.inFrontOf(primary)
                .routing(it ->
                        it.replicas(servers.one(), servers.two())
                                .failoverWait(LONG)
                                .switchover("operator", null)
                                .promotesAfter(Duration.ofSeconds(1)))
                .operators(List.of("app"), List.of());
    }

    private static int write(Connection connection) throws SQLException {
        return number(connection, "UPDATE notes SET n = n + 1 RETURNING inet_server()");
    }

    /** A column of SHOW PLACES, of all nodes. */
    private static String places(Weir weir, String column) throws SQLException {
        try (Connection console = Replicated.console(weir);
                Statement statement = console.createStatement();
                ResultSet rows = statement.executeQuery("SHOW PLACES")) {
            StringBuilder values = new StringBuilder();
            while (rows.next()) {
                values.append(rows.getString(column)).append('\n');
            }
            return values.toString();
        }
    }

    private static void awaitAllUp(Weir weir) {
        await().atMost(LONG).until(() -> places(weir, "state").equals("up\nup\nup\n"));
    }

    /** From now on the second replica gets nothing that is written. */
    private void cutOffTheSecond() {
        LocalPostgres two = servers.two();
        two.execute(
                "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1 user=%s password=%s'"
                        .formatted(two.superuser().name(), two.superuser().password()));
        two.execute("SELECT pg_reload_conf()");
        await().atMost(LONG)
                .until(() -> {
                    try (Connection connection = two.connect("postgres")) {
                        return number(
                                        connection,
                                        "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'")
                                == 0;
                    }
                });
    }

    @Test
    void ofTwoWeirsOnePromotesTheReplicaThatHasMostAndWritesGoOnThere() throws Exception {
        int primary = servers.primary().port();
        MetricsClient ofOne = new MetricsClient();
        MetricsClient ofTwo = new MetricsClient();
        try (Weir one = proxy(primary).metrics(ofOne).start();
                Weir two = proxy(primary).metrics(ofTwo).start();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection first = Replicated.connect(one);
                Connection second = Replicated.connect(two)) {
            awaitAllUp(one);
            awaitAllUp(two);
            cutOffTheSecond();
            assertThat(write(first)).isEqualTo(primary);
            assertThat(write(second)).isEqualTo(primary);
            servers.one().replication().awaitReplayOf(servers.primary());
            servers.primary().kill9();

            Future<Integer> its = threads.submit(() -> write(first));
            Future<Integer> other = threads.submit(() -> write(second));

            assertThat(its.get()).isEqualTo(servers.one().port());
            assertThat(other.get()).isEqualTo(servers.one().port());
            assertThat(number(first, "SELECT n FROM notes FOR UPDATE")).isEqualTo(4);
            // One promotion, and the other replica follows.
            assertThat(servers.one().replication().timeline()).isEqualTo(2);
            await().atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> servers.two().replication().timeline() == 2);
            assertThat(servers.two().replication().standby()).isTrue();
            String promotions = "weir_primary_promotions_total{database=\"postgres\"}";
            assertThat(ofOne.value(promotions) + ofTwo.value(promotions)).isEqualTo(1);

            servers.primary().start();
            await().atMost(LONG).until(() -> places(one, "state").contains("fenced"));
            assertThat(write(first)).isEqualTo(servers.one().port());
            try (Connection old = servers.primary().connect("postgres")) {
                assertThat(number(old, "SELECT n FROM notes")).isEqualTo(2);
            }
        }
    }

    @Test
    void whileAReplicaReceivesOrFewNodesAreThereNobodyIsPromoted() throws Exception {
        try (CutLink link = new CutLink(servers.primary().port());
                Weir weir = proxy(link.port()).start();
                Weir powerless =
                        proxy(link.port()).routing(it -> it.switchover("app", null)).start()) {
            awaitAllUp(weir);
            await().atMost(LONG)
                    .until(() -> places(powerless, "failure").contains("is no superuser"));
            link.cut();
            await().atMost(LONG)
                    .until(() -> places(weir, "failure").contains("still receives from"));
            assertThat(servers.one().replication().standby()).isTrue();
            assertThat(servers.two().replication().standby()).isTrue();

            servers.two().stopImmediate();
            servers.primary().kill9();
            await().atMost(LONG).until(() -> places(weir, "failure").contains("only 1 of 3 nodes"));
            assertThat(servers.one().replication().standby()).isTrue();
        }
    }
}

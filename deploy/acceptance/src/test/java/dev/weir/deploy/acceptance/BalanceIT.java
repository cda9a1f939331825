package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.balance.Rules;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.freshness.MaxLag;
import dev.weir.topology.Member;
import dev.weir.topology.Node;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** Which of several replicas answers. */
class BalanceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Replicated servers;

    @BeforeAll
    static void start() {
        servers = Replicated.start("");
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static Member member(LocalPostgres server, int weight, String zone) {
        return new Member(new Node("127.0.0.1", server.port()), weight, zone);
    }

    private static Rules rules(String zone, Duration slowStart) {
        return new Rules(zone, slowStart, SECOND, MaxLag.OFF, MaxLag.OFF, SECOND);
    }

    private static Weir weir(Rules rules, Member... members) throws Exception {
        Weir weir =
                servers.proxy()
                        .routing(it ->
                                it.members(members)
                                        .rules(rules)
                                        .replicaWait(Duration.ofSeconds(10)))
                        .operators(List.of("app"), List.of())
                        .start();
        try (ConsoleClient console = ConsoleClient.open(weir.port(), "app", "simple")) {
            for (LocalPostgres server : List.of(servers.one(), servers.two())) {
                await().atMost(PATIENCE).until(() -> place(console, server, "state").equals("up"));
            }
        }
        servers.settle(weir);
        return weir;
    }

    private static String place(ConsoleClient console, LocalPostgres server, String column)
            throws SQLException {
        return String.valueOf(
                console.row("PLACES", "place", "127.0.0.1:" + server.port()).get(column));
    }

    private static int where(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT inet_server()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** How many of so many sessions have their first read on that server. */
    private static int sessionsOn(Weir weir, LocalPostgres server, int sessions)
            throws SQLException {
        int found = 0;
        for (int i = 0; i < sessions; i++) {
            try (Connection connection = Replicated.connect(weir)) {
                if (where(connection) == server.port()) {
                    found++;
                }
            }
        }
        return found;
    }

    @Test
    void readsAreSpreadByWeight() throws Exception {
        // A replica that missed a question on a busy machine has its whole share again at once.
        try (Weir weir =
                weir(
                        rules("", Duration.ZERO),
                        member(servers.one(), 300, ""),
                        member(servers.two(), 100, ""))) {
            // 120 are expected of 160, and less than 95 or more than 145 once in 100,000 runs.
            assertThat(sessionsOn(weir, servers.one(), 160)).isBetween(95, 145);
        }
    }

    @Test
    void replicasOfTheSameZoneArePreferredWhileTheyAreWell() throws Exception {
        try (Weir weir =
                        weir(
                                rules("b", Duration.ZERO),
                                member(servers.one(), 1000, "a"),
                                member(servers.two(), 1, "b"));
                Connection connection = Replicated.connect(weir)) {
            // The other one answers if it is the only one that has told its position in time.
            assertThat(sessionsOn(weir, servers.two(), 20)).isGreaterThan(12);
            await().atMost(PATIENCE).until(() -> where(connection) == servers.two().port());
            servers.two().pause();
            try {
                await().atMost(PATIENCE).until(() -> where(connection) == servers.one().port());
            } finally {
                servers.two().resume();
            }
            await().atMost(PATIENCE).until(() -> where(connection) == servers.two().port());
        }
    }

    @Test
    void aReplicaThatHasComeBackGetsItsShareByAndBy() throws Exception {
        try (Weir weir =
                        weir(
                                rules("", Duration.ofSeconds(4)),
                                member(servers.one(), 100, ""),
                                member(servers.two(), 100, ""));
                ConsoleClient console = ConsoleClient.open(weir.port(), "app", "simple")) {
            assertThat(place(console, servers.one(), "share")).isEqualTo("100");
            servers.one().kill9();
            await().atMost(PATIENCE)
                    .until(() -> place(console, servers.one(), "share").equals("10"));
            servers.one().start();
            await().atMost(PATIENCE)
                    .until(() -> {
                        int share = Integer.parseInt(place(console, servers.one(), "share"));
                        return share > 10 && share < 100;
                    });
            await().atMost(PATIENCE)
                    .until(() -> place(console, servers.one(), "share").equals("100"));
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Sessions that share few server connections, each with a twin that has a PostgreSQL connection of
 * its own: whatever is done to both, they answer alike and their states are alike.
 */
final class SessionStateIT {
    private static final int SESSIONS = 12;

    /** Sessions that may tie a server connection to themselves: fewer than there are. */
    private static final int PINNING = 2;

    private static final int SERVER_CONNECTIONS = 4;
    private static final int FRESH_EVERY = 10;

    private static LocalPostgres postgres;
    private static Weir weir;
    private static DirectSessions direct;

    @BeforeAll
    static void start() throws IOException {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.execute("CREATE ROLE app LOGIN SUPERUSER");
        postgres.execute("CREATE ROLE plain LOGIN");
        postgres.execute("CREATE ROLE other; GRANT other TO plain");
        for (String database : List.of(Twin.THROUGH_WEIR, Twin.DIRECT)) {
            postgres.createDatabase(database, "app");
            postgres.execute(database, StateScripts.SCHEMA);
        }
        weir = Proxy.inFrontOf(postgres.port()).poolSize(SERVER_CONNECTIONS).start();
        direct = new DirectSessions(postgres.port());
    }

    @AfterAll
    static void stop() throws SQLException {
        direct.close();
        weir.close();
        postgres.close();
    }

    @Test
    void everySessionHasTheStateOfASessionOfItsOwn() throws SQLException {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        int sequences = Integer.getInteger("weir.sequences", 10_000);
        System.out.printf("session state: -Dweir.seed=%d, %,d sequences%n", seed, sequences);
        Random random = new Random(seed);
        List<Twin> twins = new ArrayList<>();
        List<String> history = new ArrayList<>();
        try {
            for (int i = 0; i < SESSIONS; i++) {
                twins.add(open(random, i));
            }
            for (int n = 0; n < sequences; n++) {
                int who = random.nextInt(SESSIONS);
                Twin twin = twins.get(who);
                for (String sql : StateScripts.sequence(random, who < PINNING)) {
                    history.add(who + ": " + sql);
                    twin.both(sql, tail(history, seed));
                }
                twin.compareState(tail(history, seed));
                if (n % FRESH_EVERY == 0) {
                    try (Twin fresh = open(random, SESSIONS)) {
                        fresh.compareState("a fresh session after\n" + tail(history, seed));
                    }
                    int leaving = random.nextInt(SESSIONS);
                    history.add(leaving + ": (leaves)");
                    twins.get(leaving).close();
                    twins.set(leaving, open(random, leaving));
                }
            }
        } finally {
            twins.forEach(Twin::close);
        }
        assertThat(serverConnections()).isBetween(2L, 2L * SERVER_CONNECTIONS);
    }

    private static long serverConnections() throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_activity WHERE datname = '"
                                        + Twin.THROUGH_WEIR
                                        + "'")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static Twin open(Random random, int number) throws SQLException {
        String user = number % 2 == 0 ? "app" : "plain";
        String parameters = StateScripts.startup(random);
        String throughWeir = DirectSessions.url(weir.port(), Twin.THROUGH_WEIR, user, parameters);
        return new Twin(DriverManager.getConnection(throughWeir), direct.begin(user, parameters));
    }

    private static String tail(List<String> history, long seed) {
        return "-Dweir.seed="
                + seed
                + "\n"
                + String.join(
                        "\n", history.subList(Math.max(0, history.size() - 60), history.size()));
    }
}

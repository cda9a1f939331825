package dev.weir.deploy.acceptance;

import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * A primary with two replicas, which everybody may log in to as app, and a function that tells
 * which of them answers, although it only reads.
 */
record Replicated(LocalPostgres primary, LocalPostgres one, LocalPostgres two)
        implements AutoCloseable {
    /**
     * Starts them.
     *
     * @param schema what the database postgres has besides
     */
    static Replicated start(String schema) {
        LocalPostgres primary =
                LocalPostgres.builder()
                        .authMethod("trust")
                        .setting("max_connections", "200")
                        .start();
        primary.createRole("app", "app");
        primary.execute(
                """
                GRANT pg_monitor TO app;
                CREATE FUNCTION inet_server() RETURNS int STABLE LANGUAGE sql
                    AS 'SELECT current_setting(''port'')::int';
                """
                        + schema);
        return new Replicated(primary, primary.replica().start(), primary.replica().start());
    }

    /** A proxy in front of all three. */
    Proxy proxy() {
        return Proxy.inFrontOf(primary.port()).routing(it -> it.replicas(one, two));
    }

    /** A session of app's. */
    static Connection connect(Weir weir) throws SQLException {
        return connect(weir, "");
    }

    /**
     * The same of a driver that is told more.
     *
     * @param more parameters of its URL, each after an ampersand
     */
    static Connection connect(Weir weir, String more) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres?user=app&socketTimeout=60%s"
                        .formatted(weir.port(), more));
    }

    /** A session of app's at the console. */
    static Connection console(Weir weir) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/weir?user=app&preferQueryMode=simple"
                        .formatted(weir.port()));
    }

    /** The first column of the first row. */
    static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Waits until both have replayed all, and a read is answered by one of them. */
    void settle(Weir weir) throws SQLException {
        one.replication().awaitReplayOf(primary);
        two.replication().awaitReplayOf(primary);
        try (Connection connection = connect(weir);
                PreparedStatement where = connection.prepareStatement("SELECT inet_server()")) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        try (ResultSet row = where.executeQuery()) {
                            return row.next() && row.getInt(1) != primary.port();
                        }
                    });
        }
    }

    /** A Weir with few server connections whose reads wait long for a replica; both answer. */
    Weir patient() throws IOException {
        Weir weir =
                proxy().poolSize(2)
                        .loginRetry(Duration.ofMillis(50))
                        .routing(it -> it.replicaWait(Duration.ofSeconds(10)))
                        .start();
        awaitBoth(weir);
        return weir;
    }

    /** Waits until each of them has answered a read. */
    void awaitBoth(Weir weir) {
        Set<Integer> seen = new HashSet<>();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> {
                    try (Connection connection = connect(weir)) {
                        seen.add(number(connection, "SELECT inet_server()"));
                    }
                    return seen.contains(one.port()) && seen.contains(two.port());
                });
    }

    @Override
    public void close() {
        two.close();
        one.close();
        primary.close();
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.TimeoutsConfig;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Clients that take too long, each with the SQLSTATE that PostgreSQL has for it. */
final class TimeoutsIT {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration NEVER = Duration.ZERO;

    private static LocalPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.execute("CREATE ROLE app LOGIN");
        postgres.createDatabase("shop", "app");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Weir weir(TimeoutsConfig timeouts) throws IOException {
        return Proxy.inFrontOf(postgres.port()).poolSize(1).timeouts(timeouts).start();
    }

    private static Connection connect(Weir weir) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/shop?user=app&socketTimeout=60"
                        .formatted(weir.port()));
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void isRefused(String state, String text, ThrowingRun run) {
        assertThatThrownBy(run::run)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
                .hasMessageContaining(text);
    }

    private interface ThrowingRun {
        void run() throws Exception;
    }

    @Test
    void aStatementThatRunsTooLongIsCancelledAndTheSessionGoesOn() throws Exception {
        try (Weir weir = weir(new TimeoutsConfig(SHORT, NEVER, NEVER, NEVER, NEVER, NEVER));
                Connection client = connect(weir)) {
            isRefused("57014", "query-timeout", () -> one(client, "SELECT pg_sleep(60)"));
            assertThat(one(client, "SELECT 'on'")).isEqualTo("on");
            client.setAutoCommit(false);
            for (int i = 0; i < 40; i++) {
                assertThat(one(client, "SELECT pg_sleep(0.02)::text || 'x'")).isEqualTo("x");
            }
            client.commit();
        }
    }

    @Test
    void aClientThatIdlesInItsTransactionLosesItAndTheServerConnectionIsFree() throws Exception {
        try (Weir weir = weir(new TimeoutsConfig(NEVER, NEVER, SHORT, NEVER, NEVER, NEVER));
                Connection client = connect(weir);
                Connection other = connect(weir)) {
            client.setAutoCommit(false);
            one(client, "SELECT pg_sleep(0.5)::text");
            assertThat(one(other, "SELECT 'mine'")).isEqualTo("mine");
            isRefused("25P03", "idle-transaction-timeout", () -> one(client, "SELECT 1"));
        }
    }

    @Test
    void aTransactionThatLastsTooLongEndsEvenIfItIsBusy() throws Exception {
        try (Weir weir = weir(new TimeoutsConfig(NEVER, SHORT, NEVER, NEVER, NEVER, NEVER));
                Connection client = connect(weir);
                Connection other = connect(weir)) {
            for (int i = 0; i < 40; i++) {
                one(other, "SELECT pg_sleep(0.01)::text");
            }
            client.setAutoCommit(false);
            isRefused(
                    "25P04",
                    "transaction-timeout",
                    () -> {
                        for (int i = 0; i < 10_000; i++) {
                            one(client, "SELECT pg_sleep(0.01)::text");
                        }
                    });
            assertThat(one(other, "SELECT 'free'")).isEqualTo("free");
        }
    }

    @Test
    void aClientThatDoesNothingIsDisconnectedAndOneThatWaitsForItsReplyIsNot() throws Exception {
        try (Weir weir = weir(new TimeoutsConfig(NEVER, NEVER, NEVER, SHORT, NEVER, NEVER));
                Connection idle = connect(weir);
                Connection busy = connect(weir)) {
            one(busy, "SELECT pg_sleep(1)::text");
            await().until(() -> weir.clients() <= 1);
            isRefused("57P05", "client-idle-timeout", () -> one(idle, "SELECT 1"));
        }
    }

    @Test
    void aTransactionIsNoIdleClient() throws Exception {
        try (Weir weir = weir(new TimeoutsConfig(NEVER, NEVER, NEVER, SHORT, NEVER, NEVER));
                Connection client = connect(weir)) {
            client.setAutoCommit(false);
            one(client, "SELECT pg_sleep(0.5)::text");
            try (Connection observer = postgres.connect("shop")) {
                one(observer, "SELECT pg_sleep(0.5)::text");
            }
            assertThat(one(client, "SELECT 'still'")).isEqualTo("still");
        }
    }

    @Test
    void aServerConnectionDoesNotWaitForEverForBytesThatNobodySends() throws Exception {
        try (Weir weir = weir(new TimeoutsConfig(NEVER, NEVER, NEVER, NEVER, SHORT, NEVER));
                Connection other = connect(weir);
                WireClient client = WireClient.login(weir.port(), "app", "shop")) {
            client.send(Frontend.parse("", "SELECT 1"), Frontend.flush());
            assertThat(client.next().type()).isEqualTo('1');
            client.expectFatal("08006");
            assertThat(one(other, "SELECT 'free'")).isEqualTo("free");
        }
    }

    @Test
    void whoWaitsForAServerConnectionIsTold() throws Exception {
        try (Weir weir = weir(new TimeoutsConfig(NEVER, NEVER, NEVER, NEVER, NEVER, SHORT));
                Connection holder = connect(weir);
                Connection waiting = connect(weir)) {
            holder.setAutoCommit(false);
            one(holder, "SELECT 1");
            try (Statement statement = waiting.createStatement()) {
                CompletableFuture<Void> done =
                        CompletableFuture.runAsync(() -> {
                            try {
                                statement.execute("SELECT 1");
                            } catch (SQLException e) {
                                throw new AssertionError(e);
                            }
                        });
                await().until(() -> weir.waiting() == 1);
                one(holder, "SELECT pg_sleep(1)::text");
                holder.commit();
                done.get();
                SQLWarning warning = statement.getWarnings();
                assertThat(warning == null).isFalse();
                assertThat(warning.getMessage()).contains("query-wait-notify");
            }
            execute(waiting, "SELECT 1");
        }
    }
}

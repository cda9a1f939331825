package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What operators order at the console while clients work. */
class OrdersIT {
    private static LocalPostgres postgres;

    private Weir weir;
    private ConsoleClient console;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void start() throws Exception {
        weir =
                Proxy.inFrontOf(postgres.port())
                        .poolSize(2)
                        .operators(List.of("boss"), List.of())
                        .start();
        console = boss();
    }

    @AfterEach
    void stop() throws Exception {
        console.close();
        weir.close();
    }

    private ConsoleClient boss() throws SQLException {
        return ConsoleClient.open(weir.port(), "boss");
    }

    private WireClient app() throws IOException {
        return app("postgres");
    }

    private WireClient app(String database) throws IOException {
        return WireClient.login(weir.port(), "app", database);
    }

    /** Orders on a session of its own, as the answer may take its time. */
    private CompletableFuture<Void> begin(String order) {
        return CompletableFuture.runAsync(() -> {
            try (ConsoleClient own = boss()) {
                own.order(order);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void awaitState(String key) {
        await(key).until(() -> console.row("STATE", "key", key).get("value").equals("yes"));
    }

    private static void ask(WireClient client, String sql) throws IOException {
        client.query(sql);
        client.readAnswer();
    }

    @Test
    void pauseWaitsForTransactionsAndPipelinesAndHoldsEverybodyElse() throws Exception {
        try (WireClient busy = app();
                WireClient half = app();
                WireClient late = app()) {
            ask(busy, "BEGIN");
            half.send(Frontend.parse("", "SELECT 7"), Frontend.bind("", ""), Frontend.flush());
            half.expect("ParseComplete", "BindComplete");

            CompletableFuture<Void> pause = begin("PAUSE");
            awaitState("paused");
            late.query("SELECT 'late'");
            await().until(() -> weir.waiting() == 1);
            assertThat(pause).isNotDone();

            half.send(Frontend.execute(""), Frontend.sync());
            half.expect("DataRow(7)", "CommandComplete(SELECT 1)", "ReadyForQuery(I)");
            assertThat(busy.one("SELECT 1")).isEqualTo("1");
            ask(busy, "COMMIT");
            pause.get(20, TimeUnit.SECONDS);
            assertThat(console.show("SERVERS")).isEmpty();
            assertThat(weir.waiting()).isEqualTo(1);

            console.order("RESUME");
            assertThat(late.readAnswer()).contains("DataRow(late)", "ReadyForQuery(I)");
            assertThat(busy.one("SELECT 2")).isEqualTo("2");
        }
    }

    @Test
    void aDatabaseCanBePausedAloneEvenBeforeAnybodyHasAskedForIt() throws Exception {
        console.order("PAUSE template1");
        CompletableFuture<WireClient> held =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        WireClient client = app("template1");
                        ask(client, "SELECT 1");
                        return client;
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
        try (WireClient other = app()) {
            assertThat(other.one("SELECT 1")).isEqualTo("1");
        }
        await().until(() -> weir.waiting() == 1);
        assertThat(console.row("DATABASES", "name", "template1")).containsEntry("paused", "1");
        assertThat(held).isNotDone();

        console.order("RESUME template1");
        held.get(20, TimeUnit.SECONDS).close();
        assertThatThrownBy(() -> console.order("RESUME template1"))
                .hasMessageContaining("not paused");
    }

    @Test
    void aPauseThatIsRevokedMeanwhileSaysSo() throws Exception {
        try (WireClient busy = app()) {
            ask(busy, "BEGIN");
            CompletableFuture<Void> pause = begin("PAUSE");
            awaitState("paused");

            console.order("RESUME");

            assertThatThrownBy(() -> pause.get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("revoked by RESUME");
            assertThat(busy.one("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aPauseDoesNotHangWhenWeirIsToldToEndAndResumeIsRefusedThen() throws Exception {
        try (WireClient busy = app()) {
            ask(busy, "BEGIN");
            CompletableFuture<Void> pause = begin("PAUSE");
            awaitState("paused");

            console.order("SHUTDOWN WAIT_FOR_SERVERS");

            assertThatThrownBy(() -> pause.get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("shutting down");
            assertThatThrownBy(() -> console.order("RESUME")).hasMessageContaining("shutting down");
            ask(busy, "COMMIT");
            weir.awaitClosed();
        }
    }

    @Test
    void suspendKeepsServerConnectionsOpen() throws Exception {
        try (WireClient client = app()) {
            String pid = client.one("SELECT pg_backend_pid()");
            console.order("SUSPEND");
            client.query("SELECT pg_backend_pid()");
            await().until(() -> weir.waiting() == 1);
            assertThat(console.show("SERVERS")).hasSize(1);

            console.order("RESUME");
            assertThat(client.readAnswer()).contains("DataRow(" + pid + ")");
        }
    }

    @Test
    void reconnectReplacesServerConnectionsWhenTheyAreFree() throws Exception {
        try (WireClient busy = app();
                WireClient client = app()) {
            ask(busy, "BEGIN");
            String held = busy.one("SELECT pg_backend_pid()");
            String idle = client.one("SELECT pg_backend_pid()");

            console.order("RECONNECT");
            assertThat(client.one("SELECT pg_backend_pid()")).isNotEqualTo(idle);
            CompletableFuture<Void> wait = begin("WAIT_CLOSE");
            assertThat(busy.one("SELECT pg_backend_pid()")).isEqualTo(held);
            assertThat(console.row("SERVERS", "remote_pid", held))
                    .containsEntry("close_needed", "1");
            assertThat(wait).isNotDone();

            ask(busy, "COMMIT");
            wait.get(20, TimeUnit.SECONDS);
            assertThat(busy.one("SELECT pg_backend_pid()")).isNotEqualTo(held);
        }
    }

    @Test
    void aDisabledDatabaseTakesNoNewClientsAndKeepsItsOld() throws Exception {
        try (WireClient old = app();
                WireClient refused = WireClient.connect(weir.port())) {
            console.order("DISABLE postgres");
            refused.send(Frontend.startup(java.util.Map.of("user", "app", "database", "postgres")));
            assertThat(refused.expectFatal("55000").toString()).contains("takes no new clients");
            assertThat(old.one("SELECT 1")).isEqualTo("1");

            console.order("ENABLE postgres");
            app().close();
        }
    }

    @Test
    void killDropsClientsAndServerConnectionsAndPauses() throws Exception {
        try (WireClient busy = app();
                WireClient idle = app()) {
            ask(busy, "BEGIN");

            console.order("KILL postgres");

            busy.expectFatal("57P01");
            idle.expectFatal("57P01");
            await().until(() -> console.show("SERVERS").isEmpty());
            assertThat(console.row("DATABASES", "name", "postgres")).containsEntry("paused", "1");
            console.order("RESUME postgres");
            try (WireClient next = app()) {
                assertThat(next.one("SELECT 1")).isEqualTo("1");
            }
        }
    }

    @Test
    void theConsoleItselfCannotBeTheObject() {
        for (String order : List.of("PAUSE weir", "KILL pgbouncer", "DISABLE weir")) {
            assertThatThrownBy(() -> console.order(order))
                    .as(order)
                    .isInstanceOfSatisfying(
                            PSQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("55000"));
        }
    }

    @Test
    void shutdownEndsWeirAtOnceAndItsPoolsWithIt() throws Exception {
        try (WireClient busy = app()) {
            ask(busy, "BEGIN");
            console.order("SHUTDOWN");
            weir.awaitClosed();
            assertThat(busy.readUntil('Z').getLast().isEnd()).isTrue();
        }
    }

    @Test
    void waitingForClientsServesThemUntilTheyLeave() throws Exception {
        try (WireClient client = app()) {
            console.order("SHUTDOWN WAIT_FOR_CLIENTS");
            await().untilAsserted(
                            () -> assertThatThrownBy(this::app).isInstanceOf(IOException.class));
            assertThat(client.one("SELECT 1")).isEqualTo("1");
            assertThat(client.one("SELECT 2")).isEqualTo("2");

            client.terminate();
            weir.awaitClosed();
        }
    }
}

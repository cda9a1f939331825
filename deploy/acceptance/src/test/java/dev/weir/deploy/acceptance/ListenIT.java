package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** LISTEN and NOTIFY while sessions share two server connections. */
final class ListenIT {
    private static final int LISTENERS = 1_000;
    private static final int PATIENCE = 20_000;

    private static LocalPostgres postgres;
    private static Weir weir;

    @BeforeAll
    static void start() throws IOException {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.execute("CREATE ROLE app LOGIN");
        postgres.createDatabase("news", "app");
        weir = Proxy.inFrontOf(postgres.port()).poolSize(2).maxClients(LISTENERS + 50).start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        postgres.close();
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/news?user=app&socketTimeout=60"
                        .formatted(weir.port()));
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** What has come, up to and with the payload {@code last}. */
    private static List<String> heard(Connection connection, String last) throws SQLException {
        List<String> heard = new ArrayList<>();
        while (!heard.contains(last)) {
            PGNotification[] some =
                    connection.unwrap(PGConnection.class).getNotifications(PATIENCE);
            assertThat(some).as("notifications before %s; had %s", last, heard).isNotEmpty();
            Arrays.stream(some)
                    .map(one -> one.getName() + "=" + one.getParameter())
                    .forEach(heard::add);
        }
        return heard;
    }

    private static long count(String condition) throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_activity WHERE datname = 'news' AND "
                                        + condition)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    void aThousandListenersNeedOneServerConnectionBesideThePool() throws Exception {
        List<Connection> listeners = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8);
                Connection notifier = connect()) {
            List<Future<Connection>> opening = new ArrayList<>();
            for (int i = 0; i < LISTENERS; i++) {
                int number = i;
                opening.add(
                        threads.submit(() -> {
                            Connection listener = connect();
                            run(listener, "LISTEN everybody");
                            run(listener, "LISTEN \"Own " + number + '"');
                            return listener;
                        }));
            }
            for (Future<Connection> future : opening) {
                listeners.add(future.get());
            }
            run(notifier, "NOTIFY everybody, 'all'");
            for (int i = 0; i < LISTENERS; i++) {
                assertThat(heard(listeners.get(i), "everybody=all"))
                        .containsExactly("everybody=all");
            }
            for (int i = 0; i < LISTENERS; i += 100) {
                run(notifier, "SELECT pg_notify('Own " + i + "', 'yours')");
                assertThat(heard(listeners.get(i), "Own " + i + "=yours"))
                        .containsExactly("Own " + i + "=yours");
            }
            assertThat(count("true")).isLessThanOrEqualTo(3);
        } finally {
            for (Connection listener : listeners) {
                listener.close();
            }
        }
        // Nobody listens any more: neither does Weir.
        await().until(() ->
                count("query LIKE 'LISTEN%' OR query LIKE 'UNLISTEN%'") == 0 || count("true") <= 2);
    }

    @Test
    void listenCountsFromItsCommitAndNotIfItIsRolledBack() throws SQLException {
        try (Connection listener = connect();
                Connection notifier = connect()) {
            listener.setAutoCommit(false);
            run(listener, "LISTEN undone");
            listener.rollback();
            run(listener, "SAVEPOINT s");
            run(listener, "LISTEN undone_too");
            run(listener, "ROLLBACK TO s");
            run(listener, "LISTEN kept");
            listener.commit();
            listener.setAutoCommit(true);
            run(notifier, "NOTIFY undone, '1'; NOTIFY undone_too, '2'; NOTIFY kept, '3'");
            assertThat(heard(listener, "kept=3")).containsExactly("kept=3");
        }
    }

    @Test
    void unlistenAndDiscardEndIt() throws SQLException {
        try (Connection listener = connect();
                Connection notifier = connect()) {
            run(listener, "LISTEN a; LISTEN b; LISTEN c");
            run(notifier, "NOTIFY a; NOTIFY b; NOTIFY c, 'all'");
            assertThat(heard(listener, "c=all")).containsExactly("a=", "b=", "c=all");
            run(listener, "UNLISTEN a");
            run(notifier, "NOTIFY a; NOTIFY b; NOTIFY c, 'two'");
            assertThat(heard(listener, "c=two")).containsExactly("b=", "c=two");
            run(listener, "UNLISTEN *");
            run(listener, "LISTEN d");
            run(notifier, "NOTIFY b; NOTIFY c; NOTIFY d, 'one'");
            assertThat(heard(listener, "d=one")).containsExactly("d=one");
            run(listener, "DISCARD ALL");
            run(listener, "LISTEN e");
            run(notifier, "NOTIFY d; NOTIFY e, 'last'");
            assertThat(heard(listener, "e=last")).containsExactly("e=last");
        }
    }

    @Test
    void aSessionHearsItsOwnNotificationsAndThoseOfATransactionTogether() throws SQLException {
        try (Connection listener = connect()) {
            run(listener, "LISTEN own");
            listener.setAutoCommit(false);
            run(listener, "NOTIFY own, 'never'");
            listener.rollback();
            run(listener, "NOTIFY own, '1'");
            run(listener, "NOTIFY own, '2'");
            listener.commit();
            assertThat(heard(listener, "own=2")).containsExactly("own=1", "own=2");
        }
    }

    @Test
    void notificationsWaitForTheEndOfATransaction() throws SQLException {
        try (Connection listener = connect();
                Connection notifier = connect()) {
            run(listener, "LISTEN later");
            listener.setAutoCommit(false);
            run(listener, "SELECT 1");
            run(notifier, "NOTIFY later, 'x'");
            run(listener, "SELECT pg_sleep(0.1)");
            assertThat(listener.unwrap(PGConnection.class).getNotifications()).isNullOrEmpty();
            listener.commit();
            assertThat(heard(listener, "later=x")).containsExactly("later=x");
        }
    }

    @Test
    void aPreparedListenWorksAlso() throws SQLException {
        try (Connection listener = connect();
                Connection notifier = connect();
                PreparedStatement listen = listener.prepareStatement("/* hello */ LISTEN \"Ab\"")) {
            for (int i = 0; i < 10; i++) {
                listen.execute();
                run(notifier, "NOTIFY \"Ab\", '" + i + "'");
                assertThat(heard(listener, "Ab=" + i)).containsExactly("Ab=" + i);
            }
        }
    }

    @Test
    void namesTooLongForAStandInAndListenFromWithinAFunctionStillWork() throws SQLException {
        String longest = "n".repeat(63);
        try (Connection listener = connect();
                Connection notifier = connect()) {
            run(listener, "LISTEN " + longest);
            run(listener, "DO $$ BEGIN EXECUTE 'LISTEN hidden'; END $$");
            run(notifier, "NOTIFY hidden, '1'; NOTIFY " + longest + ", '2'");
            assertThat(heard(listener, longest + "=2"))
                    .containsExactlyInAnyOrder("hidden=1", longest + "=2");
        }
    }

    @Test
    void sessionsThatMayHaveMissedSomethingAreClosed() throws Exception {
        try (Connection listener = connect();
                Connection other = connect()) {
            run(listener, "LISTEN fragile");
            run(other, "SELECT 1");
            postgres.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"fragile\"%'");
            assertThatThrownBy(() -> heard(listener, "none"))
                    .hasMessageContaining("listens for this session was lost");
            run(other, "SELECT 1");
            try (Connection again = connect()) {
                run(again, "LISTEN fragile");
                run(other, "NOTIFY fragile, 'back'");
                assertThat(heard(again, "fragile=back")).containsExactly("fragile=back");
            }
        }
    }
}

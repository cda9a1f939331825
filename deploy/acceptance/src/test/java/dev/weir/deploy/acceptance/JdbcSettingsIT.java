package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.app.Weir;
import dev.weir.config.PoolConfig;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What a client asks for in its URL is its own, on whatever server connection it is served. */
class JdbcSettingsIT {
    private static final int POOL = 2;
    private static final String SHOW =
            """
            SELECT concat_ws(' ', current_setting('search_path'),
            current_setting('application_name'), current_setting('lock_timeout'),
            current_setting('app.tenant', true))
            """;

    private static JdbcStage stage;
    private static Weir weir;
    private static Weir sessions;

    @BeforeAll
    static void open() throws Exception {
        stage = JdbcStage.open();
        weir = stage.proxy().poolSize(POOL).start();
        sessions = stage.proxy().mode(PoolConfig.Mode.SESSION).poolSize(1).start();
    }

    @AfterAll
    static void close() {
        weir.close();
        sessions.close();
        stage.close();
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * Unless it is told that the server is not ancient, pgjdbc sets its name by a statement of its
     * own behind the login, which in transaction mode lasts no longer than others.
     */
    private static String url(int client) {
        return "assumeMinServerVersion=9.0&currentSchema=schema%d&ApplicationName=client%d&options=-c%%20lock_timeout=%dms%s"
                .formatted(
                        client,
                        client,
                        1001 + client,
                        client % 2 == 0 ? "%20-c%20app.tenant=t" + client : "");
    }

    private static String expected(int client) {
        return "schema%d client%d %dms%s"
                .formatted(client, client, 1001 + client, client % 2 == 0 ? " t" + client : "");
    }

    @Test
    void eachClientHasItsOwnSettingsOnEveryServerConnection() throws Exception {
        try (JdbcChurn churn = new JdbcChurn(weir, POOL)) {
            for (int client = 1; client <= 5; client++) {
                try (Connection connection = JdbcStage.through(weir, url(client))) {
                    for (int i = 0; i < 2 * POOL; i++) {
                        assertThat(one(connection, SHOW).strip()).isEqualTo(expected(client));
                        churn.turn();
                    }
                }
            }
        }
    }

    @Test
    void clientsThatHaveToWaitForAServerConnectionHaveTheirOwnSettingsToo() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < 5 * POOL; i++) {
                int client = i;
                clients.add(
                        threads.submit(() -> {
                            try (Connection connection = JdbcStage.through(weir, url(client))) {
                                for (int n = 0; n < 100; n++) {
                                    assertThat(one(connection, SHOW).strip())
                                            .isEqualTo(expected(client));
                                }
                            }
                            return null;
                        }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
    }

    @Test
    void whatAClientSetsReachesNobodyElse() throws Exception {
        try (Connection one =
                        JdbcStage.through(weir, "assumeMinServerVersion=9.0&ApplicationName=one");
                Connection two =
                        JdbcStage.through(weir, "assumeMinServerVersion=9.0&ApplicationName=two");
                JdbcChurn churn = new JdbcChurn(weir, POOL)) {
            String zone = two.unwrap(PGConnection.class).getParameterStatus("TimeZone");
            String before = one(two, SHOW);
            for (int i = 0; i < 2 * POOL; i++) {
                run(one, "SET TimeZone = 'Pacific/Kiritimati'");
                run(one, "SET lock_timeout = '77ms'");
                run(one, "SET app.tenant = 'one'");
                run(one, "SELECT set_config('IntervalStyle', 'iso_8601', false)");
                one.setSchema("pg_catalog");
                one.setClientInfo("ApplicationName", "renamed");
                one.setAutoCommit(false);
                run(one, "SET LOCAL lock_timeout = '88ms'");
                run(one, "SET search_path = nowhere");
                assertThat(one(one, "SHOW search_path")).isEqualTo("nowhere");
                one.commit();
                one.setAutoCommit(true);

                // A setting that was made up stays known as an empty one (manual 20.16).
                assertThat(one(two, SHOW).strip()).isEqualTo(before.strip());
                assertThat(one(two, "SHOW TimeZone")).isEqualTo(zone);
                assertThat(one(two, "SHOW IntervalStyle")).isEqualTo("postgres");
                churn.turn();
            }
            PGConnection told = two.unwrap(PGConnection.class);
            assertThat(told.getParameterStatus("TimeZone")).isEqualTo(zone);
            assertThat(told.getParameterStatus("application_name")).isEqualTo("two");
            assertThat(told.getParameterStatus("IntervalStyle")).isEqualTo("postgres");
        }
    }

    @Test
    void inSessionModeAClientKeepsWhatItSetsAndTheNextStartsAnew() throws Exception {
        try (Connection connection = JdbcStage.through(sessions, "ApplicationName=keeper")) {
            connection.setSchema("pg_catalog");
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection.setReadOnly(true);
            run(connection, "SET app.tenant = 'kept'");
            run(connection, "CREATE TEMP TABLE mine (n int)");
            connection.setAutoCommit(false);
            connection.commit();
            assertThat(one(connection, SHOW)).isEqualTo("pg_catalog keeper 0 kept");
            assertThat(one(connection, "SHOW transaction_isolation")).isEqualTo("serializable");
            assertThat(one(connection, "SELECT count(*) FROM mine")).isEqualTo("0");
            connection.commit();
        }
        try (Connection next = JdbcStage.through(sessions, "ApplicationName=next")) {
            assertThat(one(next, SHOW).strip()).isEqualTo("\"$user\", public next 0");
            assertThat(one(next, "SHOW transaction_isolation")).isEqualTo("read committed");
            assertThat(one(next, "SELECT to_regclass('mine') IS NULL")).isEqualTo("t");
        }
    }

    @Test
    void aClientIsToldTheServersParametersAtItsLogin() throws Exception {
        try (Connection direct = stage.direct(url(2));
                Connection through = JdbcStage.through(weir, url(2))) {
            assertThat(through.unwrap(PGConnection.class).getParameterStatuses())
                    .containsExactlyInAnyOrderEntriesOf(
                            direct.unwrap(PGConnection.class).getParameterStatuses());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "options=-c%20no_such_setting=1",
                "options=-c%20work_mem=much",
                "options=-c%20shared_buffers=1MB",
                "options=-c%20log_min_messages=panic",
            })
    void aSettingThatPostgresRefusesIsRefusedInItsWords(String url) throws Exception {
        SQLException direct =
                catchThrowableOfType(SQLException.class, () -> stage.direct(url).close());
        SQLException through =
                catchThrowableOfType(
                        SQLException.class, () -> JdbcStage.through(weir, url).close());

        assertThat(through.getMessage()).isEqualTo(direct.getMessage());
        assertThat(through.getSQLState()).isEqualTo(direct.getSQLState());
        try (Connection after = JdbcStage.through(weir, "")) {
            assertThat(after.isValid(10)).isTrue();
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Clients that prepare the same text share what a server connection has prepared, and yet each gets
 * what the text means to itself.
 */
class JdbcSharedStatementsIT {
    private static final int POOL = 3;

    /** Named from the first execution on. */
    private static final String NAMED = "prepareThreshold=1";

    private static JdbcStage stage;
    private static Weir weir;

    @BeforeAll
    static void open() throws Exception {
        stage = JdbcStage.open();
        weir = stage.proxy().poolSize(POOL).start();
    }

    @AfterAll
    static void close() {
        weir.close();
        stage.close();
    }

    @BeforeEach
    void sweep() throws SQLException {
        try (Connection connection = JdbcStage.through(weir, "")) {
            stage.sweep(connection);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String first(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    @Test
    void oneTextMeansEachClientsOwnSchema() throws Exception {
        try (Connection setup = stage.direct("")) {
            run(setup, "CREATE SCHEMA one; CREATE TABLE one.item AS SELECT 1::int AS n");
            run(setup, "CREATE SCHEMA two; CREATE TABLE two.item AS SELECT 'two' AS t, 2 AS more");
        }
        try (Connection one = JdbcStage.through(weir, NAMED + "&currentSchema=one");
                Connection two = JdbcStage.through(weir, NAMED + "&currentSchema=two");
                PreparedStatement fromOne = one.prepareStatement("SELECT * FROM item");
                PreparedStatement fromTwo = two.prepareStatement("SELECT * FROM item");
                JdbcChurn churn = new JdbcChurn(weir, POOL)) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            for (int i = 0; i < 12; i++) {
                assertThat(first(fromOne)).isEqualTo("1");
                one.commit();
                assertThat(first(fromTwo)).isEqualTo("two");
                two.commit();
                churn.turn();
            }
        }
    }

    @Test
    void oneTextMeansWhatEachClientsOwnSettingsMakeOfIt() throws Exception {
        String text = "SELECT (NULL::int = NULL) IS NULL";
        try (Connection plain = JdbcStage.through(weir, NAMED);
                Connection lenient =
                        JdbcStage.through(weir, NAMED + "&options=-c%20transform_null_equals=on");
                PreparedStatement unknown = plain.prepareStatement(text);
                PreparedStatement isNull = lenient.prepareStatement(text);
                JdbcChurn churn = new JdbcChurn(weir, POOL)) {
            for (int i = 0; i < 9; i++) {
                assertThat(first(unknown)).isEqualTo("t");
                assertThat(first(isNull)).isEqualTo("f");
                churn.turn();
            }
        }
    }

    @Test
    void clientsThatDifferInNameOnlyShareWhatIsPrepared() throws Exception {
        String text = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE ?";
        try (JdbcChurn churn = new JdbcChurn(weir, POOL)) {
            for (int i = 0; i < 2 * POOL; i++) {
                try (Connection client =
                                JdbcStage.through(
                                        weir,
                                        NAMED
                                                + "&ApplicationName=client"
                                                + i
                                                + "&options=-c%20statement_timeout="
                                                + (60_000 + i));
                        PreparedStatement count = client.prepareStatement(text)) {
                    count.setString(1, "%FROM pg_prepared_statements WHERE%");
                    assertThat(first(count)).isEqualTo("1");
                }
                churn.turn();
            }
        }
    }

    @Test
    void aTextPreparedBehindASetIsReadUnderIt() throws Exception {
        String moment = "SELECT extract(epoch FROM '2024-01-01 12:00'::timestamptz)::bigint AS n";
        try (Connection first = JdbcStage.through(weir, NAMED);
                Connection second = JdbcStage.through(weir, NAMED);
                JdbcChurn churn = new JdbcChurn(weir, POOL)) {
            second.setAutoCommit(false);
            for (int i = 0; i < 2 * POOL; i++) {
                String here;
                try (PreparedStatement plain = first.prepareStatement(moment + i)) {
                    here = first(plain);
                }
                run(second, "SET LOCAL TimeZone = 'Pacific/Kiritimati'");
                try (PreparedStatement far = second.prepareStatement(moment + i)) {
                    assertThat(Long.parseLong(here) - Long.parseLong(first(far)))
                            .as("seconds between the two noons")
                            .isNotZero();
                }
                second.commit();
                try (PreparedStatement again = first.prepareStatement(moment + i)) {
                    assertThat(first(again)).isEqualTo(here);
                }
                churn.turn();
            }
        }
    }

    /** Migrations are often run on PostgreSQL itself. */
    @Test
    void aChangeOfATablePastWeirHealsItselfOutsideTransactions() throws Exception {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("seed " + seed + " (set it by -Dweir.seed)");
        Random random = new Random(seed);
        try (Connection past = stage.direct("");
                JdbcChurn churn = new JdbcChurn(weir, POOL)) {
            run(past, "CREATE TABLE shape AS SELECT 1::int AS n");
            List<Connection> clients = new ArrayList<>();
            List<PreparedStatement> statements = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Connection client = JdbcStage.through(weir, NAMED + "&binaryTransfer=true");
                clients.add(client);
                statements.add(client.prepareStatement("SELECT * FROM shape"));
            }
            for (String change :
                    List.of(
                            "ALTER TABLE shape ALTER n TYPE bigint",
                            "ALTER TABLE shape ALTER n TYPE text",
                            "ALTER TABLE shape ADD more text",
                            "ALTER TABLE shape ALTER n TYPE int USING n::int")) {
                for (int i = 0; i < 3 * POOL * statements.size(); i++) {
                    assertThat(first(statements.get(i % statements.size()))).isEqualTo("1");
                    if (random.nextBoolean()) {
                        churn.turn();
                    }
                }
                run(past, change);
            }
            for (PreparedStatement statement : statements) {
                assertThat(first(statement)).isEqualTo("1");
            }
            for (Connection client : clients) {
                client.close();
            }
        }
    }
}

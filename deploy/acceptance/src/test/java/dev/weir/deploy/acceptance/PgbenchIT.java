package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** pgbench without any special flag runs through a pool that is smaller than its crowd. */
class PgbenchIT {
    private static final int POOL = 3;
    private static final int CLIENTS = 20;
    private static final int TRANSACTIONS = 40;

    private static JdbcStage stage;
    private static Weir weir;

    @TempDir private static Path folder;

    @BeforeAll
    static void open() throws Exception {
        PsqlTool.require("pgbench");
        stage = JdbcStage.open();
        stage.postgres().execute(JdbcStage.DATABASE, "GRANT ALL ON SCHEMA public TO player");
        weir = stage.proxy().poolSize(POOL).maxPreparedStatements(6).start();
        PsqlTool.Result made = pgbench("-i", "-s", "2", "-q");
        assertThat(made.status()).as(made.output()).isZero();
    }

    @AfterAll
    static void close() {
        if (weir != null) {
            weir.close();
            stage.close();
        }
    }

    private static PsqlTool.Result pgbench(String... arguments) throws Exception {
        return PsqlTool.require("pgbench")
                .to(weir.port(), JdbcStage.DATABASE, JdbcStage.PLAYER)
                .run("", arguments);
    }

    /**
     * Every transaction of every client succeeds. Each client has a thread, for pgbench waits
     * within its thread until a statement is prepared: with two clients in one, the one that waits
     * for a server connection would keep the other from finishing the transaction that has it.
     */
    private static void allSucceed(int transactions, String... arguments) throws Exception {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "-n",
                                "-j",
                                String.valueOf(CLIENTS),
                                "-c",
                                String.valueOf(CLIENTS),
                                "-t",
                                String.valueOf(transactions)));
        all.addAll(List.of(arguments));
        PsqlTool.Result result = pgbench(all.toArray(String[]::new));
        int total = CLIENTS * transactions;
        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("actually processed: %d/%d".formatted(total, total))
                .doesNotContain("error:")
                .doesNotContain("aborted");
        if (result.output().contains("failed transactions")) {
            assertThat(result.output()).contains("number of failed transactions: 0 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "prepared"})
    void readingSucceedsInEachMode(String mode) throws Exception {
        allSucceed(5 * TRANSACTIONS, "-S", "-M", mode);
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "prepared"})
    void writingSucceedsInEachModeAndTheBalancesAgree(String mode) throws Exception {
        assertThat(pgbench("-i", "-I", "g", "-s", "2", "-q").status()).isZero();

        allSucceed(TRANSACTIONS, "-M", mode);

        assertThat(sum("abalance", "pgbench_accounts"))
                .isEqualTo(sum("tbalance", "pgbench_tellers"))
                .isEqualTo(sum("bbalance", "pgbench_branches"))
                .isEqualTo(sum("delta", "pgbench_history"));
        assertThat(sum("1", "pgbench_history")).isEqualTo(CLIENTS * TRANSACTIONS);
    }

    private static long sum(String what, String table) throws SQLException {
        try (Connection connection = stage.postgres().connect(JdbcStage.DATABASE);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT sum(%s) FROM %s".formatted(what, table))) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "prepared"})
    void aLoginForEachTransactionSucceeds(String mode) throws Exception {
        allSucceed(10, "-C", "-S", "-M", mode);
    }

    @ParameterizedTest
    @CsvSource({"extended, false", "extended, true", "prepared, false", "prepared, true"})
    void pipelinesSucceed(String mode, boolean transaction) throws Exception {
        Path script =
                Files.writeString(
                        folder.resolve("pipeline" + transaction + ".sql"),
                        """
                        \\set aid random(1, 100000 * :scale)
                        \\startpipeline
                        %s
                        UPDATE pgbench_accounts SET abalance = abalance + 0 WHERE aid = :aid;
                        SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
                        SELECT :client_id AS client, count(*) FROM generate_series(1, 50);
                        %s
                        SELECT :aid + 1 AS behind;
                        \\endpipeline
                        SELECT 1;
                        """
                                .formatted(
                                        transaction ? "BEGIN;" : "", transaction ? "COMMIT;" : ""));
        allSucceed(TRANSACTIONS, "-M", mode, "-f", script.toString());
    }

    @Test
    void aLongRunWithEverythingAtOnceSucceeds() throws Exception {
        Path mixed =
                Files.writeString(
                        folder.resolve("mixed.sql"),
                        """
                        \\set aid random(1, 100000 * :scale)
                        BEGIN;
                        SELECT abalance AS balance FROM pgbench_accounts WHERE aid = :aid \\gset
                        UPDATE pgbench_accounts SET abalance = :balance WHERE aid = :aid;
                        END;
                        SELECT :aid AS one \\; SELECT :client_id AS two;
                        """);
        allSucceed(
                TRANSACTIONS, "-f", mixed.toString(), "-b", "select-only", "-b", "simple-update");
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.app.Weir;
import dev.weir.config.PoolConfig;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** In statement mode autocommit goes like PostgreSQL alone, and transactions are refused. */
class JdbcStatementModeIT {
    private static final int POOL = 3;
    private static final Set<String> AUTOCOMMIT =
            Set.of(
                    "autocommit",
                    "generated keys",
                    "errors",
                    "types",
                    "arrays",
                    "COPY out",
                    "prepared statements",
                    "parameters that change type",
                    "descriptions before execution",
                    "many statements at once");

    private static JdbcStage stage;
    private static Weir statements;
    private static Weir transactions;

    @BeforeAll
    static void open() throws Exception {
        stage = JdbcStage.open();
        statements = stage.proxy().mode(PoolConfig.Mode.STATEMENT).poolSize(POOL).start();
        // Clients that may hold a server connection of their own beside it.
        transactions = stage.proxy().poolSize(POOL).start();
    }

    @AfterAll
    static void close() {
        statements.close();
        transactions.close();
        stage.close();
    }

    static Stream<JdbcPlay> plays() {
        return Stream.of(
                        JdbcTransactionPlays.all(),
                        JdbcStatementPlays.all(),
                        JdbcDataPlays.all(),
                        JdbcPreparedPlays.all())
                .flatMap(List::stream)
                .filter(play -> AUTOCOMMIT.contains(play.name()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plays")
    void autocommitGoesLikePostgresAlone(JdbcPlay play) throws Exception {
        JdbcScene alone;
        try (Connection connection = stage.direct("prepareThreshold=2")) {
            stage.sweep(connection);
            alone = new JdbcScene(connection, () -> {});
            alone.play(play);
        }
        try (Connection connection = JdbcStage.through(statements, "prepareThreshold=2")) {
            stage.sweep(connection);
            JdbcScene scene = new JdbcScene(connection, () -> {});
            scene.play(play);

            assertThat(scene.notes()).containsExactlyElementsOf(alone.notes());
            assertThat(scene.ended()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "prepareThreshold=1", "preferQueryMode=simple"})
    void aTransactionBlockIsRefusedAndLeavesNothing(String url) throws Exception {
        try (Connection setup = JdbcStage.through(transactions, "")) {
            stage.sweep(setup);
            try (Statement create = setup.createStatement()) {
                create.execute("CREATE TABLE item (id int)");
            }
            for (int i = 0; i < POOL; i++) {
                try (Connection connection = JdbcStage.through(statements, url)) {
                    connection.setAutoCommit(false);
                    SQLException refused =
                            catchThrowableOfType(
                                    SQLException.class,
                                    () -> {
                                        try (PreparedStatement insert =
                                                connection.prepareStatement(
                                                        "INSERT INTO item VALUES (1)")) {
                                            insert.execute();
                                            connection.commit();
                                        }
                                    });
                    assertThat(refused.getMessage()).contains("pool-mode statement");
                    assertThat(refused.getSQLState()).isEqualTo("0A000");
                }
            }
            try (Statement count = setup.createStatement();
                    var rows = count.executeQuery("SELECT count(*) FROM item")) {
                rows.next();
                assertThat(rows.getInt(1)).isZero();
            }
        }
        try (Connection after = JdbcStage.through(statements, url)) {
            assertThat(after.isValid(10)).isTrue();
        }
    }
}

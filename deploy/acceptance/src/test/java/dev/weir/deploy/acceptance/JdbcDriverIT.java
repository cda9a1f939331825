package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.config.PoolConfig;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;

/**
 * What applications do with pgjdbc goes through Weir as it goes with PostgreSQL alone: row by row,
 * message by message, with every mode of the driver, while each transaction meets another server
 * connection than the one before.
 */
class JdbcDriverIT {
    private static final int POOL = 3;

    /** The driver's ways to speak to a server. */
    private static final List<String> DRIVERS =
            List.of(
                    "",
                    "prepareThreshold=1",
                    "prepareThreshold=-1",
                    "prepareThreshold=1&binaryTransfer=false&defaultRowFetchSize=3",
                    "preferQueryMode=simple",
                    "preferQueryMode=extendedForPrepared&prepareThreshold=2",
                    "preferQueryMode=extendedCacheEverything&prepareThreshold=1",
                    "autosave=always&prepareThreshold=1",
                    "autosave=conservative&cleanupSavepoints=true",
                    "reWriteBatchedInserts=true&prepareThreshold=1",
                    "preparedStatementCacheQueries=0",
                    "protocolVersion=3.2");

    private static JdbcStage stage;
    private static Weir transactions;
    private static Weir sessions;

    @BeforeAll
    static void open() throws Exception {
        stage = JdbcStage.open();
        // So few statements that they push each other out all the time.
        transactions = stage.proxy().poolSize(POOL).maxPreparedStatements(5).start();
        sessions = stage.proxy().mode(PoolConfig.Mode.SESSION).poolSize(POOL).start();
    }

    @AfterAll
    static void close() {
        transactions.close();
        sessions.close();
        stage.close();
    }

    static Stream<JdbcPlay> plays() {
        return Stream.of(
                        JdbcTransactionPlays.all(),
                        JdbcStatementPlays.all(),
                        JdbcDataPlays.all(),
                        JdbcPreparedPlays.all())
                .flatMap(List::stream);
    }

    static Stream<Arguments> playsWithDrivers() {
        return DRIVERS.stream().flatMap(driver -> plays().map(play -> Arguments.of(play, driver)));
    }

    @ParameterizedTest(name = "{0} with [{1}]")
    @MethodSource("playsWithDrivers")
    void transactionModeGoesLikePostgresAlone(JdbcPlay play, String driver) throws Exception {
        List<String> alone = playAlone(play, driver);

        try (Connection connection = JdbcStage.through(transactions, driver);
                JdbcChurn churn = new JdbcChurn(transactions, POOL)) {
            stage.sweep(connection);
            JdbcScene scene = new JdbcScene(connection, churn::turn);
            scene.play(play);

            assertThat(scene.notes()).containsExactlyElementsOf(alone);
            if (scene.ended()) {
                assertThat(JdbcStage.backend(connection)).isEqualTo(churn.freeBackend());
                assertThat(churn.freed()).as("server connections it went over").hasSize(POOL);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plays")
    void sessionModeGoesLikePostgresAlone(JdbcPlay play) throws Exception {
        List<String> alone = playAlone(play, "prepareThreshold=2");

        try (Connection connection = JdbcStage.through(sessions, "prepareThreshold=2")) {
            stage.sweep(connection);
            JdbcScene scene = new JdbcScene(connection, () -> {});
            scene.play(play);

            assertThat(scene.notes()).containsExactlyElementsOf(alone);
        }
    }

    private static List<String> playAlone(JdbcPlay play, String driver) throws Exception {
        try (Connection connection = stage.direct(driver)) {
            stage.sweep(connection);
            JdbcScene scene = new JdbcScene(connection, () -> {});
            scene.play(play);
            assertThat(scene.notes()).isNotEmpty();
            assertThat(scene.ended() || !driver.isEmpty()).as("the play goes to its end").isTrue();
            return scene.notes();
        }
    }
}

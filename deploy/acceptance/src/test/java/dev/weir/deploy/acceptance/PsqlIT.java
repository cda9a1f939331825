package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.PoolConfig;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** psql without any special flag writes through Weir what it writes with PostgreSQL alone. */
class PsqlIT {
    private static final int POOL = 2;

    /** More at the same time than there are server connections. */
    private static final int TERMINALS = 5;

    private static JdbcStage stage;
    private static Weir weir;
    private static Weir sessions;

    @TempDir private static Path folder;

    @BeforeAll
    static void open() throws Exception {
        stage = JdbcStage.open();
        weir = stage.proxy().poolSize(POOL).start();
        sessions = stage.proxy().mode(PoolConfig.Mode.SESSION).poolSize(POOL).start();
        for (int i = 0; i <= TERMINALS; i++) {
            stage.postgres()
                    .execute(
                            JdbcStage.DATABASE,
                            "CREATE SCHEMA place%d AUTHORIZATION player".formatted(i));
        }
    }

    @AfterAll
    static void close() {
        weir.close();
        sessions.close();
        stage.close();
    }

    private static PsqlTool psql(int port) {
        return PsqlTool.require("psql").to(port, JdbcStage.DATABASE, JdbcStage.PLAYER);
    }

    /** Runs a script in a schema of its own, whose name is taken out of what psql writes. */
    private static String play(int port, int place, String script, String... arguments)
            throws Exception {
        String own = "place" + place;
        stage.postgres()
                .execute(
                        JdbcStage.DATABASE,
                        "DROP SCHEMA %1$s CASCADE; CREATE SCHEMA %1$s AUTHORIZATION player"
                                .formatted(own));
        List<String> all = new ArrayList<>(List.of("-X", "-f", "-"));
        all.addAll(List.of(arguments));
        PsqlTool.Result result =
                psql(port)
                        .with(Map.of("PGOPTIONS", "-c search_path=" + own))
                        .run(
                                script.replace("FOLDER", folder + "/" + own),
                                all.toArray(String[]::new));
        return "exit %d%n%s".formatted(result.status(), result.output()).replace(own, "PLACE");
    }

    private static void sameInManyTerminals(int port, String script, String... arguments)
            throws Exception {
        String alone = play(stage.postgres().port(), 0, script, arguments);
        assertThat(alone).isNotEmpty();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> terminals = new ArrayList<>();
            for (int i = 1; i <= TERMINALS; i++) {
                int place = i;
                terminals.add(threads.submit(() -> play(port, place, script, arguments)));
            }
            for (Future<String> terminal : terminals) {
                assertThat(terminal.get()).isEqualTo(alone);
            }
        }
    }

    private static final String SCRIPT =
            """
            CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL, price numeric(8, 2));
            CREATE INDEX ON item (name);
            CREATE VIEW cheap AS SELECT * FROM item WHERE price < 10;
            CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
            INSERT INTO item SELECT i, 'item ' || i, i * 1.5 FROM generate_series(1, 50) i;
            \\d item
            \\d+ cheap
            \\dt
            \\df twice
            \\sf twice
            \\l nothing
            SELECT * FROM cheap ORDER BY id;
            \\copy item TO 'FOLDER.csv' WITH (FORMAT csv, HEADER)
            TRUNCATE item;
            \\copy item FROM 'FOLDER.csv' WITH (FORMAT csv, HEADER)
            \\copy (SELECT count(*) FROM item) TO STDOUT
            COPY item FROM STDIN;
            100	hundred	1
            101	hundred and one	2
            \\.
            COPY (SELECT * FROM item WHERE id > 49 ORDER BY id) TO STDOUT;
            BEGIN;
            UPDATE item SET price = 0;
            SAVEPOINT s;
            DELETE FROM item;
            SELECT count(*) FROM item;
            ROLLBACK TO s;
            SELECT count(*), sum(price) FROM item;
            ROLLBACK;
            SELECT sum(price) FROM item \\gset total_
            \\echo :total_sum
            SELECT format('SELECT %s AS number', i) FROM generate_series(1, 3) i \\gexec
            SELECT 1 / 0;
            \\errverbose
            SELECT nothing FROM item;
            COPY item FROM STDIN;
            wrong
            \\.
            SELECT 'goes on' AS state;
            SELECT 1 AS a\\; SELECT 2 AS b;
            DO $$BEGIN RAISE NOTICE 'hello from a block'; END$$;
            \\set FETCH_COUNT 7
            SELECT id, repeat('x', id) FROM item ORDER BY id;
            \\set FETCH_COUNT 0
            SELECT name FROM item WHERE id = 3 \\gdesc
            SELECT * FROM item ORDER BY id LIMIT 3 \\gx
            \\set AUTOCOMMIT off
            INSERT INTO item VALUES (1000, 'not kept', 0);
            ROLLBACK;
            SELECT count(*) FROM item;
            \\set ON_ERROR_ROLLBACK on
            SELECT 1 / 0;
            SELECT 'after a savepoint of psql''s own' AS state;
            COMMIT;
            \\encoding
            """;

    @Test
    void scriptsGoAsWithPostgresAlone() throws Exception {
        sameInManyTerminals(weir.port(), SCRIPT);
    }

    @Test
    void anErrorEndsAScriptThatShallStopAtIt() throws Exception {
        String script = "CREATE TABLE t (n int);\nINSERT INTO t VALUES (1);\nSELECT 1 / 0;\n\\q\n";
        sameInManyTerminals(weir.port(), script, "-v", "ON_ERROR_STOP=1");
        sameInManyTerminals(weir.port(), script, "-v", "ON_ERROR_STOP=1", "-1");
        sameInManyTerminals(weir.port(), SCRIPT, "-1");
    }

    @Test
    void inSessionModeScriptsMayUseStateOfTheSession() throws Exception {
        sameInManyTerminals(
                sessions.port(),
                SCRIPT
                        + """
                        SET DateStyle = German;
                        CREATE TEMP TABLE mine AS SELECT date '2024-02-29' AS day;
                        PREPARE find AS SELECT * FROM mine WHERE day > $1;
                        EXECUTE find('2024-01-01');
                        DECLARE c CURSOR WITH HOLD FOR SELECT day FROM mine;
                        COMMIT;
                        FETCH c;
                        SHOW DateStyle;
                        """);
    }

    @Test
    void aClientsEncodingIsItsOwn() throws Exception {
        byte[] latin =
                "SELECT 'Gr\u00f6\u00dfe' AS wort, length('\u00f6');"
                        .getBytes(StandardCharsets.ISO_8859_1);
        Path script = Files.write(folder.resolve("latin.sql"), latin);
        for (int port : new int[] {stage.postgres().port(), weir.port()}) {
            for (int i = 0; i < 2 * POOL; i++) {
                PsqlTool.Result utf8 =
                        psql(port)
                                .with(Map.of("PGCLIENTENCODING", "UTF8"))
                                .run(
                                        "SELECT 'Gr\u00f6\u00dfe' AS wort, length('\u00f6');",
                                        "-XAtf",
                                        "-");
                assertThat(utf8.output()).isEqualTo("Gr\u00f6\u00dfe|1\n");
                Process process =
                        psql(port)
                                .with(Map.of("PGCLIENTENCODING", "LATIN1"))
                                .start(List.of("-XAt", "-f", script.toString()));
                assertThat(PsqlTool.end(process, "", StandardCharsets.ISO_8859_1).output())
                        .isEqualTo("Gr\u00f6\u00dfe|1\n");
            }
        }
    }

    @Test
    void anInterruptStopsTheStatement() throws Exception {
        String alone = interrupted(stage.postgres().port());
        assertThat(alone)
                .contains("Cancel request sent", "canceling statement due to user request");
        for (int i = 0; i < 2 * POOL; i++) {
            assertThat(interrupted(weir.port())).isEqualTo(alone);
        }
    }

    private static String interrupted(int port) throws Exception {
        Process process = psql(port).start(List.of("-X", "-f", "-"));
        try (var in = process.getOutputStream()) {
            in.write("BEGIN;\nSELECT pg_sleep(100);\n".getBytes(StandardCharsets.UTF_8));
            in.flush();
            awaitSleeping();
            String pid = String.valueOf(process.toHandle().pid());
            assertThat(new ProcessBuilder("kill", "-INT", pid).start().waitFor()).isZero();
            return PsqlTool.end(process, "", StandardCharsets.UTF_8).output();
        }
    }

    private static void awaitSleeping() throws Exception {
        try (Connection observer = stage.postgres().connect(JdbcStage.DATABASE);
                Statement statement = observer.createStatement()) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        try (ResultSet rows =
                                statement.executeQuery(
                                        "SELECT count(*) FROM pg_stat_activity WHERE state ="
                                                + " 'active' AND query LIKE '%pg_sleep(100)%'"
                                                + " AND pid <> pg_backend_pid()")) {
                            return rows.next() && rows.getInt(1) == 1;
                        }
                    });
        }
    }

    @Test
    void largeObjectsCanBeImportedAndExported() throws Exception {
        Path file =
                Files.write(
                        folder.resolve("object"),
                        "x".repeat(300_000).getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 2 * POOL; i++) {
            Path copy = folder.resolve("copy" + i);
            PsqlTool.Result result =
                    psql(weir.port())
                            .run(
                                    "\\lo_import '%s'\n\\lo_export :LASTOID '%s'\n\\lo_unlink :LASTOID\n"
                                            .formatted(file, copy),
                                    "-X",
                                    "-f",
                                    "-");
            assertThat(result.status()).isZero();
            assertThat(copy).hasSameBinaryContentAs(file);
        }
    }
}

package dev.weir.deploy.acceptance;

import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;
import java.util.List;

/** Statements, batches, errors. */
final class JdbcStatementPlays {
    private JdbcStatementPlays() {}

    static List<JdbcPlay> all() {
        return List.of(
                new JdbcPlay("batches", JdbcStatementPlays::batches),
                new JdbcPlay("failing batches", JdbcStatementPlays::failingBatches),
                new JdbcPlay("generated keys", JdbcStatementPlays::generatedKeys),
                new JdbcPlay("errors", JdbcStatementPlays::errors),
                new JdbcPlay("notices", JdbcStatementPlays::notices),
                new JdbcPlay("calls", JdbcStatementPlays::calls),
                new JdbcPlay("several statements in one", JdbcStatementPlays::several),
                new JdbcPlay("updatable results", JdbcStatementPlays::updatable),
                new JdbcPlay("checks of the connection", JdbcStatementPlays::checks));
    }

    private static void batches(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE item (id int PRIMARY KEY, name text, price numeric)");
        for (boolean autocommit : new boolean[] {true, false}) {
            scene.hop();
            connection.setAutoCommit(autocommit);
            int base = autocommit ? 0 : 1000;
            try (PreparedStatement insert =
                    connection.prepareStatement(
                            "INSERT INTO item (id, name, price) VALUES (?, ?, ?)")) {
                for (int size : new int[] {300, 1, 7, 64}) {
                    for (int i = 0; i < size; i++) {
                        insert.setInt(1, base++);
                        insert.setString(2, "item " + i);
                        insert.setBigDecimal(3, new java.math.BigDecimal("1.25"));
                        insert.addBatch();
                    }
                    scene.note("inserted", Arrays.toString(insert.executeBatch()));
                    if (autocommit) {
                        scene.hop();
                    }
                }
            }
            try (Statement mixed = connection.createStatement()) {
                mixed.addBatch("UPDATE item SET price = price * 2 WHERE id % 2 = 0");
                mixed.addBatch("DELETE FROM item WHERE id % 3 = 0");
                mixed.addBatch("INSERT INTO item VALUES (" + (base + 50) + ", 'x', 0)");
                scene.note("mixed", Arrays.toString(mixed.executeBatch()));
            }
            if (!autocommit) {
                connection.commit();
            }
            scene.hop();
            scene.run("SELECT count(*), sum(id), sum(price) FROM item");
            if (!autocommit) {
                connection.rollback();
            }
        }
        connection.setAutoCommit(true);
    }

    private static void failingBatches(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE item (id int PRIMARY KEY)");
        for (boolean autocommit : new boolean[] {true, false}) {
            scene.hop();
            connection.setAutoCommit(autocommit);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO item VALUES (?)")) {
                for (int i = 0; i < 600; i++) {
                    insert.setInt(1, i == 555 ? 3 : i);
                    insert.addBatch();
                }
                scene.attempt("a batch with a duplicate", insert::executeBatch);
                if (!autocommit) {
                    connection.rollback();
                }
                scene.hop();
                insert.clearBatch();
                insert.setInt(1, 10_000);
                insert.addBatch();
                insert.setInt(1, 10_001);
                insert.addBatch();
                scene.note("a good one", Arrays.toString(insert.executeBatch()));
                if (!autocommit) {
                    connection.rollback();
                }
            }
            scene.hop();
            scene.run("SELECT count(*), sum(id) FROM item");
            scene.run("DELETE FROM item");
            if (!autocommit) {
                connection.rollback();
            }
        }
        connection.setAutoCommit(true);
    }

    private static void generatedKeys(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run(
                "CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY, name text,"
                        + " made date DEFAULT '2024-02-29')");
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO item (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < 8; i++) {
                scene.hop();
                insert.setString(1, "item " + i);
                scene.note("inserted", insert.executeUpdate());
                scene.rows("keys", insert.getGeneratedKeys());
            }
            scene.hop();
            for (int i = 0; i < 20; i++) {
                insert.setString(1, "batch " + i);
                insert.addBatch();
            }
            scene.note("batch", Arrays.toString(insert.executeBatch()));
            scene.rows("keys", insert.getGeneratedKeys());
        }
        scene.hop();
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO item (name) SELECT 'row ' || i FROM generate_series(1, 3) i",
                        new String[] {"id", "made"})) {
            scene.note("inserted", insert.executeUpdate());
            scene.rows("keys", insert.getGeneratedKeys());
        }
    }

    private static void errors(JdbcScene scene) throws Exception {
        scene.run("CREATE TABLE item (id int PRIMARY KEY, price int CHECK (price > 0))");
        scene.run(
                """
                CREATE FUNCTION inner_trouble() RETURNS int LANGUAGE plpgsql AS
                $$BEGIN RAISE EXCEPTION 'no way' USING ERRCODE = 'ZZ123', HINT = 'turn round',
                DETAIL = 'in detail'; END$$
                """);
        List<String> wrong =
                List.of(
                        "SELEC 1",
                        "SELECT 1 / 0",
                        "SELECT * FROM nowhere",
                        "INSERT INTO item VALUES (1, -1)",
                        "SELECT 'x'::int",
                        "SELECT inner_trouble()",
                        "SELECT '\\xZZ'::bytea");
        for (int round = 0; round < 2; round++) {
            for (String sql : wrong) {
                scene.hop();
                try {
                    scene.run(sql);
                    scene.note(sql, "succeeded");
                } catch (PSQLException e) {
                    scene.note(sql, e.getSQLState() + " " + e.getMessage());
                    ServerErrorMessage said = e.getServerErrorMessage();
                    scene.note(
                            "said",
                            said == null
                                    ? null
                                    : List.of(
                                            String.valueOf(said.getSeverity()),
                                            String.valueOf(said.getTable()),
                                            String.valueOf(said.getConstraint()),
                                            String.valueOf(said.getHint()),
                                            String.valueOf(said.getDetail()),
                                            String.valueOf(said.getWhere()),
                                            said.getPosition(),
                                            String.valueOf(said.getRoutine())));
                }
                scene.run("SELECT 'goes on' AS state");
            }
        }
        try (PreparedStatement divide = scene.connection().prepareStatement("SELECT 10 / ?")) {
            for (int i = 0; i < 14; i++) {
                scene.hop();
                divide.setInt(1, i % 2);
                scene.attempt("divided", () -> scene.rows("quotient", divide.executeQuery()));
            }
        }
    }

    private static void notices(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run(
                """
                CREATE FUNCTION talk(times int) RETURNS int LANGUAGE plpgsql AS
                $$BEGIN FOR i IN 1..times LOOP RAISE NOTICE 'saying %', i; END LOOP;
                RAISE WARNING 'enough' USING DETAIL = 'after ' || times; RETURN times; END$$
                """);
        for (int i = 0; i < 3; i++) {
            scene.hop();
            scene.run("DO $$BEGIN RAISE NOTICE 'hello'; RAISE WARNING 'beware'; END$$");
            scene.run("DROP TABLE IF EXISTS nothing_here");
            try (PreparedStatement talk = connection.prepareStatement("SELECT talk(?)")) {
                for (int times = 0; times < 7; times++) {
                    talk.setInt(1, times);
                    scene.rows("said", talk.executeQuery());
                    scene.warnings(talk.getWarnings());
                    talk.clearWarnings();
                    scene.hop();
                }
            }
        }
        connection.setAutoCommit(false);
        scene.run("COMMIT");
        scene.run("SELECT 1 AS one");
        scene.run("BEGIN");
        connection.rollback();
        connection.setAutoCommit(true);
    }

    private static void calls(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'");
        scene.run(
                """
                CREATE FUNCTION numbers(OUT many refcursor) LANGUAGE plpgsql AS
                $$BEGIN OPEN many FOR SELECT i, 'n' || i AS name FROM generate_series(1, 4) i; END$$
                """);
        for (int i = 0; i < 7; i++) {
            scene.hop();
            try (CallableStatement call = connection.prepareCall("{? = call twice(?)}")) {
                call.registerOutParameter(1, Types.INTEGER);
                call.setInt(2, 20 + i);
                call.execute();
                scene.note("twice", call.getInt(1));
            }
        }
        scene.hop();
        connection.setAutoCommit(false);
        try (CallableStatement call = connection.prepareCall("{? = call numbers()}")) {
            call.registerOutParameter(1, Types.REF_CURSOR);
            call.execute();
            scene.rows("cursor", call.getObject(1, ResultSet.class));
        }
        connection.commit();
        connection.setAutoCommit(true);
        scene.hop();
        scene.run(
                "CREATE PROCEDURE steps(n int) LANGUAGE plpgsql AS $$BEGIN FOR i IN 1..n LOOP"
                        + " COMMIT; END LOOP; END$$");
        scene.hop();
        scene.run("CALL steps(3)");
    }

    private static void several(JdbcScene scene) throws Exception {
        scene.run("CREATE TABLE item (id int)");
        for (int i = 0; i < 3; i++) {
            scene.hop();
            scene.run(
                    "SELECT 1 AS a; INSERT INTO item VALUES (1), (2);"
                            + " UPDATE item SET id = id + 1; SELECT 'x' AS b, 2 AS c");
            scene.hop();
            scene.run("BEGIN; INSERT INTO item VALUES (99); ROLLBACK; SELECT count(*) FROM item");
            scene.attempt(
                    "the third fails",
                    () -> scene.run("INSERT INTO item VALUES (7); SELECT 1; SELECT 1 / 0"));
            scene.hop();
            scene.run("SELECT count(*), sum(id) FROM item");
        }
        scene.run("");
        scene.hop();
        scene.run(" ; ");
        scene.hop();
        scene.run("/* nothing */");
    }

    private static void updatable(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE item (id int PRIMARY KEY, name text)");
        scene.run("INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 5) i");
        scene.hop();
        try (Statement statement =
                        connection.createStatement(
                                ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
                ResultSet items = statement.executeQuery("SELECT id, name FROM item ORDER BY id")) {
            items.absolute(3);
            scene.hop();
            items.updateString("name", "third");
            items.updateRow();
            scene.hop();
            items.last();
            items.deleteRow();
            scene.hop();
            items.moveToInsertRow();
            items.updateInt("id", 77);
            items.updateString("name", "new");
            items.insertRow();
            scene.hop();
            items.beforeFirst();
            while (items.next()) {
                scene.note("row", items.getInt(1) + " " + items.getString(2));
            }
        }
        scene.run("SELECT * FROM item ORDER BY id");
    }

    private static void checks(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        for (int i = 0; i < 8; i++) {
            scene.note("valid", connection.isValid(5));
            scene.hop();
        }
        scene.note("schema", connection.getSchema());
        scene.hop();
        scene.note("catalog", connection.getCatalog());
        scene.run("CREATE SCHEMA other");
        scene.run("CREATE TABLE other.item AS SELECT 'other' AS place");
        scene.run("CREATE TABLE item AS SELECT 'public' AS place");
        connection.setAutoCommit(false);
        scene.hop();
        connection.setSchema("other");
        scene.note("schema", connection.getSchema());
        scene.run("SELECT * FROM item");
        scene.note("valid", connection.isValid(5));
        connection.rollback();
        scene.hop();
        scene.run("SELECT * FROM item");
        scene.note("schema", connection.getSchema());
        connection.rollback();
        connection.setAutoCommit(true);
    }
}

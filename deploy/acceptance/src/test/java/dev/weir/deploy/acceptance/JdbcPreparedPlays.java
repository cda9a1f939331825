package dev.weir.deploy.acceptance;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** Statements that are prepared once and executed on whatever server connection comes. */
final class JdbcPreparedPlays {
    /** More than pgjdbc's prepareThreshold of five, and more than one round of the pool. */
    private static final int OFTEN = 14;

    private JdbcPreparedPlays() {}

    static List<JdbcPlay> all() {
        return List.of(
                new JdbcPlay("prepared statements", JdbcPreparedPlays::prepared),
                new JdbcPlay("prepared in transactions", JdbcPreparedPlays::inTransactions),
                new JdbcPlay("parameters that change type", JdbcPreparedPlays::changingTypes),
                new JdbcPlay("descriptions before execution", JdbcPreparedPlays::metadata),
                new JdbcPlay("the catalog", JdbcPreparedPlays::catalog),
                new JdbcPlay("many statements at once", JdbcPreparedPlays::many),
                new JdbcPlay("DISCARD ALL and DEALLOCATE ALL", JdbcPreparedPlays::discard),
                new JdbcPlay("a failing statement first", JdbcPreparedPlays::failingFirst),
                new JdbcPlay("results that change shape", JdbcPreparedPlays::changingShape),
                new JdbcPlay(
                        "results that change shape in a transaction",
                        JdbcPreparedPlays::changingShapeInTransaction));
    }

    private static void prepared(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        try (PreparedStatement sum = connection.prepareStatement("SELECT ? + ? AS sum");
                PreparedStatement text = connection.prepareStatement("SELECT ?::text || '!' AS t");
                PreparedStatement none = connection.prepareStatement("SELECT 'none' AS nothing")) {
            for (int i = 0; i < OFTEN; i++) {
                scene.hop();
                sum.setInt(1, i);
                sum.setInt(2, 100);
                scene.rows("sum", sum.executeQuery());
                scene.hop();
                text.setString(1, i % 4 == 3 ? null : "t" + i);
                scene.rows("text", text.executeQuery());
                scene.rows("none", none.executeQuery());
            }
        }
        for (int i = 0; i < OFTEN; i++) {
            try (PreparedStatement again = connection.prepareStatement("SELECT ? + ? AS sum")) {
                scene.hop();
                again.setInt(1, i);
                again.setInt(2, 1);
                scene.rows("again", again.executeQuery());
            }
        }
    }

    private static void inTransactions(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE item (id int PRIMARY KEY, n int)");
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO item VALUES (?, ?)");
                PreparedStatement update =
                        connection.prepareStatement("UPDATE item SET n = n + ? WHERE id = ?");
                PreparedStatement select =
                        connection.prepareStatement("SELECT sum(n) FROM item WHERE id < ?")) {
            for (int i = 0; i < OFTEN; i++) {
                scene.hop();
                insert.setInt(1, i);
                insert.setInt(2, i * i);
                scene.note("inserted", insert.executeUpdate());
                update.setInt(1, 1000);
                update.setInt(2, i / 2);
                scene.note("updated", update.executeUpdate());
                if (i % 3 == 1) {
                    scene.attempt("a duplicate", insert::executeUpdate);
                    scene.attempt("afterwards", () -> scene.rows("sum", select.executeQuery()));
                }
                if (i % 4 == 3) {
                    connection.rollback();
                } else {
                    scene.attempt("commit", connection::commit);
                    connection.rollback();
                }
                scene.hop();
                select.setInt(1, i + 1);
                scene.rows("sum", select.executeQuery());
                connection.commit();
            }
        }
        connection.setAutoCommit(true);
    }

    private static void changingTypes(JdbcScene scene) throws Exception {
        try (PreparedStatement any =
                scene.connection().prepareStatement("SELECT ? AS value, pg_typeof(?)::text")) {
            for (int i = 0; i < OFTEN; i++) {
                scene.hop();
                switch (i / 2 % 4) {
                    case 0 -> {
                        any.setInt(1, i);
                        any.setInt(2, i);
                    }
                    case 1 -> {
                        any.setString(1, "text " + i);
                        any.setString(2, "x");
                    }
                    case 2 -> {
                        any.setNull(1, Types.BIGINT);
                        any.setLong(2, 1L << 40);
                    }
                    default -> {
                        any.setDouble(1, i / 8.0);
                        any.setBoolean(2, true);
                    }
                }
                scene.attempt("value", () -> scene.rows("value", any.executeQuery()));
            }
        }
    }

    private static void metadata(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run(
                "CREATE TABLE item (id int PRIMARY KEY, name varchar(20) NOT NULL, price numeric)");
        for (int i = 0; i < 7; i++) {
            scene.hop();
            try (PreparedStatement select =
                    connection.prepareStatement(
                            "SELECT id, name, price, ? AS extra FROM item WHERE id = ? AND name = ?")) {
                scene.note("columns", JdbcScene.columns(select.getMetaData()));
                scene.hop();
                ParameterMetaData parameters = select.getParameterMetaData();
                List<String> types = new ArrayList<>();
                for (int p = 1; p <= parameters.getParameterCount(); p++) {
                    types.add(parameters.getParameterTypeName(p));
                }
                scene.note("parameters", types);
                scene.hop();
                select.setString(1, "extra");
                select.setInt(2, 1);
                select.setString(3, "x");
                scene.rows("rows", select.executeQuery());
                scene.hop();
                scene.note("columns", JdbcScene.columns(select.getMetaData()));
            }
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO item VALUES (?, ?, ?)")) {
                scene.note("no columns", JdbcScene.columns(insert.getMetaData()));
                scene.hop();
                scene.note("parameters", insert.getParameterMetaData().getParameterCount());
            }
            try (PreparedStatement wrong = connection.prepareStatement("SELECT * FROM nowhere")) {
                scene.attempt("of nothing", wrong::getMetaData);
            }
        }
    }

    private static void catalog(JdbcScene scene) throws Exception {
        scene.run("CREATE TABLE parent (id int PRIMARY KEY, name text UNIQUE)");
        scene.run("CREATE TABLE child (id bigserial PRIMARY KEY, parent int REFERENCES parent)");
        DatabaseMetaData catalog = scene.connection().getMetaData();
        for (int i = 0; i < 3; i++) {
            scene.hop();
            scene.rows("tables", catalog.getTables(null, "public", "%", new String[] {"TABLE"}));
            scene.hop();
            scene.rows("columns", catalog.getColumns(null, "public", "%", "%"));
            scene.hop();
            scene.rows("keys", catalog.getPrimaryKeys(null, "public", "child"));
            scene.hop();
            scene.rows("foreign keys", catalog.getImportedKeys(null, "public", "child"));
            scene.hop();
            scene.rows("indexes", catalog.getIndexInfo(null, "public", "parent", false, false));
        }
        scene.note("version", catalog.getDatabaseProductVersion());
        scene.rows("types", catalog.getTypeInfo());
    }

    private static void many(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        List<PreparedStatement> statements = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            statements.add(
                    connection.prepareStatement(
                            "SELECT %d AS number, ?::int AS given".formatted(i)));
        }
        for (int round = 0; round < 8; round++) {
            for (int i = 0; i < statements.size(); i++) {
                if (i % 5 == 0) {
                    scene.hop();
                }
                PreparedStatement statement = statements.get(i);
                statement.setInt(1, round);
                scene.rows("statement", statement.executeQuery());
            }
        }
        for (PreparedStatement statement : statements) {
            statement.close();
        }
    }

    private static void discard(JdbcScene scene) throws Exception {
        for (String all : List.of("DISCARD ALL", "DEALLOCATE ALL")) {
            try (PreparedStatement sum =
                    scene.connection().prepareStatement("SELECT ? + 1 AS next")) {
                for (int i = 0; i < OFTEN; i++) {
                    sum.setInt(1, i);
                    scene.rows("next", sum.executeQuery());
                    scene.hop();
                    if (i % 7 == 6) {
                        scene.run(all);
                        scene.hop();
                    }
                }
            }
        }
    }

    private static void failingFirst(JdbcScene scene) throws Exception {
        try (PreparedStatement late =
                scene.connection().prepareStatement("SELECT n * ? FROM late WHERE n > 0")) {
            late.setInt(1, 3);
            for (int i = 0; i < 4; i++) {
                scene.hop();
                scene.attempt("too early", () -> scene.rows("rows", late.executeQuery()));
            }
            scene.run("CREATE TABLE late AS SELECT 5 AS n");
            for (int i = 0; i < OFTEN; i++) {
                scene.hop();
                late.setInt(1, i);
                scene.rows("rows", late.executeQuery());
            }
            scene.run("DROP TABLE late");
            for (int i = 0; i < 4; i++) {
                scene.hop();
                scene.attempt("too late", () -> scene.rows("rows", late.executeQuery()));
            }
        }
    }

    private static final List<String> CHANGES =
            List.of(
                    "ALTER TABLE shape ADD COLUMN more text DEFAULT 'more'",
                    "ALTER TABLE shape ALTER COLUMN n TYPE bigint",
                    "ALTER TABLE shape DROP COLUMN more",
                    "ALTER TABLE shape RENAME COLUMN n TO number");

    private static void changingShape(JdbcScene scene) throws Exception {
        scene.run("CREATE TABLE shape AS SELECT 1::int AS n");
        try (PreparedStatement all = scene.connection().prepareStatement("SELECT * FROM shape")) {
            for (String change : CHANGES) {
                for (int i = 0; i < OFTEN; i++) {
                    scene.hop();
                    scene.rows("shape", all.executeQuery());
                }
                scene.run(change);
            }
            for (int i = 0; i < OFTEN; i++) {
                scene.hop();
                scene.attempt("shape", () -> scene.rows("shape", all.executeQuery()));
            }
        }
    }

    private static void changingShapeInTransaction(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE shape AS SELECT 1::int AS n");
        connection.setAutoCommit(false);
        try (PreparedStatement all = connection.prepareStatement("SELECT * FROM shape")) {
            for (String change : CHANGES) {
                for (int i = 0; i < OFTEN; i++) {
                    scene.hop();
                    scene.attempt("shape", () -> scene.rows("shape", all.executeQuery()));
                    connection.rollback();
                }
                scene.run(change);
                connection.commit();
            }
            for (int i = 0; i < OFTEN; i++) {
                scene.hop();
                scene.run("SELECT 1 AS one");
                scene.attempt("shape", () -> scene.rows("shape", all.executeQuery()));
                connection.rollback();
            }
        }
        connection.setAutoCommit(true);
    }
}

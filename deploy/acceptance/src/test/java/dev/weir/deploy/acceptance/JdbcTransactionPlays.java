package dev.weir.deploy.acceptance;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;

/** Transactions, with and without autocommit. */
final class JdbcTransactionPlays {
    private JdbcTransactionPlays() {}

    static List<JdbcPlay> all() {
        return List.of(
                new JdbcPlay("autocommit", JdbcTransactionPlays::autocommit),
                new JdbcPlay("transactions", JdbcTransactionPlays::transactions),
                new JdbcPlay("read-only transactions", JdbcTransactionPlays::readOnly),
                new JdbcPlay("savepoints", JdbcTransactionPlays::savepoints),
                new JdbcPlay("two-phase commit", JdbcTransactionPlays::twoPhase));
    }

    private static void autocommit(JdbcScene scene) throws Exception {
        scene.run("CREATE TABLE item (id int PRIMARY KEY, name text)");
        scene.hop();
        scene.run("INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 5) i");
        scene.hop();
        scene.run("SELECT * FROM item ORDER BY id");
        scene.hop();
        scene.run("UPDATE item SET name = upper(name) WHERE id > 3");
        scene.hop();
        scene.run("DELETE FROM item WHERE id = 1 RETURNING id, name");
        scene.hop();
        scene.run("SELECT count(*), string_agg(name, ',' ORDER BY id) FROM item");
        try (Statement limited = scene.connection().createStatement()) {
            limited.setMaxRows(2);
            scene.rows("limited", limited.executeQuery("SELECT id FROM item ORDER BY id"));
            scene.hop();
            limited.setMaxRows(0);
            scene.rows("all", limited.executeQuery("SELECT id FROM item ORDER BY id"));
        }
    }

    private static void transactions(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE item (id int PRIMARY KEY)");
        for (boolean commit : new boolean[] {true, false}) {
            scene.hop();
            connection.setAutoCommit(false);
            scene.run("INSERT INTO item SELECT max(id) + 1 FROM (SELECT 0 id UNION TABLE item) i");
            scene.run("SELECT count(*), pg_current_xact_id_if_assigned() IS NOT NULL FROM item");
            if (commit) {
                connection.commit();
            } else {
                connection.rollback();
            }
            scene.hop();
            scene.run("SELECT count(*) FROM item");
            connection.rollback();
            connection.setAutoCommit(true);
        }
        scene.hop();
        connection.setAutoCommit(false);
        scene.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
        scene.run("SHOW transaction_isolation");
        scene.run("SET LOCAL statement_timeout = '7s'");
        scene.run("SHOW statement_timeout");
        scene.attempt("a duplicate", () -> scene.run("INSERT INTO item VALUES (1)"));
        scene.attempt("afterwards", () -> scene.run("SELECT 1 AS one"));
        scene.attempt("commit", connection::commit);
        scene.hop();
        scene.run("SHOW statement_timeout");
        connection.rollback();
        scene.hop();
        connection.setAutoCommit(true);
        scene.run("SELECT * FROM item");
    }

    private static void readOnly(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE item (id int PRIMARY KEY)");
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        scene.hop();
        scene.run("SHOW transaction_read_only");
        scene.attempt("a write", () -> scene.run("INSERT INTO item VALUES (1)"));
        connection.rollback();
        scene.hop();
        connection.setReadOnly(false);
        scene.run("INSERT INTO item VALUES (1)");
        connection.commit();
        scene.hop();
        scene.run("SELECT * FROM item");
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static void savepoints(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE item (id int PRIMARY KEY)");
        scene.hop();
        connection.setAutoCommit(false);
        for (int round = 0; round < 3; round++) {
            int base = round * 10;
            scene.run("INSERT INTO item VALUES (" + (base + 1) + ")");
            Savepoint first = connection.setSavepoint("first");
            scene.run("INSERT INTO item VALUES (" + (base + 2) + ")");
            Savepoint second = connection.setSavepoint();
            scene.attempt(
                    "a duplicate", () -> scene.run("INSERT INTO item VALUES (" + (base + 2) + ")"));
            connection.rollback(second);
            scene.run("INSERT INTO item VALUES (" + (base + 3) + ")");
            connection.releaseSavepoint(second);
            scene.run("SELECT count(*) FROM item");
            if (round == 1) {
                connection.rollback(first);
            }
            connection.commit();
            scene.hop();
        }
        scene.run("SELECT * FROM item ORDER BY id");
        connection.commit();
        scene.attempt("a missing savepoint", () -> scene.run("ROLLBACK TO SAVEPOINT first"));
        connection.rollback();
        connection.setAutoCommit(true);
    }

    private static void twoPhase(JdbcScene scene) throws SQLException {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE item (id int)");
        for (String end : List.of("COMMIT PREPARED 'deal'", "ROLLBACK PREPARED 'deal'")) {
            connection.setAutoCommit(false);
            scene.hop();
            scene.run("INSERT INTO item VALUES (1)");
            scene.run("PREPARE TRANSACTION 'deal'");
            connection.setAutoCommit(true);
            scene.hop();
            scene.run("SELECT count(*) FROM item");
            scene.hop();
            scene.run(end);
            scene.hop();
            scene.run("SELECT count(*) FROM item");
        }
    }
}

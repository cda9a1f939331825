package dev.weir.classify;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Statements with the verdict that each must get; PostgreSQL is the judge of those called
 * read-only.
 */
class CorpusIT {

    private static LocalPostgres primary;
    private static LocalPostgres replica;
    private static Catalog catalog;

    record Case(String reason, String sql) {
        /** As it stands in the file: {@code \n} and {@code \\} are escapes. */
        static Case parse(String line) {
            int blank = line.indexOf(' ');
            String sql = blank < 0 ? "" : line.substring(blank + 1);
            return new Case(
                    blank < 0 ? line : line.substring(0, blank),
                    sql.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\"));
        }
    }

    @BeforeAll
    static void start() throws Exception {
        primary = LocalPostgres.builder().start();
        primary.execute(resource("schema.sql"));
        try (Connection connection = primary.connect("postgres");
                CatalogReader reader = new CatalogReader(connection)) {
            catalog = reader.read();
        }
        replica = primary.replica().start();
        replica.replication().awaitReplayOf(primary);
    }

    @AfterAll
    static void stop() {
        replica.close();
        primary.close();
    }

    static String resource(String name) throws IOException {
        try (InputStream in = CorpusIT.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (String line : resource("corpus.sql").split("\n")) {
            if (!line.startsWith("#") && !line.isEmpty()) {
                cases.add(Case.parse(line));
            }
        }
        return cases;
    }

    private static Verdict classify(String sql) {
        return Classifier.classify(sql.getBytes(UTF_8), catalog);
    }

    @Test
    void thereAreManyStatements() throws IOException {
        assertThat(cases()).hasSizeGreaterThan(400);
    }

    @TestFactory
    Stream<DynamicTest> everyStatementGetsItsVerdict() throws IOException {
        return cases().stream()
                .map(it ->
                        DynamicTest.dynamicTest(
                                it.reason() + " " + it.sql(),
                                () ->
                                        assertThat(classify(it.sql()).reason())
                                                .as("%s", classify(it.sql()))
                                                .isEqualTo(Reason.valueOf(it.reason()))));
    }

    @Test
    void aReplicaRunsAllThatIsCalledARead() throws Exception {
        try (Connection connection = replica.connect("postgres");
                Statement statement = connection.createStatement()) {
            for (Case read : reads()) {
                run(statement, read.sql());
            }
        }
    }

    @Test
    void thePrimaryAssignsNoTransactionIdToAnyThatIsCalledARead() throws Exception {
        try (Connection connection = primary.connect("postgres");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (Case read : reads()) {
                run(statement, read.sql());
                try (ResultSet id =
                        statement.executeQuery("SELECT pg_current_xact_id_if_assigned()")) {
                    id.next();
                    assertThat(id.getString(1)).as(read.sql()).isNull();
                }
                connection.rollback();
            }
        }
    }

    /** A read with parameters has some values; a COPY is read to its end. */
    private static void run(Statement statement, String sql) throws SQLException {
        String plain = sql.replaceAll("\\$[1-9]", "NULL");
        try {
            if (plain.startsWith("COPY")) {
                statement
                        .getConnection()
                        .unwrap(org.postgresql.PGConnection.class)
                        .getCopyAPI()
                        .copyOut(plain, java.io.OutputStream.nullOutputStream());
            } else {
                statement.setEscapeProcessing(false);
                statement.execute(plain);
            }
        } catch (SQLException e) {
            throw new AssertionError(sql + ": " + e.getSQLState() + " " + e.getMessage(), e);
        } catch (IOException e) {
            throw new AssertionError(sql, e);
        }
    }

    private static List<Case> reads() throws IOException {
        return cases().stream().filter(it -> it.reason().equals("READ")).toList();
    }

    @Test
    void whatIsNotKnownYetStaysOnThePrimary() {
        assertThat(Classifier.classify("SELECT 1".getBytes(UTF_8), Catalog.unknown()).reason())
                .isEqualTo(Reason.NO_CATALOG);
    }

    @Test
    void aChangeOfTheCatalogShows() throws Exception {
        try (LocalPostgres fresh = LocalPostgres.builder().start();
                Connection connection = fresh.connect("postgres");
                CatalogReader reader = new CatalogReader(connection);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'");
            statement.execute("CREATE TABLE t (n int)");
            statement.execute("CREATE VIEW v AS SELECT n FROM t");
            for (String change :
                    List.of(
                            "ALTER FUNCTION f() VOLATILE",
                            "ALTER TABLE t SET UNLOGGED",
                            "CREATE OR REPLACE VIEW v AS SELECT f() AS n",
                            "CREATE SEQUENCE s",
                            "CREATE POLICY p ON t USING (f() = 1)",
                            "ALTER POLICY p ON t USING (f() = 2)",
                            "CREATE TABLE child () INHERITS (t)",
                            "DROP TABLE child",
                            "CREATE DOMAIN d AS int CHECK (f() = 1)",
                            "DROP FUNCTION f() CASCADE")) {
                String before = reader.fingerprint();
                assertThat(reader.fingerprint()).isEqualTo(before);
                statement.execute(change);
                assertThat(reader.fingerprint()).as(change).isNotEqualTo(before);
            }
        }
    }
}

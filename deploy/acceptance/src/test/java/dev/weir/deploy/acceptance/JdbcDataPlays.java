package dev.weir.deploy.acceptance;

import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.PGCopyOutputStream;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Values of all kinds and sizes: parameters, rows, cursors, COPY, large objects. */
final class JdbcDataPlays {
    private static final int MEGABYTE = 1 << 20;

    private JdbcDataPlays() {}

    static List<JdbcPlay> all() {
        return List.of(
                new JdbcPlay("types", JdbcDataPlays::types),
                new JdbcPlay("arrays", JdbcDataPlays::arrays),
                new JdbcPlay("large values", JdbcDataPlays::largeValues),
                new JdbcPlay("cursors by fetch size", JdbcDataPlays::cursors),
                new JdbcPlay("COPY in", JdbcDataPlays::copyIn),
                new JdbcPlay("COPY out", JdbcDataPlays::copyOut),
                new JdbcPlay("failing COPY", JdbcDataPlays::failingCopy),
                new JdbcPlay("large objects", JdbcDataPlays::largeObjects));
    }

    private static void types(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TYPE mood AS ENUM ('sad', 'glad')");
        scene.run("CREATE TYPE place AS (street text, number int)");
        scene.run(
                """
                CREATE TABLE kinds (b boolean, i2 smallint, i4 int, i8 bigint, n numeric, f4 real,
                f8 double precision, t text, c char(5), v varchar(9), by bytea, d date, ti time,
                ts timestamp, tz timestamptz, iv interval, u uuid, j jsonb, x xml, m mood, p place,
                r int4range, pt point, ip inet)
                """);
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                        ?::interval, ?, ?::jsonb, ?::xml, ?::mood, ?::place, ?::int4range,
                        ?::point, ?::inet)
                        """)) {
            for (int i = 0; i < 8; i++) {
                scene.hop();
                Object[] values = {
                    i % 2 == 0,
                    (short) -i,
                    i * 100_000,
                    i * 10_000_000_000L,
                    new BigDecimal("12345.678900").scaleByPowerOfTen(i),
                    i / 4f,
                    Math.PI * i,
                    "größer \\ ' \" \n \u20ac \ud83d\ude00 " + i,
                    "ab",
                    "varying",
                    new byte[] {0, 1, -1, (byte) i, '\\', '\''},
                    LocalDate.of(2024, 2, 29).plusDays(i),
                    java.time.LocalTime.of(23, 59, 59, 123_456_000),
                    java.time.LocalDateTime.of(1999, 12, 31, 23, 59, i),
                    OffsetDateTime.parse("2020-06-30T12:00:00+05:30").plusHours(i),
                    "1 year 2 days 03:04:05.6",
                    new UUID(7L * i, ~(long) i),
                    "{\"a\": [1, 2, " + i + "]}",
                    "<a b=\"c\">" + i + "</a>",
                    i % 2 == 0 ? "sad" : "glad",
                    "(\"Main, St.\"," + i + ")",
                    "[1," + (i + 2) + ")",
                    "(1.5," + i + ")",
                    "10.0.0." + i
                };
                for (int at = 0; at < values.length; at++) {
                    insert.setObject(at + 1, i == 5 && at % 2 == 0 ? null : values[at]);
                }
                scene.note("inserted", insert.executeUpdate());
            }
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT * FROM kinds WHERE i4 >= ? ORDER BY i2")) {
            for (int i = 0; i < 8; i++) {
                scene.hop();
                select.setInt(1, i * 100_000);
                scene.rows("kinds", select.executeQuery());
            }
        }
    }

    private static void arrays(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE lists (id int, numbers int[], words text[], grid int[][])");
        try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO lists VALUES (?, ?, ?, ?)");
                PreparedStatement find =
                        connection.prepareStatement(
                                "SELECT id, numbers, words, grid FROM lists WHERE id = ANY (?)")) {
            for (int i = 0; i < 8; i++) {
                scene.hop();
                insert.setInt(1, i);
                Array numbers = connection.createArrayOf("int4", new Integer[] {i, null, -i});
                insert.setArray(2, numbers);
                insert.setObject(3, new String[] {"a,b", "c\"d", "e\\f", "", "NULL"});
                insert.setArray(4, connection.createArrayOf("int4", new int[][] {{1, i}, {3, 4}}));
                scene.note("inserted", insert.executeUpdate());
                numbers.free();
                scene.hop();
                find.setArray(1, connection.createArrayOf("int4", new Object[] {i, i - 1}));
                try (ResultSet rows = find.executeQuery()) {
                    while (rows.next()) {
                        scene.note("numbers", list(rows.getArray(2)));
                        scene.note("words", list(rows.getArray(3)));
                        scene.note("grid", list(rows.getArray(4)));
                    }
                }
            }
        }
    }

    private static String list(Array array) throws Exception {
        return Arrays.deepToString((Object[]) array.getArray());
    }

    private static void largeValues(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        scene.run("CREATE TABLE heap (id int, body bytea, words text)");
        byte[] body = new byte[MEGABYTE];
        new Random(7).nextBytes(body);
        try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO heap VALUES (?, ?, ?)");
                PreparedStatement select =
                        connection.prepareStatement("SELECT body, words FROM heap WHERE id = ?")) {
            for (int i = 0; i < 7; i++) {
                scene.hop();
                byte[] part = Arrays.copyOf(body, i * body.length / 6);
                insert.setInt(1, i);
                insert.setBinaryStream(2, new ByteArrayInputStream(part), part.length);
                insert.setString(3, "w".repeat(part.length / 2));
                scene.note("inserted", insert.executeUpdate());
                scene.hop();
                select.setInt(1, i);
                scene.rows("selected", select.executeQuery());
            }
        }
        scene.hop();
        scene.run("SELECT '" + "long literal ".repeat(60_000) + "' AS text");
        scene.hop();
        scene.run("SELECT i, repeat('x', 100000) FROM generate_series(1, 40) i");
    }

    private static void cursors(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        connection.setAutoCommit(false);
        for (int round = 0; round < 7; round++) {
            scene.hop();
            try (PreparedStatement many =
                            connection.prepareStatement(
                                    "SELECT i, repeat('r', i) FROM generate_series(1, ?) i");
                    Statement other = connection.createStatement()) {
                many.setFetchSize(10);
                many.setInt(1, 95);
                other.setFetchSize(7);
                try (ResultSet rows = many.executeQuery();
                        ResultSet letters =
                                other.executeQuery(
                                        "SELECT chr(i) FROM generate_series(65, 90) i")) {
                    long sum = 0;
                    StringBuilder text = new StringBuilder();
                    while (rows.next()) {
                        sum += rows.getInt(1) + rows.getString(2).length();
                        if (letters.next()) {
                            text.append(letters.getString(1));
                        }
                    }
                    scene.note("sums", sum + " " + text);
                }
            }
            connection.commit();
        }
        scene.hop();
        try (Statement open = connection.createStatement()) {
            open.setFetchSize(5);
            try (ResultSet rows = open.executeQuery("SELECT i FROM generate_series(1, 20) i")) {
                rows.next();
                connection.commit();
                scene.hop();
                scene.attempt(
                        "beyond the commit",
                        () -> {
                            while (rows.next()) {
                                scene.note("row", rows.getInt(1));
                            }
                        });
            }
        }
        connection.rollback();
        scene.hop();
        scene.run(
                "DECLARE c CURSOR FOR SELECT i FROM generate_series(1, 9) i; FETCH 3 FROM c;"
                        + " MOVE 2 IN c; FETCH ALL FROM c; CLOSE c");
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static void copyIn(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        scene.run("CREATE TABLE item (id int, name text)");
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            rows.append(i).append("\tname of item ").append(i).append('\n');
        }
        for (boolean autocommit : new boolean[] {true, false}) {
            scene.hop();
            connection.setAutoCommit(autocommit);
            scene.note(
                    "rows", copy.copyIn("COPY item FROM STDIN", new StringReader(rows.toString())));
            if (autocommit) {
                scene.hop();
            }
            try (PGCopyOutputStream out =
                    new PGCopyOutputStream(
                            connection.unwrap(PGConnection.class),
                            "COPY item FROM STDIN (FORMAT csv)")) {
                for (int i = 0; i < 500; i++) {
                    out.write((i + ",\"a, b\"\n").getBytes(StandardCharsets.US_ASCII));
                }
            }
            scene.run("SELECT count(*), sum(id) FROM item");
            if (!autocommit) {
                connection.rollback();
                scene.hop();
                scene.run("SELECT count(*), sum(id) FROM item");
                connection.commit();
            }
        }
        connection.setAutoCommit(true);
        scene.note("no rows", copy.copyIn("COPY item FROM STDIN", new StringReader("")));
    }

    private static void copyOut(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        for (int i = 0; i < 3; i++) {
            scene.hop();
            StringWriter text = new StringWriter();
            scene.note(
                    "rows",
                    copy.copyOut(
                            "COPY (SELECT i, md5(i::text) FROM generate_series(1, 8000) i)"
                                    + " TO STDOUT",
                            text));
            scene.note("text", text);
            scene.hop();
            ByteArrayOutputStream binary = new ByteArrayOutputStream();
            scene.note(
                    "rows",
                    copy.copyOut(
                            "COPY (SELECT i, repeat('b', 5000) FROM generate_series(1, 100) i)"
                                    + " TO STDOUT (FORMAT binary)",
                            binary));
            scene.note("binary", binary.toByteArray());
        }
    }

    private static void failingCopy(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        scene.run("CREATE TABLE item (id int)");
        for (int i = 0; i < 3; i++) {
            scene.hop();
            scene.attempt(
                    "a bad row",
                    () -> copy.copyIn("COPY item FROM STDIN", new StringReader("1\n2\nthree\n")));
            scene.hop();
            scene.attempt(
                    "a bad row early in much data",
                    () ->
                            copy.copyIn(
                                    "COPY item FROM STDIN",
                                    new StringReader("x\n" + "12345678\n".repeat(150_000))));
            scene.hop();
            scene.attempt(
                    "no such table",
                    () -> copy.copyIn("COPY nowhere FROM STDIN", new StringReader("1\n")));
            scene.hop();
            scene.attempt(
                    "given up",
                    () -> {
                        CopyIn in = copy.copyIn("COPY item FROM STDIN");
                        in.writeToCopy(new byte[] {'1', '\n'}, 0, 2);
                        in.cancelCopy();
                    });
            scene.hop();
            scene.attempt(
                    "fails on the way out",
                    () ->
                            copy.copyOut(
                                    "COPY (SELECT 1 / (500 - i) FROM generate_series(1, 1000) i)"
                                            + " TO STDOUT",
                                    new StringWriter()));
            scene.hop();
            scene.run("SELECT count(*) FROM item");
        }
        connection.setAutoCommit(false);
        scene.attempt(
                "in a transaction",
                () -> copy.copyIn("COPY item FROM STDIN", new StringReader("bad\n")));
        scene.attempt("afterwards", () -> scene.run("SELECT 1 AS one"));
        connection.rollback();
        scene.hop();
        connection.setAutoCommit(true);
        scene.run("SELECT count(*) FROM item");
    }

    private static void largeObjects(JdbcScene scene) throws Exception {
        Connection connection = scene.connection();
        LargeObjectManager manager = connection.unwrap(PGConnection.class).getLargeObjectAPI();
        byte[] body = new byte[3 * MEGABYTE / 2];
        new Random(3).nextBytes(body);
        connection.setAutoCommit(false);
        for (int i = 0; i < 3; i++) {
            scene.hop();
            long oid = manager.createLO(LargeObjectManager.READWRITE);
            try (LargeObject object = manager.open(oid, LargeObjectManager.READWRITE)) {
                object.write(body);
                object.seek(100_000);
                object.write(new byte[] {1, 2, 3});
                object.truncate(MEGABYTE);
                scene.note("size", object.size());
            }
            connection.commit();
            scene.hop();
            try (LargeObject object = manager.open(oid, LargeObjectManager.READ)) {
                object.seek(99_990);
                scene.note("part", object.read(30));
                object.seek(0);
                scene.note("all", object.read(MEGABYTE));
                scene.note("at", object.tell());
            }
            connection.rollback();
            scene.hop();
            manager.delete(oid);
            connection.commit();
            scene.hop();
            scene.attempt(
                    "gone",
                    () -> {
                        try {
                            manager.open(oid, LargeObjectManager.READ).close();
                        } catch (java.sql.SQLException e) {
                            throw new java.sql.SQLException(
                                    String.valueOf(e.getMessage()).replace("" + oid, "OID"),
                                    e.getSQLState(),
                                    e);
                        }
                    });
            connection.rollback();
        }
        scene.hop();
        scene.run("CREATE TABLE doc (id int, body oid)");
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO doc VALUES (?, ?)")) {
            insert.setInt(1, 1);
            insert.setBlob(2, new ByteArrayInputStream(body));
            insert.executeUpdate();
            insert.setInt(1, 2);
            insert.setNull(2, Types.BLOB);
            insert.executeUpdate();
        }
        connection.commit();
        scene.hop();
        try (Statement select = connection.createStatement();
                ResultSet rows = select.executeQuery("SELECT body FROM doc ORDER BY id")) {
            rows.next();
            scene.note("blob", rows.getBlob(1).getBytes(1, body.length));
        }
        connection.commit();
        connection.setAutoCommit(true);
    }
}

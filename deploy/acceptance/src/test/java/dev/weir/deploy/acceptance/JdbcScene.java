package dev.weir.deploy.acceptance;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;

/**
 * One connection, and the notes of all that the driver said on it, to be compared with the notes of
 * another who was answered by PostgreSQL alone.
 */
final class JdbcScene {
    /** What brings the client to another server connection. */
    interface Hop {
        void hop() throws SQLException;
    }

    /** What may fail. */
    interface Action {
        void run() throws Exception;
    }

    /** Past this a value is noted by its hash. */
    private static final int LONG = 300;

    private final Connection connection;
    private final Hop hop;
    private final List<String> notes = new ArrayList<>();
    private boolean ended;

    JdbcScene(Connection connection, Hop hop) {
        this.connection = connection;
        this.hop = hop;
    }

    Connection connection() {
        return connection;
    }

    List<String> notes() {
        return notes;
    }

    /** Outside a transaction: what follows runs on another server connection. */
    void hop() throws SQLException {
        hop.hop();
    }

    /**
     * Plays to the end, or to where the driver itself gives up, which not every mode of it does at
     * the same place.
     */
    void play(JdbcPlay play) {
        try {
            play.script().play(this);
            ended = true;
        } catch (Exception | AssertionError e) {
            notes.add("gives up: " + e);
        }
    }

    /** Whether the play went to its end. */
    boolean ended() {
        return ended;
    }

    void note(String label, Object value) {
        notes.add(label + ": " + text(value));
    }

    /** Notes all rows and closes the result. */
    void rows(String label, ResultSet result) throws SQLException {
        try (result) {
            notes.add(label + ": " + columns(result.getMetaData()));
            int width = result.getMetaData().getColumnCount();
            while (result.next()) {
                StringJoiner row = new StringJoiner("|", "  ", "");
                for (int i = 1; i <= width; i++) {
                    row.add(text(result.getObject(i)));
                }
                notes.add(row.toString());
            }
        }
    }

    static String columns(ResultSetMetaData columns) throws SQLException {
        if (columns == null) {
            return "no columns";
        }
        StringJoiner all = new StringJoiner(", ", "(", ")");
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            all.add(columns.getColumnLabel(i) + " " + columns.getColumnTypeName(i));
        }
        return all.toString();
    }

    /** Runs one text by a Statement and notes all that it gives. */
    void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            results(sql, statement, rows);
            warnings(statement.getWarnings());
        }
    }

    /** Notes each result of a statement that has been executed. */
    void results(String label, Statement statement, boolean first) throws SQLException {
        boolean rows = first;
        while (true) {
            if (rows) {
                rows(label, statement.getResultSet());
            } else if (statement.getUpdateCount() >= 0) {
                note(label, statement.getUpdateCount());
            } else {
                return;
            }
            rows = statement.getMoreResults();
        }
    }

    void warnings(SQLWarning first) {
        for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
            notes.add("warning " + warning.getSQLState() + ": " + warning.getMessage());
        }
    }

    /** Notes how it fails, or that it does not. */
    void attempt(String label, Action action) throws Exception {
        try {
            action.run();
            notes.add(label + " succeeded");
        } catch (BatchUpdateException e) {
            note(label + " counts", Arrays.toString(e.getUpdateCounts()));
            failure(label, e);
            if (e.getNextException() != null) {
                failure(label, e.getNextException());
            }
        } catch (SQLException e) {
            failure(label, e);
        }
    }

    private void failure(String label, SQLException e) {
        notes.add(label + " failed: " + e.getSQLState() + " " + e.getMessage());
    }

    private static String xmlText(SQLXML xml) {
        try {
            return xml.getString();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(Object value) {
        String text =
                switch (value) {
                    case byte[] bytes when bytes.length > LONG ->
                            "%d bytes #%d".formatted(bytes.length, Arrays.hashCode(bytes));
                    case byte[] bytes -> HexFormat.of().formatHex(bytes);
                    case SQLXML xml -> xmlText(xml);
                    case null, default -> String.valueOf(value);
                };
        return text.length() <= LONG ? text : "%d#%d".formatted(text.length(), text.hashCode());
    }
}

package dev.weir.failover;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** One superuser's session on a node, for a switchover. For one thread. */
final class Operator implements AutoCloseable {
    private final Connection connection;

    Operator(Connection connection) {
        this.connection = connection;
    }

    /** The first column of the first row, as text; empty for NULL, and for no row. */
    String ask(String sql, Object... values) throws SQLException {
        List<String> rows = list(sql, values);
        return rows.isEmpty() ? "" : rows.getFirst();
    }

    boolean is(String sql, Object... values) throws SQLException {
        return ask(sql, values).equals("t");
    }

    /** The first column of all rows. */
    List<String> list(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            List<String> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String value = rows.getString(1);
                    found.add(value == null ? "" : value);
                }
            }
            return found;
        }
    }

    void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A name in a statement. */
    String name(String identifier) throws SQLException {
        return ask("SELECT quote_ident(?)", identifier);
    }

    /** A text in a statement. */
    String literal(String text) throws SQLException {
        return ask("SELECT quote_literal(?)", text);
    }

    int version() throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

package dev.weir.deploy.acceptance;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Somebody at the console, by way of pgjdbc. */
final class ConsoleClient implements AutoCloseable {
    private final Connection connection;

    private ConsoleClient(Connection connection) {
        this.connection = connection;
    }

    static ConsoleClient open(int port, String user) throws SQLException {
        return open(port, user, "extended");
    }

    /**
     * @param mode pgjdbc's preferQueryMode
     */
    static ConsoleClient open(int port, String user, String mode) throws SQLException {
        return new ConsoleClient(
                DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:%d/weir?user=%s&password=%s&preferQueryMode=%s"
                                .formatted(port, user, user, mode)));
    }

    Connection connection() {
        return connection;
    }

    void order(String command) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    /** The rows of a SHOW, each by column. */
    List<Map<String, String>> show(String what) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SHOW " + what)) {
            ResultSetMetaData columns = result.getMetaData();
            List<Map<String, String>> rows = new ArrayList<>();
            while (result.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    row.put(columns.getColumnLabel(i), result.getString(i));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /** The row of a SHOW that has this value in this column. */
    Map<String, String> row(String what, String column, String value) throws SQLException {
        return show(what).stream()
                .filter(row -> value.equals(row.get(column)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("SHOW " + what + " has no " + value));
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A session through Weir and one with PostgreSQL itself, to which the same is done. */
final class Twin implements AutoCloseable {
    static final String THROUGH_WEIR = "through_weir";
    static final String DIRECT = "direct";

    private final Connection throughWeir;
    private final DirectSessions.Session directSession;
    private final Connection direct;

    Twin(Connection throughWeir, DirectSessions.Session directSession) {
        this.throughWeir = throughWeir;
        this.directSession = directSession;
        this.direct = directSession.connection();
    }

    /** Runs {@code sql} on both; they must answer alike. */
    void both(String sql, String story) {
        String expected = answer(direct, sql);
        String answer = answer(throughWeir, sql);
        assertThat(answer).as(story).isEqualTo(expected);
    }

    /** What a session sees of its state must be the same for both. */
    void compareState(String story) throws SQLException {
        List<String> expected = StateScripts.state(direct);
        List<String> state = StateScripts.state(throughWeir);
        if (state.equals(expected)) {
            return;
        }
        List<String> surplus = new ArrayList<>(state);
        surplus.removeAll(expected);
        List<String> lacking = new ArrayList<>(expected);
        lacking.removeAll(state);
        assertThat(surplus).as(story + "\nlacking: " + lacking).isEmpty();
        assertThat(lacking).as(story).isEmpty();
    }

    @SuppressWarnings("StringSplitter") // the values are never empty
    private static String answer(Connection connection, String sql) {
        StringBuilder answer = new StringBuilder();
        try {
            int bound = sql.indexOf(StateScripts.BOUND);
            if (bound >= 0) {
                String[] values = sql.substring(bound + StateScripts.BOUND.length()).split(",");
                try (PreparedStatement statement =
                        connection.prepareStatement(sql.substring(0, bound))) {
                    for (int i = 0; i < values.length; i++) {
                        statement.setString(i + 1, values[i]);
                    }
                    append(statement, statement.execute(), answer);
                }
            } else {
                try (Statement statement = connection.createStatement()) {
                    append(statement, statement.execute(sql), answer);
                }
            }
        } catch (SQLException e) {
            answer.append("error ").append(e.getSQLState()).append(' ').append(e.getMessage());
        }
        return answer.toString();
    }

    private static void append(Statement statement, boolean hasRows, StringBuilder answer)
            throws SQLException {
        boolean rows = hasRows;
        while (true) {
            if (rows) {
                try (ResultSet result = statement.getResultSet()) {
                    while (result.next()) {
                        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                            answer.append(result.getString(i)).append('|');
                        }
                    }
                }
            } else if (statement.getUpdateCount() < 0) {
                return;
            }
            answer.append(';');
            rows = statement.getMoreResults();
        }
    }

    @Override
    public void close() {
        try (throughWeir;
                directSession) {
            // Both are closed whatever the other does.
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}

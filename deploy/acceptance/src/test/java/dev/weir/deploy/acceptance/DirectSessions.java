package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sessions with PostgreSQL itself. To begin one takes it longer than all that a short life does, so
 * who has left is followed by the next with the same start: behind DISCARD ALL, and only if it has
 * the state of the first one that was begun like that.
 */
final class DirectSessions implements AutoCloseable {
    /** Of each start, besides those that are in use. */
    private static final int MAX_FREE = 2;

    private static final String APPLICATION_NAME = "ApplicationName";

    private final int port;
    private final Map<String, Kind> kinds = new HashMap<>();

    DirectSessions(int port) {
        this.port = port;
    }

    /** The sessions of one start. */
    private static final class Kind {
        private final Deque<Connection> free = new ArrayDeque<>();
        private final List<String> freshState;

        /** What the driver sets once it is logged in, and DISCARD ALL does not know. */
        private final String applicationName;

        Kind(Connection first) throws SQLException {
            freshState = StateScripts.state(first);
            applicationName = first.getClientInfo(APPLICATION_NAME);
        }
    }

    /**
     * A session that has done nothing yet.
     *
     * @param parameters of the driver's URL
     */
    Session begin(String user, String parameters) throws SQLException {
        String url = url(port, Twin.DIRECT, user, parameters);
        Kind kind = kinds.get(url);
        if (kind == null) {
            Connection first = DriverManager.getConnection(url);
            kind = new Kind(first);
            kinds.put(url, kind);
            return new Session(first, kind);
        }
        Connection next = kind.free.poll();
        if (next == null) {
            return new Session(DriverManager.getConnection(url), kind);
        }
        assertThat(StateScripts.state(next)).as(url).isEqualTo(kind.freshState);
        return new Session(next, kind);
    }

    static String url(int port, String database, String user, String parameters) {
        return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s&socketTimeout=30&%s"
                .formatted(port, database, user, parameters);
    }

    @Override
    public void close() throws SQLException {
        for (Kind kind : kinds.values()) {
            for (Connection connection : kind.free) {
                connection.close();
            }
        }
    }

    /** One of them, in use until it is closed. */
    static final class Session implements AutoCloseable {
        private final Connection connection;
        private final Kind kind;

        private Session(Connection connection, Kind kind) {
            this.connection = connection;
            this.kind = kind;
        }

        Connection connection() {
            return connection;
        }

        @Override
        public void close() throws SQLException {
            if (kind.free.size() >= MAX_FREE) {
                connection.close();
                return;
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("DISCARD ALL");
            }
            connection.setClientInfo(APPLICATION_NAME, kind.applicationName);
            kind.free.add(connection);
        }
    }
}

package dev.weir.deploy.acceptance;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A PostgreSQL that asks nobody for a password, with a database and a role for what pgjdbc is to
 * show.
 */
final class JdbcStage implements AutoCloseable {
    static final String DATABASE = "stage";

    /** The role that plays, and with {@link #DATABASE} names the pool. */
    static final String PLAYER = "player";

    private final LocalPostgres postgres;

    /** The superuser's, kept: to begin a session takes PostgreSQL longer than most plays take. */
    private final Connection sweeper;

    private JdbcStage(LocalPostgres postgres, Connection sweeper) {
        this.postgres = postgres;
        this.sweeper = sweeper;
    }

    static JdbcStage open() {
        LocalPostgres postgres =
                LocalPostgres.builder()
                        .authMethod("trust")
                        .setting("max_prepared_transactions", "4")
                        .start();
        try {
            postgres.createRole(PLAYER, "player");
            postgres.createDatabase(DATABASE, PLAYER);
            return new JdbcStage(postgres, postgres.connect(DATABASE));
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    LocalPostgres postgres() {
        return postgres;
    }

    /** A Weir in front, as yet to be shaped. */
    Proxy proxy() {
        return Proxy.inFrontOf(postgres.port());
    }

    /**
     * PostgreSQL without anything between.
     *
     * @param parameters of the URL, joined by {@code &}; may be empty
     */
    Connection direct(String parameters) throws SQLException {
        return connect(postgres.port(), parameters);
    }

    static Connection through(Weir weir, String parameters) throws SQLException {
        return connect(weir.port(), parameters);
    }

    private static Connection connect(int port, String parameters) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/%s?user=%s&socketTimeout=60%s%s"
                        .formatted(
                                port,
                                DATABASE,
                                PLAYER,
                                parameters.isEmpty() ? "" : "&",
                                parameters));
    }

    /**
     * Nothing is left of what was played before.
     *
     * @param last through which the last of it is dropped, so that a Weir hears of it
     */
    void sweep(Connection last) throws SQLException {
        try (Statement statement = sweeper.createStatement()) {
            statement.execute(
                    """
                    DROP OWNED BY player;
                    DROP SCHEMA IF EXISTS public CASCADE;
                    CREATE SCHEMA public;
                    GRANT ALL ON SCHEMA public TO PUBLIC;
                    SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata;
                    """);
        }
        try (Statement statement = last.createStatement()) {
            statement.execute("DROP OWNED BY player");
        }
    }

    /** The server process that serves a connection just now. */
    static int backend(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT pg_backend_pid()")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Override
    public void close() {
        try (postgres;
                sweeper) {
            // Both are closed whatever the other does.
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}

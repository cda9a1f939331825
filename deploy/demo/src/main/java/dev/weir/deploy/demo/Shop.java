package dev.weir.deploy.demo;

import dev.weir.deploy.local.Credentials;
import dev.weir.deploy.local.LocalPostgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The demo's database, which its user owns. */
final class Shop {
    static final String DATABASE = "shop";
    static final Credentials USER = new Credentials("app", "app");

    /** What Weir asks the servers as. */
    static final Credentials ROUTER = new Credentials("weir_router", "weir");

    private static final String SCRIPT = "shop.sql";

    private final LocalPostgres postgres;

    Shop(LocalPostgres postgres) {
        this.postgres = postgres;
    }

    /** Whether an earlier start has made it, completely. */
    boolean isThere() throws SQLException {
        if (!exists("SELECT FROM pg_database WHERE datname = ?", DATABASE)) {
            return false;
        }
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet tables =
                        statement.executeQuery(
                                "SELECT FROM pg_tables WHERE schemaname = 'public' LIMIT 1")) {
            return tables.next();
        }
    }

    /**
     * Makes what is not there yet; the tables in one transaction, so that they are full or absent.
     */
    void make() throws SQLException {
        if (!exists("SELECT FROM pg_roles WHERE rolname = ?", USER.name())) {
            postgres.createRole(USER.name(), USER.password());
        }
        if (!exists("SELECT FROM pg_database WHERE datname = ?", DATABASE)) {
            postgres.createDatabase(DATABASE, USER.name());
        }
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(script());
            connection.commit();
        }
    }

    /** Makes the role that Weir asks the servers as, if it is not there yet. */
    void makeRouter() throws SQLException {
        if (!exists("SELECT FROM pg_roles WHERE rolname = ?", ROUTER.name())) {
            postgres.createRole(ROUTER.name(), ROUTER.password());
            postgres.execute("GRANT pg_monitor TO " + ROUTER.name());
        }
    }

    private boolean exists(String query, String name) throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            try (ResultSet result = statement.executeQuery()) {
                return result.next();
            }
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(DATABASE, USER));
    }

    private static String script() {
        try (InputStream file = Shop.class.getResourceAsStream(SCRIPT)) {
            if (file == null) {
                throw new IllegalStateException(SCRIPT + " is not beside this class");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

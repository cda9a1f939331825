package dev.weir.auth;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.zaxxer.hikari.HikariDataSource;

import dev.weir.config.AuthQueryConfig;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.Secret;
import dev.weir.config.ServerTlsConfig;
import dev.weir.config.WeirConfig;
import dev.weir.net.PostgresSource;
import dev.weir.net.RootCause;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Looks up in PostgreSQL what is stored of users' passwords, and remembers it for a moment, also
 * that there is none. Any thread may use it; {@link #find} blocks.
 */
public final class SecretLookup implements AutoCloseable {
    /** Names of users that are remembered; whoever guesses names must not fill the memory. */
    private static final int MAX_ANSWERS = 10_000;

    /** Databases that are asked at a time, each over {@link #CONNECTIONS}. */
    private static final int MAX_PLACES = 32;

    private static final int CONNECTIONS = 2;

    /** An answer as young as this cannot be what a wrong password is due to. */
    private static final Duration SURELY_FRESH = Duration.ofSeconds(1);

    /** A client that wants to log in hears soon if PostgreSQL cannot be asked. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Duration REST = Duration.ofMinutes(1);
    private static final Pattern USER_PARAMETER = Pattern.compile("\\$1(?![0-9])");

    /** The question could not be asked, or was not answered. Its message is for the log. */
    static final class LookupException extends Exception {
        private static final long serialVersionUID = 1L;

        LookupException(String message) {
            super(message);
        }
    }

    private record Question(String database, String user) {}

    /**
     * What a question has come to.
     *
     * @param secret null for a user that does not exist, or may not log in
     * @param failure why there is no answer; null if there is one
     */
    private record Answer(
            @Nullable StoredSecret secret,
            long askedNanos,
            Duration cacheTime,
            @Nullable String failure) {}

    private record Place(
            String host, int port, String database, String user, ServerTlsConfig tls) {}

    /** Replaced by a reload. */
    private volatile WeirConfig config;

    /** Where a database is asked, if not where the configuration says. */
    private volatile Function<DatabaseConfig, @Nullable Node> whereabouts = _ -> null;

    private final Executor blocking;

    /** Perf: made by the first look-up; a start that is quick has no time for it. */
    private @Nullable Memory memory;

    private record Memory(
            AsyncCache<Question, Answer> answers, Cache<Place, HikariDataSource> places) {
        static Memory of(Executor blocking) {
            return new Memory(
                    Caffeine.newBuilder()
                            .maximumSize(MAX_ANSWERS)
                            .executor(blocking)
                            .expireAfter(
                                    Expiry.writing(
                                            (Question _, Answer answer) -> answer.cacheTime()))
                            .buildAsync(),
                    Caffeine.newBuilder()
                            .maximumSize(MAX_PLACES)
                            .expireAfterAccess(REST)
                            .executor(blocking)
                            .<Place, HikariDataSource>removalListener((_, source, _) -> {
                                if (source != null) {
                                    source.close();
                                }
                            })
                            .build());
        }
    }

    /**
     * Connects to nothing yet.
     *
     * @param blocking where the questions are asked, never a loop
     */
    public SecretLookup(WeirConfig config, Executor blocking) {
        this.config = config;
        this.blocking = blocking;
    }

    /**
     * Lets databases be asked elsewhere than where they are configured, as their primary changes.
     *
     * @param where is asked each time; it gives null for what is configured
     */
    public void follow(Function<DatabaseConfig, @Nullable Node> where) {
        whereabouts = where;
    }

    /** Another configuration counts from now on; what has been looked up is forgotten. */
    public synchronized void reload(WeirConfig next) {
        config = next;
        Memory made = memory;
        if (made != null) {
            made.answers().synchronous().invalidateAll();
            made.places().invalidateAll();
        }
    }

    private synchronized Memory memory() {
        Memory made = memory;
        if (made == null) {
            made = Memory.of(blocking);
            memory = made;
        }
        return made;
    }

    /**
     * What is stored of a user's password. Blocks.
     *
     * @param database as the client asks for it, with its entry
     * @return null if there is no such user, or one without a password that counts
     */
    @Nullable StoredSecret find(DatabaseConfig database, String user) throws LookupException {
        Answer answer =
                memory().answers()
                        .get(new Question(database.name(), user), _ -> ask(database, user))
                        .join();
        if (answer.failure() != null) {
            throw new LookupException(answer.failure());
        }
        return answer.secret();
    }

    /** What was found has not served: unless it was found just now, it is asked for again. */
    void doubt(String database, String user) {
        Question question = new Question(database, user);
        Cache<Question, Answer> answers = memory().answers().synchronous();
        Answer answer = answers.getIfPresent(question);
        if (answer != null && System.nanoTime() - answer.askedNanos() >= SURELY_FRESH.toNanos()) {
            answers.invalidate(question);
        }
    }

    /** PostgreSQL has refused what was proved with it: it is surely out of date. */
    public void forget(String database, String user) {
        memory().answers().synchronous().invalidate(new Question(database, user));
    }

    // ---- asking ----

    private Answer ask(DatabaseConfig database, String user) {
        AuthQueryConfig query = database.authQuery();
        try (Connection connection = source(database).getConnection();
                PreparedStatement statement = connection.prepareStatement(jdbc(query.sql()))) {
            int parameters = (int) USER_PARAMETER.matcher(query.sql()).results().count();
            for (int i = 1; i <= parameters; i++) {
                statement.setString(i, user);
            }
            try (ResultSet rows = statement.executeQuery()) {
                if (rows.getMetaData().getColumnCount() < 2) {
                    throw new SQLException(
                            "auth-query returns one column, not a name and a password");
                }
                String text = rows.next() ? rows.getString(2) : null;
                return new Answer(
                        text == null || text.isEmpty() ? null : new StoredSecret(new Secret(text)),
                        System.nanoTime(),
                        query.cacheTime(),
                        null);
            }
        } catch (SQLException | RuntimeException e) {
            return new Answer(null, System.nanoTime(), Duration.ZERO, RootCause.text(e));
        }
    }

    /** PostgreSQL's own parameters as JDBC has them; a question mark stands for itself. */
    private static String jdbc(String sql) {
        return USER_PARAMETER.matcher(sql.replace("?", "??")).replaceAll("?");
    }

    private HikariDataSource source(DatabaseConfig database) throws SQLException {
        AuthQueryConfig query = database.authQuery();
        String elsewhere = query.dbname();
        DatabaseConfig at = elsewhere == null ? database : config.database(elsewhere);
        String user = query.user();
        if (at == null || user == null) {
            throw new SQLException("there is no database to look passwords up in");
        }
        Node node = whereabouts.apply(at);
        return memory().places()
                .get(
                        new Place(
                                node == null ? at.host() : node.host(),
                                node == null ? at.port() : node.port(),
                                at.serverDatabase(),
                                user,
                                at.tls()),
                        place -> open(place, at));
    }

    private HikariDataSource open(Place place, DatabaseConfig at) {
        PGSimpleDataSource source =
                PostgresSource.simple(
                        new PostgresSource.Account(
                                place.host(),
                                place.port(),
                                place.database(),
                                place.user(),
                                config.serverPassword(place.user()),
                                place.tls()),
                        "weir auth-query",
                        at.pool().serverConnectTimeout());
        // Neither a setting of the role nor of the database may say what the names in the query
        // mean.
        source.setOptions("-c search_path=pg_catalog,pg_temp");
        // A function of the operator's may take the name as name, text or varchar.
        source.setStringType("unspecified");
        Duration connectTimeout = at.pool().serverConnectTimeout();
        return PostgresSource.pooled(
                source,
                "auth-query " + place.host() + ":" + place.port() + "/" + place.database(),
                CONNECTIONS,
                connectTimeout.compareTo(PATIENCE) < 0 ? connectTimeout : PATIENCE);
    }

    @Override
    public void close() {
        Memory made;
        synchronized (this) {
            made = memory;
        }
        if (made != null) {
            made.places().asMap().values().forEach(HikariDataSource::close);
        }
    }
}

package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * How the passwords of users that are not in the configuration are looked up in PostgreSQL.
 *
 * @param user the role that looks up; null if nothing is looked up
 * @param query what it asks, with {@code $1} for the user's name; null for {@link #DEFAULT_QUERY}
 * @param dbname the entry of {@code databases} where it asks; null for the one that the client asks
 *     for
 * @param cacheTime how long an answer counts, zero to ask at each login
 */
public record AuthQueryConfig(
        @Nullable String user,
        @Nullable String query,
        @Nullable String dbname,
        Duration cacheTime) {
    /**
     * PostgreSQL checks neither rolcanlogin nor the end of a password's validity for a pooler, so
     * the query does. Every name is qualified: no search_path may turn it into another query.
     */
    public static final String DEFAULT_QUERY =
            "SELECT rolname,"
                    + " CASE WHEN rolvaliduntil OPERATOR(pg_catalog.<) pg_catalog.now() THEN NULL ELSE rolpassword END"
                    + " FROM pg_catalog.pg_authid"
                    + " WHERE rolname OPERATOR(pg_catalog.=) $1 AND rolcanlogin";

    /** Nothing is looked up. */
    public static final AuthQueryConfig NONE =
            new AuthQueryConfig(null, null, null, Duration.ofSeconds(10));

    /** The query that counts. */
    public String sql() {
        return query == null ? DEFAULT_QUERY : query;
    }
}

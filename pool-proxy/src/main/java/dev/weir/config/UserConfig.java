package dev.weir.config;

import org.jspecify.annotations.Nullable;

/**
 * A user that may log in.
 *
 * @param name the role
 * @param password what the client's proof is checked against: a password, or PostgreSQL's own
 *     {@code SCRAM-SHA-256$…} or {@code md5…} form; null if the user may log in only where {@code
 *     auth-type} is trust
 * @param serverPassword what Weir proves itself with to PostgreSQL; null to use {@code password}
 *     where that is one
 * @param share what the user may have over all databases
 * @param pool how this user's pools differ from what their databases say
 * @param routing what this user's sessions ask for instead of what their databases say
 * @param readOnly whether this user's sessions must not write
 */
public record UserConfig(
        String name,
        @Nullable Secret password,
        @Nullable Secret serverPassword,
        ShareConfig share,
        PoolOverrides pool,
        RouteConfig routing,
        boolean readOnly) {
    /** A user whose sessions may write. */
    public UserConfig(
            String name,
            @Nullable Secret password,
            @Nullable Secret serverPassword,
            ShareConfig share,
            PoolOverrides pool,
            RouteConfig routing) {
        this(name, password, serverPassword, share, pool, routing, false);
    }

    /** A user whose sessions ask for nothing but what its databases say. */
    public UserConfig(
            String name,
            @Nullable Secret password,
            @Nullable Secret serverPassword,
            ShareConfig share,
            PoolOverrides pool) {
        this(name, password, serverPassword, share, pool, RouteConfig.NONE);
    }

    /** A user whose pools are as its databases say. */
    public UserConfig(String name, @Nullable Secret password, @Nullable Secret serverPassword) {
        this(name, password, serverPassword, ShareConfig.UNLIMITED, PoolOverrides.NONE);
    }
}

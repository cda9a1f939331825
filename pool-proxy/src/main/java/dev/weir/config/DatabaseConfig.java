package dev.weir.config;

import org.jspecify.annotations.Nullable;

/**
 * A database that clients may ask for, and where it lives.
 *
 * @param name as clients ask for it
 * @param host IP address or host name of PostgreSQL, or the folder of its Unix-domain socket
 * @param port 1 to 65535
 * @param dbname the name on the server; null for the client's
 * @param user the server user for every client; null for the client's own
 * @param password for {@code user}; null if the server asks for none, or {@code user} is null
 * @param authQuery where the passwords of its users are looked up
 * @param share what it may have over all its pools
 * @param tls how server connections to it are encrypted
 * @param pool how its pools behave
 * @param routing where its reads may go
 */
public record DatabaseConfig(
        String name,
        String host,
        int port,
        @Nullable String dbname,
        @Nullable String user,
        @Nullable Secret password,
        AuthQueryConfig authQuery,
        ShareConfig share,
        ServerTlsConfig tls,
        PoolConfig pool,
        RoutingConfig routing) {
    /** A database whose statements all go to one server. */
    public DatabaseConfig(
            String name,
            String host,
            int port,
            @Nullable String dbname,
            @Nullable String user,
            @Nullable Secret password,
            AuthQueryConfig authQuery,
            ShareConfig share,
            ServerTlsConfig tls,
            PoolConfig pool) {
        this(
                name,
                host,
                port,
                dbname,
                user,
                password,
                authQuery,
                share,
                tls,
                pool,
                RoutingConfig.NONE);
    }

    /** The same place under another name: what {@code "*"} becomes for a client. */
    public DatabaseConfig named(String other) {
        return new DatabaseConfig(
                other, host, port, dbname, user, password, authQuery, share, tls, pool, routing);
    }

    /** Whether it has, or may have, replicas that answer its reads. */
    public boolean routed() {
        return routing.any();
    }

    /** Whether {@code host} is the folder of a Unix-domain socket. */
    public boolean isLocal() {
        return host.startsWith("/");
    }

    /** The name of the database on the server. */
    public String serverDatabase() {
        return dbname == null ? name : dbname;
    }
}

package dev.weir.pool;

/**
 * Clients that may share server connections: those of one user on one database.
 *
 * @param database as clients ask for it
 * @param user the client's user
 */
public record PoolKey(String database, String user) {
    @Override
    public String toString() {
        return "database \"" + database + "\", user \"" + user + "\"";
    }
}

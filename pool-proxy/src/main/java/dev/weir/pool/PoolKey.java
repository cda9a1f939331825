package dev.weir.pool;

import org.jspecify.annotations.Nullable;

/**
 * Clients that may share server connections: those of one user on one database, at one place.
 *
 * @param database as clients ask for it
 * @param user the client's user
 * @param place which of the database's replicas, as an address; empty for its primary
 */
public record PoolKey(String database, String user, String place) {
    /** The pool on the primary. */
    public PoolKey(String database, String user) {
        this(database, user, "");
    }

    // Perf: written out, since those that a record is given are put together at their first use,
    // which would be in the midst of the first login after the start and take 25 ms.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PoolKey that
                && user.equals(that.user)
                && database.equals(that.database)
                && place.equals(that.place);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * database.hashCode() + user.hashCode()) + place.hashCode();
    }

    @Override
    public String toString() {
        return "database \""
                + database
                + "\", user \""
                + user
                + (place.isEmpty() ? "\"" : "\", replica " + place);
    }
}

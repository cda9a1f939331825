package dev.weir.session.limit;

import dev.weir.config.DatabaseConfig;
import dev.weir.config.ShareConfig;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Counts the clients of each database and of each user that is limited, and nobody else. Any thread
 * may use it. It holds a number for each name that somebody is logged in with.
 */
public final class ClientCounts {
    /** Gives a place free; to be called once. */
    public interface Admission {
        void leave();
    }

    private static final Admission UNCOUNTED = () -> {};

    private final ConcurrentMap<String, Integer> databases = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Integer> users = new ConcurrentHashMap<>();

    /**
     * Counts a client that has proved who it is.
     *
     * @throws ProtocolException if there are too many already
     */
    public Admission admit(DatabaseConfig database, String user, ShareConfig userShare)
            throws ProtocolException {
        int ofDatabase = database.share().maxClients();
        int ofUser = userShare.maxClients();
        if (ofDatabase == 0 && ofUser == 0) {
            return UNCOUNTED;
        }
        String name = database.name();
        if (ofDatabase > 0 && !take(databases, name, ofDatabase)) {
            throw new ProtocolException(
                    SqlState.TOO_MANY_CONNECTIONS,
                    "too many clients of database \"%s\" already: max-db-client-connections is %d"
                            .formatted(name, ofDatabase));
        }
        if (ofUser > 0 && !take(users, user, ofUser)) {
            if (ofDatabase > 0) {
                give(databases, name);
            }
            throw new ProtocolException(
                    SqlState.TOO_MANY_CONNECTIONS,
                    "too many clients of user \"%s\" already: max-user-client-connections is %d"
                            .formatted(user, ofUser));
        }
        return () -> {
            if (ofDatabase > 0) {
                give(databases, name);
            }
            if (ofUser > 0) {
                give(users, user);
            }
        };
    }

    private static boolean take(ConcurrentMap<String, Integer> counts, String name, int max) {
        Integer[] before = new Integer[1];
        counts.compute(
                name,
                (_, count) -> {
                    before[0] = count;
                    return count == null ? Integer.valueOf(1) : Math.min(count + 1, max);
                });
        return before[0] == null || before[0] < max;
    }

    private static void give(ConcurrentMap<String, Integer> counts, String name) {
        counts.computeIfPresent(name, (_, count) -> count == 1 ? null : count - 1);
    }
}

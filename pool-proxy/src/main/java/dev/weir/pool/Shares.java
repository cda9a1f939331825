package dev.weir.pool;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Which limits each pool shares with others. Any thread may use it. It has a share for each limited
 * database and user that has a pool, and pools are as many.
 */
public final class Shares {
    private final @Nullable Share all;
    private final ConcurrentMap<String, Share> databases = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Share> users = new ConcurrentHashMap<>();

    /**
     * Nothing is taken yet.
     *
     * @param max server connections of all pools, 0 without limit
     */
    public Shares(int max) {
        all = max == 0 ? null : new Share(max);
    }

    /**
     * The shares of one pool.
     *
     * @param ofDatabase server connections of its database, 0 without limit
     * @param ofUser server connections of its user, 0 without limit
     */
    public Portion of(PoolKey key, int ofDatabase, int ofUser) {
        List<Share> shares = new ArrayList<>();
        if (all != null) {
            shares.add(all);
        }
        if (ofDatabase > 0) {
            shares.add(databases.computeIfAbsent(key.database(), _ -> new Share(ofDatabase)));
        }
        if (ofUser > 0) {
            shares.add(users.computeIfAbsent(key.user(), _ -> new Share(ofUser)));
        }
        return new Portion(shares);
    }

    /** What one pool may take of all that it shares. Any thread may use it. */
    public static final class Portion {
        private final List<Share> shares;

        private Portion(List<Share> shares) {
            this.shares = List.copyOf(shares);
        }

        void join(Pool pool) {
            shares.forEach(share -> share.join(pool));
        }

        void leave(Pool pool) {
            shares.forEach(share -> share.leave(pool));
        }

        /**
         * Takes a place for one server connection.
         *
         * @return null if there was one, else the share that is used up
         */
        @Nullable Share take() {
            for (int i = 0; i < shares.size(); i++) {
                if (!shares.get(i).take()) {
                    shares.subList(0, i).forEach(Share::untake);
                    return shares.get(i);
                }
            }
            return null;
        }

        /**
         * A server connection has gone.
         *
         * @return whether a pool has waited for its place, and has been told
         */
        boolean give() {
            boolean told = false;
            for (Share share : shares) {
                told |= share.give();
            }
            return told;
        }
    }
}

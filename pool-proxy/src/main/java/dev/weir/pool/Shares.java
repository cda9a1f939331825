package dev.weir.pool;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.ToIntFunction;

/**
 * Which limits each pool shares with others. Any thread may use it. It has a share for each
 * database and user that has a pool, whether limited or not: that may change while the pool is
 * there.
 */
public final class Shares {
    private final Share all;
    private final ConcurrentMap<String, Share> databases = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Share> users = new ConcurrentHashMap<>();

    /**
     * Nothing is taken yet.
     *
     * @param max server connections of all pools, 0 without limit
     */
    public Shares(int max) {
        all = new Share(max);
    }

    /**
     * The shares of one pool.
     *
     * @param ofDatabase server connections of its database, 0 without limit
     * @param ofUser server connections of its user, 0 without limit
     */
    public Portion of(PoolKey key, int ofDatabase, int ofUser) {
        return new Portion(
                List.of(
                        all,
                        databases.computeIfAbsent(key.database(), _ -> new Share(ofDatabase)),
                        users.computeIfAbsent(key.user(), _ -> new Share(ofUser))));
    }

    /**
     * Takes other limits over, for pools that are there as well.
     *
     * @param max as of the constructor
     * @param ofDatabase as of {@link #of}, by the database's name
     * @param ofUser as of {@link #of}, by the user's name
     */
    public void reload(int max, ToIntFunction<String> ofDatabase, ToIntFunction<String> ofUser) {
        all.limit(max);
        databases.forEach((name, share) -> share.limit(ofDatabase.applyAsInt(name)));
        users.forEach((name, share) -> share.limit(ofUser.applyAsInt(name)));
    }

    /** What one pool may take of all that it shares. Any thread may use it. */
    public static final class Portion {
        private final List<Share> shares;

        private Portion(List<Share> shares) {
            this.shares = List.copyOf(shares);
        }

        void join(Sharer pool) {
            shares.forEach(share -> share.join(pool));
        }

        void leave(Sharer pool) {
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

package dev.weir.pool;

import dev.weir.net.EventLoops;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * All pools of one Weir process, the clock that they live by, and what operators have ordered for
 * them, which also counts for pools that come later. Any thread may use it.
 */
public final class Pools implements AutoCloseable {
    private static final long TICK_MILLIS = 100;
    private static final int TICKS_PER_RETIREMENT = 10;

    private final ConcurrentMap<PoolKey, Pool> pools = new ConcurrentHashMap<>();
    private final ScheduledFuture<?> ticker;
    private int ticks;

    /** What holds for all databases; written under the lock of this object, read by all. */
    private volatile Hold everywhere = Hold.NONE;

    private final EventLoops loops;

    /** Databases that are paused by name. */
    private final Set<String> paused = ConcurrentHashMap.newKeySet();

    /** Databases whose primary is being replaced: nothing begins there. */
    private final Set<String> switching = ConcurrentHashMap.newKeySet();

    /** Databases that take no new clients. */
    private final Set<String> disabled = ConcurrentHashMap.newKeySet();

    /** No pools yet; their upkeep runs on the first of {@code loops}. */
    public Pools(EventLoops loops) {
        this.loops = loops;
        ticker =
                loops.all()
                        .getFirst()
                        .scheduleAtFixedRate(
                                this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The pool of {@code key}, made by {@code maker} if this is the first to ask. */
    public Pool get(PoolKey key, Function<PoolKey, Pool> maker) {
        Pool pool = pools.get(key);
        if (pool == null) {
            pool = pools.computeIfAbsent(key, maker);
            // After it can be found, so that an order given meanwhile reaches it either way.
            holdAsOrdered(pool);
        }
        return pool;
    }

    public Collection<Pool> all() {
        return pools.values();
    }

    // ---- orders ----

    /** What holds for all databases. */
    public Hold everywhere() {
        return everywhere;
    }

    /** Whether a database is paused by its name. */
    public boolean paused(String database) {
        return paused.contains(database);
    }

    /** The databases that are paused by name. */
    public Set<String> pausedDatabases() {
        return Set.copyOf(paused);
    }

    /**
     * Orders something for all databases. {@link Hold#NONE} does not end what was ordered for one
     * of them by name; nothing leads out of {@link Hold#CLOSED}.
     */
    public synchronized void hold(Hold wanted) {
        if (everywhere != Hold.CLOSED) {
            everywhere = wanted;
            pools.values().forEach(this::holdAsOrdered);
        }
    }

    /** Pauses a database, whether it has pools yet or not. */
    public void pause(String database) {
        paused.add(database);
        each(database, this::holdAsOrdered);
    }

    /**
     * Goes on with a database.
     *
     * @return false if it was not paused by name
     */
    public boolean resume(String database) {
        boolean was = paused.remove(database);
        each(database, this::holdAsOrdered);
        return was;
    }

    private void holdAsOrdered(Pool pool) {
        Hold all = everywhere;
        String database = pool.key().database();
        boolean held =
                paused.contains(database)
                        || (pool.key().place().isEmpty() && switching.contains(database));
        pool.hold(all != Hold.CLOSED && held ? Hold.PAUSED : all);
    }

    /**
     * Lets nothing begin on the primary of a database while it is being replaced, or does again.
     */
    public void switching(String database, boolean now) {
        if (now) {
            switching.add(database);
        } else {
            switching.remove(database);
        }
        each(database, this::holdAsOrdered);
    }

    /** Whether new clients of a database are turned away. */
    public boolean disabled(String database) {
        return disabled.contains(database);
    }

    /** Turns new clients of a database away, or no longer. */
    public void disable(String database, boolean wanted) {
        if (wanted) {
            disabled.add(database);
        } else {
            disabled.remove(database);
        }
    }

    /** Replaces the server connections of these pools, each when nobody uses it. */
    public void reconnect(Predicate<PoolKey> which) {
        each(which, Pool::reconnect);
    }

    /**
     * Returns once what has been ordered so far counts on all loops: a server connection that was
     * idle and is to be replaced is lent no more. For any thread but a loop.
     */
    public void settle() {
        loops.settle();
    }

    /** Closes the server connections of these pools, whatever they are doing. */
    public void cutOff(Predicate<PoolKey> which) {
        each(which, Pool::cutOff);
    }

    /** Takes a pool out for good: who waits is refused, and who comes back too. */
    public void withdraw(Pool pool) {
        if (pools.remove(pool.key(), pool)) {
            pool.withdraw();
        }
    }

    private void each(String database, Consumer<Pool> order) {
        each(key -> key.database().equals(database), order);
    }

    private void each(Predicate<PoolKey> which, Consumer<Pool> order) {
        pools.values().stream().filter(pool -> which.test(pool.key())).forEach(order);
    }

    // ---- upkeep ----

    private void tick() {
        long now = System.nanoTime();
        boolean retire = ++ticks % TICKS_PER_RETIREMENT == 0;
        for (Pool pool : pools.values()) {
            pool.tick(now);
            if (retire) {
                pool.retire(now);
            }
        }
    }

    /** Lends nothing any more, for good: who waits is refused, and what comes back is closed. */
    public void drain() {
        hold(Hold.CLOSED);
        pools.values().forEach(Pool::close);
    }

    @Override
    public void close() {
        ticker.cancel(false);
        drain();
    }
}

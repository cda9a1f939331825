package dev.weir.pool;

import dev.weir.net.EventLoops;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** All pools of one Weir process, and the clock that they live by. Any thread may use it. */
public final class Pools implements AutoCloseable {
    private static final long TICK_MILLIS = 100;
    private static final int TICKS_PER_RETIREMENT = 10;

    private final ConcurrentMap<PoolKey, Pool> pools = new ConcurrentHashMap<>();
    private final ScheduledFuture<?> ticker;
    private int ticks;

    /** No pools yet; their upkeep runs on the first of {@code loops}. */
    public Pools(EventLoops loops) {
        ticker =
                loops.all()
                        .getFirst()
                        .scheduleAtFixedRate(
                                this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The pool of {@code key}, made by {@code maker} if this is the first to ask. */
    public Pool get(PoolKey key, Function<PoolKey, Pool> maker) {
        Pool pool = pools.get(key);
        return pool != null ? pool : pools.computeIfAbsent(key, maker);
    }

    public Collection<Pool> all() {
        return pools.values();
    }

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

    @Override
    public void close() {
        ticker.cancel(false);
        pools.values().forEach(Pool::close);
    }
}

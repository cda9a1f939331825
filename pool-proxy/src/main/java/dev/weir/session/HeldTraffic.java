package dev.weir.session;

import dev.weir.failover.Traffic;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;

import java.util.Set;

/**
 * What clients do on the primary of some databases, held for a switchover. Any thread may use it.
 */
record HeldTraffic(Pools pools, Set<String> databases) implements Traffic {
    @Override
    public void hold() {
        databases.forEach(database -> pools.switching(database, true));
    }

    @Override
    public int running() {
        return pools.all().stream()
                .filter(it -> isTheirs(it.key()))
                .mapToInt(pool -> pool.status().size())
                .sum();
    }

    @Override
    public void cutOff() {
        pools.cutOff(this::isTheirs);
    }

    @Override
    public void release() {
        databases.forEach(database -> pools.switching(database, false));
    }

    private boolean isTheirs(PoolKey key) {
        return key.place().isEmpty() && databases.contains(key.database());
    }
}

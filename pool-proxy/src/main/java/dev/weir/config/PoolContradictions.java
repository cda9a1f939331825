package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Finds keys about pools that are right alone and wrong together. */
final class PoolContradictions {
    private final Section top;
    private final Collection<Section> databases;
    private final Problems problems;

    PoolContradictions(Section top, Collection<Section> databases, Problems problems) {
        this.top = top;
        this.databases = databases;
        this.problems = problems;
    }

    /** What stands in one place must fit together; what it inherits is told where that stands. */
    void settings(Section section) {
        boolean sound = PoolKeys.POOL.keys().stream().allMatch(section::isSound);
        boolean says = section == top || PoolKeys.POOL.keys().stream().anyMatch(section::has);
        if (sound && says) {
            Fault fault = fault(Records.pool(section));
            boolean inherited = fault != null && section != top && !fault.touches(section);
            if (fault != null && !inherited) {
                problems.add(fault.line(section), fault.message);
            }
        }
    }

    /** A user's pool settings must fit to each database, and to the top level. */
    void overrides(Section user) {
        PoolOverrides overrides = user.poolOverrides();
        if (overrides.isEmpty()) {
            return;
        }
        for (Section base : databases.isEmpty() ? List.of(top) : databases) {
            boolean sound =
                    PoolKeys.POOL.keys().stream()
                            .allMatch(key -> base.isSound(key) && user.isSound(key));
            if (sound && fault(Records.pool(base)) == null) {
                Fault fault = fault(overrides.applyTo(Records.pool(base)));
                if (fault != null) {
                    problems.add(fault.line(user), fault.message);
                    return;
                }
            }
        }
    }

    /** Two keys that do not go together; the first is the more likely mistake. */
    private record Fault(Key<?, ?> first, Key<?, ?> second, String message) {
        boolean touches(Section section) {
            return section.has(first) || section.has(second);
        }

        int line(Section section) {
            return section.line(section.has(first) ? first : second);
        }
    }

    private static @Nullable Fault fault(PoolConfig pool) {
        if (pool.minPoolSize() > pool.defaultPoolSize()) {
            return new Fault(
                    PoolKeys.MIN_POOL_SIZE,
                    PoolKeys.DEFAULT_POOL_SIZE,
                    "`min-pool-size` (%d) is greater than `default-pool-size` (%d); expected at most that"
                            .formatted(pool.minPoolSize(), pool.defaultPoolSize()));
        }
        if (pool.reservePoolSize() > 0
                && !pool.queryWaitTimeout().isZero()
                && pool.reservePoolTimeout().compareTo(pool.queryWaitTimeout()) >= 0) {
            return new Fault(
                    PoolKeys.RESERVE_POOL_TIMEOUT,
                    PoolKeys.QUERY_WAIT_TIMEOUT,
                    "`reserve-pool-timeout` (%s) is not shorter than `query-wait-timeout` (%s), so that the reserve would never be used; expected less"
                            .formatted(
                                    written(
                                            PoolKeys.RESERVE_POOL_TIMEOUT,
                                            pool.reservePoolTimeout()),
                                    written(PoolKeys.QUERY_WAIT_TIMEOUT, pool.queryWaitTimeout())));
        }
        return null;
    }

    private static String written(Key<?, Duration> key, Duration value) {
        return key.type().format(value);
    }
}

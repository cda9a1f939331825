package dev.weir.admin;

import dev.weir.pool.Pool;
import dev.weir.pool.Pools;
import dev.weir.telemetry.Count;
import dev.weir.telemetry.PoolCounters;
import dev.weir.telemetry.Timing;

import io.netty.channel.EventLoop;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The numbers of each database: totals since the start, and those of the last stats-period, from
 * which averages come. Any thread may ask; the snapshots are taken on one event loop.
 */
final class DatabaseStats {
    private static final long TICK_MILLIS = 250;

    /** PgBouncer's numbers of one database, in its order. Times are in microseconds. */
    record Totals(
            long assignments,
            long transactions,
            long queries,
            long received,
            long sent,
            long transactionTime,
            long queryTime,
            long waitTime,
            long clientParses,
            long serverParses,
            long binds) {
        static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

        static Totals of(PoolCounters counters) {
            return new Totals(
                    counters.get(Count.ASSIGNMENTS),
                    counters.get(Count.TRANSACTIONS),
                    counters.get(Count.QUERIES),
                    counters.get(Count.RECEIVED),
                    counters.get(Count.SENT),
                    micros(counters, Timing.TRANSACTION),
                    micros(counters, Timing.QUERY),
                    micros(counters, Timing.WAIT),
                    counters.get(Count.CLIENT_PARSES),
                    counters.get(Count.SERVER_PARSES),
                    counters.get(Count.BINDS));
        }

        private static long micros(PoolCounters counters, Timing what) {
            return TimeUnit.NANOSECONDS.toMicros(counters.sumNanos(what));
        }

        private Totals combine(Totals other, long sign) {
            return new Totals(
                    assignments + sign * other.assignments,
                    transactions + sign * other.transactions,
                    queries + sign * other.queries,
                    received + sign * other.received,
                    sent + sign * other.sent,
                    transactionTime + sign * other.transactionTime,
                    queryTime + sign * other.queryTime,
                    waitTime + sign * other.waitTime,
                    clientParses + sign * other.clientParses,
                    serverParses + sign * other.serverParses,
                    binds + sign * other.binds);
        }

        Totals plus(Totals other) {
            return combine(other, 1);
        }

        /** Per second, and times per thing, as PgBouncer has it. */
        Totals averageSince(Totals before, long nanos) {
            Totals gain = combine(before, -1);
            double seconds = Math.max(1, nanos) / 1e9;
            return new Totals(
                    (long) (gain.assignments / seconds),
                    (long) (gain.transactions / seconds),
                    (long) (gain.queries / seconds),
                    (long) (gain.received / seconds),
                    (long) (gain.sent / seconds),
                    gain.transactionTime / Math.max(1, gain.transactions),
                    gain.queryTime / Math.max(1, gain.queries),
                    (long) (gain.waitTime / seconds),
                    (long) (gain.clientParses / seconds),
                    (long) (gain.serverParses / seconds),
                    (long) (gain.binds / seconds));
        }
    }

    private record Snapshot(long nanos, Map<String, Totals> totals) {}

    /** The ends of the last whole period; at first both are the start. */
    private record Period(Snapshot from, Snapshot to) {}

    private final Pools pools;
    private final Supplier<Duration> length;

    /** Written on one loop; read by all. */
    private volatile Period last;

    /**
     * Begins to take snapshots.
     *
     * @param loop on which; its end ends them
     * @param length of a period, asked for each time
     */
    DatabaseStats(Pools pools, EventLoop loop, Supplier<Duration> length) {
        this.pools = pools;
        this.length = length;
        Snapshot start = new Snapshot(System.nanoTime(), Map.of());
        this.last = new Period(start, start);
        loop.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        Snapshot before = last.to();
        long now = System.nanoTime();
        if (now - before.nanos() >= length.get().toNanos()) {
            last = new Period(before, new Snapshot(now, totals()));
        }
    }

    /** Since the start, by database. */
    Map<String, Totals> totals() {
        Map<String, Totals> totals = new TreeMap<>();
        for (Pool pool : pools.all()) {
            totals.merge(pool.key().database(), Totals.of(pool.counters()), Totals::plus);
        }
        return totals;
    }

    /** In the last whole period, by database; in the time since the start before there is one. */
    Map<String, Totals> averages() {
        Period period = last;
        boolean whole = period.to().nanos() != period.from().nanos();
        Snapshot to = whole ? period.to() : new Snapshot(System.nanoTime(), totals());
        long nanos = to.nanos() - period.from().nanos();
        Map<String, Totals> averages = new TreeMap<>();
        to.totals()
                .forEach((database, totals) ->
                        averages.put(
                                database,
                                totals.averageSince(
                                        period.from().totals().getOrDefault(database, Totals.NONE),
                                        nanos)));
        return averages;
    }
}

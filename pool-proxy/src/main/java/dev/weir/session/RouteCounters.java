package dev.weir.session;

import dev.weir.classify.Reason;
import dev.weir.router.Stay;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of the statements of one database that has replicas. Any thread may use it. */
public final class RouteCounters {
    private final LongAdder onPrimary = new LongAdder();
    private final LongAdder onReplicas = new LongAdder();
    private final LongAdder waits = new LongAdder();
    private final LongAdder[] reasons = adders(Reason.values().length);
    private final LongAdder[] stays = adders(Stay.values().length);

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        for (int i = 0; i < count; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    void read(boolean onReplica) {
        (onReplica ? onReplicas : onPrimary).increment();
    }

    void waited() {
        waits.increment();
    }

    void stayed(Reason reason) {
        reasons[reason.ordinal()].increment();
    }

    void stayed(Stay stay) {
        stays[stay.ordinal()].increment();
    }

    /** Transactions that the primary has answered. */
    public long onPrimary() {
        return onPrimary.sum();
    }

    /** Those that replicas have answered. */
    public long onReplicas() {
        return onReplicas.sum();
    }

    /** Reads that have waited for a replica. */
    public long waits() {
        return waits.sum();
    }

    /** How often what kept statements on the primary, by its name in small letters. */
    public Map<String, Long> stayed() {
        Map<String, Long> all = new TreeMap<>();
        for (Reason reason : Reason.values()) {
            put(all, reason.name(), reasons[reason.ordinal()].sum());
        }
        for (Stay stay : Stay.values()) {
            put(all, stay.name(), stays[stay.ordinal()].sum());
        }
        return all;
    }

    private static void put(Map<String, Long> all, String name, long count) {
        if (count > 0) {
            all.put(name.toLowerCase(Locale.ROOT), count);
        }
    }
}

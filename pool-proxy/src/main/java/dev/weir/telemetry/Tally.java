package dev.weir.telemetry;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what is rare by name. A bounded number of names is kept, whoever invents them; the rest is
 * counted together. Any thread may use it.
 */
public final class Tally {
    /** Under which all names beyond the bound are counted. */
    public static final String OTHER = "other";

    private final int most;
    private final ConcurrentMap<String, LongAdder> counts = new ConcurrentHashMap<>();
    private final LongAdder others = new LongAdder();

    /**
     * Nothing has been counted.
     *
     * @param most names that are kept
     */
    public Tally(int most) {
        this.most = most;
    }

    /** One more of that name. */
    public void add(String name) {
        LongAdder known = counts.get(name);
        if (known == null) {
            // A few more than the bound may get in at once, from as many threads.
            known =
                    counts.size() < most
                            ? counts.computeIfAbsent(name, _ -> new LongAdder())
                            : others;
        }
        known.increment();
    }

    /** By name, sorted. */
    public Map<String, Long> values() {
        Map<String, Long> values = new TreeMap<>();
        counts.forEach((name, count) -> values.put(name, count.sum()));
        long rest = others.sum();
        if (rest > 0) {
            values.merge(OTHER, rest, Long::sum);
        }
        return values;
    }

    /** All names together. */
    public long total() {
        return values().values().stream().mapToLong(Long::longValue).sum();
    }
}

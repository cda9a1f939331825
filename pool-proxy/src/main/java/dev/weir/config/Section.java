package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The keys of one place in the file: the top level, a database, or a user. */
final class Section implements Values {
    private record Entry(Object value, int line) {}

    private final @Nullable Section parent;
    private final int line;
    private final Map<Key<?, ?>, Entry> entries = new LinkedHashMap<>();
    private final Set<Key<?, ?>> unsound = new HashSet<>();

    /**
     * A place without keys.
     *
     * @param parent from which values are inherited
     * @param line where it begins
     */
    Section(@Nullable Section parent, int line) {
        this.parent = parent;
        this.line = line;
    }

    <T> void put(Key<?, T> key, T value, int at) {
        entries.put(key, new Entry(value, at));
    }

    /** Puts what the value means in place of it. */
    void replace(Key<?, ?> key, Object meant) {
        entries.computeIfPresent(key, (_, entry) -> new Entry(meant, entry.line));
    }

    /** The key stands here with a value that cannot be used. */
    void putUnsound(Key<?, ?> key) {
        unsound.add(key);
    }

    /** Whether the file names the key in this place, with a value that can be used. */
    boolean has(Key<?, ?> key) {
        return entries.containsKey(key);
    }

    /** Whether the file names the key in this place. */
    boolean names(Key<?, ?> key) {
        return has(key) || unsound.contains(key);
    }

    /** Whether nothing about this key, as it counts here, has been complained about. */
    boolean isSound(Key<?, ?> key) {
        return !unsound.contains(key) && (has(key) || parent == null || parent.isSound(key));
    }

    /** The value in this place alone, without defaults; null if there is none. */
    <T> @Nullable T find(Key<?, T> key) {
        Entry entry = entries.get(key);
        return entry == null ? null : key.cast(entry.value);
    }

    /** The value that counts; null if it stands neither here nor where this place inherits from. */
    <T> @Nullable T inherited(Key<?, T> key) {
        T own = find(key);
        return own != null || parent == null ? own : parent.inherited(key);
    }

    @Override
    public <T> T get(Key<?, T> key) {
        T own = find(key);
        if (own != null) {
            return own;
        }
        if (parent != null) {
            return parent.get(key);
        }
        T preset = key.preset();
        if (preset == null) {
            throw new IllegalArgumentException(key + " has no default");
        }
        return preset;
    }

    /** Where the key stands; the beginning of the place if it does not. */
    int line(Key<?, ?> key) {
        Entry entry = entries.get(key);
        return entry == null ? line : entry.line;
    }

    int line() {
        return line;
    }

    /** What this place says about pools, for a place that inherits from elsewhere. */
    PoolOverrides poolOverrides() {
        Map<Key<PoolConfig, ?>, Object> own = new LinkedHashMap<>();
        for (Key<PoolConfig, ?> key : PoolKeys.POOL.keys()) {
            Entry entry = entries.get(key);
            if (entry != null) {
                own.put(key, entry.value);
            }
        }
        return own.isEmpty() ? PoolOverrides.NONE : new PoolOverrides(own);
    }
}

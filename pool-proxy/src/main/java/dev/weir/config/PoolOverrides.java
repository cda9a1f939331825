package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Pool settings of a user that differ from those of the database it asks for. Immutable. */
public final class PoolOverrides {
    /** Nothing differs. */
    public static final PoolOverrides NONE = new PoolOverrides(Map.of());

    private final Map<Key<PoolConfig, ?>, Object> own;

    PoolOverrides(Map<Key<PoolConfig, ?>, Object> own) {
        this.own = Map.copyOf(own);
    }

    boolean isEmpty() {
        return own.isEmpty();
    }

    /** {@code base} with what differs. */
    public PoolConfig applyTo(PoolConfig base) {
        return own.isEmpty() ? base : Records.pool(new Overlay(base));
    }

    /** What differs, as lines of the file, in the order of the table. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Key<PoolConfig, ?> key : PoolKeys.POOL.keys()) {
            Object value = own.get(key);
            if (value != null) {
                lines.add(ConfigText.line(key, key.text(value)));
            }
        }
        return lines;
    }

    private final class Overlay implements Values {
        private final PoolConfig base;

        Overlay(PoolConfig base) {
            this.base = base;
        }

        @Override
        @SuppressWarnings("unchecked") // only pool keys are asked for, and all of them have readers
        public <T> T get(Key<?, T> key) {
            Object value = own.get(key);
            if (value != null) {
                return key.cast(value);
            }
            Function<PoolConfig, T> reader = (Function<PoolConfig, T>) key.reader();
            if (reader == null) {
                throw new IllegalArgumentException(key + " is no pool key");
            }
            return reader.apply(base);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PoolOverrides that && own.equals(that.own);
    }

    @Override
    public int hashCode() {
        return own.hashCode();
    }

    @Override
    public String toString() {
        return own.toString();
    }
}

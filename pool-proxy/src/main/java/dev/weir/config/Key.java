package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.util.function.Function;

/**
 * A key of the configuration file: everything that is said of it anywhere.
 *
 * @param name kebab-case; PgBouncer's name in that form where it has the setting
 * @param type how values are written, and which are allowed
 * @param preset the value of a file that does not name the key; null if there is then none
 * @param change what it takes to change it
 * @param reader where the value stands in the program's configuration; null if it does not
 * @param meaning one or two sentences for operators
 * @param <O> the record that has the value
 * @param <T> the value
 */
record Key<O, T>(
        String name,
        ValueType<T> type,
        @Nullable T preset,
        Change change,
        @Nullable Function<O, @Nullable T> reader,
        String meaning) {
    /** What it takes to make a new value count. */
    enum Change {
        /** Can be applied to a running process. */
        RELOAD,
        RESTART
    }

    /** The value in the program's configuration, as text; null if there is none. */
    @Nullable String textIn(O owner) {
        T value = reader == null ? null : reader.apply(owner);
        return value == null ? null : type.format(value);
    }

    /** The default as text; null if there is none. */
    @Nullable String presetText() {
        return preset == null ? null : type.format(preset);
    }

    /** A value of this key as text. */
    String text(Object value) {
        return type.format(cast(value));
    }

    @SuppressWarnings("unchecked") // a key's entries are only made from what its type has parsed
    T cast(Object value) {
        return (T) value;
    }

    // A key is the one that the table has: comparing it part by part would mean nothing.

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}

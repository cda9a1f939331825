package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * Keys that belong together. Filled while the table is made, and never changed after.
 *
 * @param <O> the record that has their values
 */
final class Group<O> {
    private final String title;
    private final List<Key<O, ?>> keys = new ArrayList<>();

    /**
     * A group without keys.
     *
     * @param title the heading over its keys
     */
    Group(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** In the order in which they are written. */
    List<Key<O, ?>> keys() {
        return Collections.unmodifiableList(keys);
    }

    /** Adds a key that has a value even if the file does not name it. */
    <T> Key<O, T> key(
            String name,
            ValueType<T> type,
            String preset,
            Key.Change change,
            Function<O, @Nullable T> reader,
            String meaning) {
        try {
            return add(new Key<>(name, type, type.parse(preset), change, reader, meaning));
        } catch (BadValueException e) {
            throw new IllegalArgumentException(name + " has a default that is not allowed", e);
        }
    }

    /** Adds a key that has no value unless the file names it. */
    <T> Key<O, T> optional(
            String name,
            ValueType<T> type,
            Key.Change change,
            @Nullable Function<O, @Nullable T> reader,
            String meaning) {
        return add(new Key<>(name, type, null, change, reader, meaning));
    }

    private <T> Key<O, T> add(Key<O, T> key) {
        keys.add(key);
        return key;
    }
}

package dev.weir.admin;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One row of what the console shows.
 *
 * @param values as text, in the order of the columns; null for NULL
 */
record Row(List<@Nullable String> values) {
    /** A row of whatever has a text. */
    static Row of(@Nullable Object... values) {
        List<@Nullable String> texts = new ArrayList<>(values.length);
        for (Object value : values) {
            texts.add(value == null ? null : value.toString());
        }
        return new Row(Collections.unmodifiableList(texts));
    }
}

package dev.weir.admin;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a command has to say.
 *
 * @param rows null for a command that shows nothing
 * @param tag of the CommandComplete
 * @param notice more to read, for a person; null for nothing
 */
record Answer(@Nullable List<Row> rows, String tag, @Nullable String notice) {
    static Answer rows(List<Row> rows) {
        return new Answer(rows, "SHOW", null);
    }

    static Answer done(String tag) {
        return new Answer(null, tag, null);
    }

    static Answer done(String tag, String notice) {
        return new Answer(null, tag, notice.isEmpty() ? null : notice);
    }
}

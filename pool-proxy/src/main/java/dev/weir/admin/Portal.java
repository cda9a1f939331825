package dev.weir.admin;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A statement of the extended protocol that is ready to be executed, or has been in part. For the
 * session's loop only.
 */
final class Portal {
    private final List<ConsoleText.Word> statement;
    private final short[] formats;
    private @Nullable Answer answer;
    private int shown;

    /**
     * @param formats of the columns, as in Bind
     */
    Portal(List<ConsoleText.Word> statement, short[] formats) {
        this.statement = statement;
        this.formats = formats;
    }

    List<ConsoleText.Word> statement() {
        return statement;
    }

    short[] formats() {
        return formats;
    }

    /** What it had to say; null until it has been executed. */
    @Nullable Answer answer() {
        return answer;
    }

    void answered(Answer said) {
        answer = said;
    }

    /** The next rows, at most {@code most}; they count as shown. */
    List<Row> next(List<Row> rows, int most) {
        int end = most <= 0 ? rows.size() : Math.min(rows.size(), shown + most);
        List<Row> next = rows.subList(shown, end);
        shown = end;
        return next;
    }

    /** Whether rows have not been shown. */
    boolean hasMore(List<Row> rows) {
        return shown < rows.size();
    }
}

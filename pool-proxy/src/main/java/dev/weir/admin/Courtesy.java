package dev.weir.admin;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A command that drivers send as a matter of course, and that has no effect here.
 *
 * @param tag of the CommandComplete
 * @param notice for a person who wonders
 */
record Courtesy(String tag, @Nullable String notice) implements Command {
    /** The one of that name; null if there is none. */
    static @Nullable Courtesy of(String word) {
        return switch (word) {
            case "begin", "start" -> new Courtesy("BEGIN", null);
            case "commit", "end" -> new Courtesy("COMMIT", null);
            case "rollback", "abort" -> new Courtesy("ROLLBACK", null);
            case "discard" -> new Courtesy("DISCARD ALL", null);
            case "deallocate" -> new Courtesy("DEALLOCATE", null);
            case "reset" -> new Courtesy("RESET", null);
            default -> null;
        };
    }

    @Override
    public Access access() {
        return Access.LOOK;
    }

    @Override
    public Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned) {
        return new Answer(null, tag, notice);
    }
}

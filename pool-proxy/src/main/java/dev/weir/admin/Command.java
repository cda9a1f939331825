package dev.weir.admin;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.BooleanSupplier;

/** Something that can be typed at the console. May be called on any thread but a loop. */
interface Command {
    /** What a user has to be for it. */
    enum Access {
        /** One of admin-users or stats-users. */
        LOOK,
        /** One of admin-users. */
        ORDER
    }

    Access access();

    /** The columns that it shows; null if it shows none. */
    default @Nullable List<Column> columns() {
        return null;
    }

    /**
     * Carries it out; may take its time.
     *
     * @param arguments what follows the command's own words
     * @param abandoned whether nobody waits for the answer any more
     */
    Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned) throws ConsoleException;
}

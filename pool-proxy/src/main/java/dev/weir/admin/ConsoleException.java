package dev.weir.admin;

import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

/** A command of the console cannot be carried out; the client is told. */
final class ConsoleException extends Exception {
    private static final long serialVersionUID = 1L;

    private final SqlState state;
    private final @Nullable String hint;

    ConsoleException(SqlState state, String message) {
        this(state, message, null);
    }

    /**
     * @param message a sentence
     * @param hint what to do; null if that is plain
     */
    ConsoleException(SqlState state, String message, @Nullable String hint) {
        super(message, null, false, false);
        this.state = state;
        this.hint = hint;
    }

    /** The console is asked for something that only servers have. */
    static ConsoleException notHere(String what) {
        return new ConsoleException(
                SqlState.FEATURE_NOT_SUPPORTED,
                "the console of Weir has no " + what,
                Console.ADVICE);
    }

    SqlState state() {
        return state;
    }

    @Nullable String hint() {
        return hint;
    }

    String sentence() {
        return String.valueOf(getMessage());
    }
}

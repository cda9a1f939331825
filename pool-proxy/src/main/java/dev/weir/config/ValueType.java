package dev.weir.config;

/**
 * What the values of a key are like: how they are written, which are allowed.
 *
 * @param <T> what the program gets
 */
interface ValueType<T> {
    /**
     * Reads a value.
     *
     * @param text as in the file, variables replaced
     */
    T parse(String text) throws BadValueException;

    /** The text that {@link #parse} reads as {@code value}; a mask if it is secret. */
    String format(T value);

    /** Completes the sentence "expected …". */
    String expected();

    /** Whether a value may stand in messages. */
    default boolean isSecret() {
        return false;
    }
}

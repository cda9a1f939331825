package dev.weir.server;

import java.util.Arrays;

/**
 * What makes two Parse messages the same statement: all that follows the name, that is the text and
 * the parameter types. Immutable; may be shared by any number of sessions and server connections.
 */
public final class Statement {
    private final byte[] definition;
    private final int hash;
    private final int effects;

    /**
     * Makes a statement of the bytes that follow a Parse message's name.
     *
     * @param definition text with its terminator, count and types of parameters; not copied, must
     *     not change afterwards
     * @param effects what its execution may do to a session's state, in the words of whoever asks
     */
    public Statement(byte[] definition, int effects) {
        this.definition = definition;
        this.effects = effects;
        this.hash = Arrays.hashCode(definition);
    }

    /** The bytes behind the name; not to be changed. */
    public byte[] definition() {
        return definition;
    }

    public int effects() {
        return effects;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Statement statement
                        && hash == statement.hash
                        && Arrays.equals(definition, statement.definition));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}

package dev.weir.server;

import java.util.Arrays;

/**
 * What makes two Parse messages the same statement: all that follows the name, that is the text and
 * the parameter types. Immutable; may be shared by any number of sessions and server connections.
 */
public final class Statement {
    private final byte[] definition;
    private final int hash;

    /**
     * Makes a statement of the bytes that follow a Parse message's name.
     *
     * @param definition text with its terminator, count and types of parameters; not copied, must
     *     not change afterwards
     */
    public Statement(byte[] definition) {
        this.definition = definition;
        this.hash = Arrays.hashCode(definition);
    }

    /** The bytes behind the name; not to be changed. */
    public byte[] definition() {
        return definition;
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

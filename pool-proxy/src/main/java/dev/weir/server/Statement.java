package dev.weir.server;

import java.util.Arrays;

/**
 * A statement that can be prepared on any server connection: all that follows the name in a Parse
 * message, that is the text and the parameter types, and the settings that decide what the text
 * means. Immutable; may be shared by any number of sessions and server connections.
 *
 * <p>Its identity counts, not its content: once the plan of one is of no more use, another takes
 * its place for those who prepare the same text anew.
 */
public final class Statement {
    private final byte[] definition;
    private final SessionSettings settings;
    private final int contentHash;

    /**
     * Makes a statement of the bytes that follow a Parse message's name.
     *
     * @param definition text with its terminator, count and types of parameters; not copied, must
     *     not change afterwards
     * @param settings as {@link SessionSettings#forStatements} gives them
     */
    public Statement(byte[] definition, SessionSettings settings) {
        this.definition = definition;
        this.settings = settings;
        this.contentHash = 31 * Arrays.hashCode(definition) + settings.hashCode();
    }

    /** The bytes behind the name; not to be changed. */
    public byte[] definition() {
        return definition;
    }

    /** Whether both would be prepared by the same message, and mean the same. */
    public boolean sameAs(Statement other) {
        return contentHash == other.contentHash
                && Arrays.equals(definition, other.definition)
                && settings.equals(other.settings);
    }

    /** Equal for statements that are {@link #sameAs} each other. */
    public int contentHash() {
        return contentHash;
    }
}

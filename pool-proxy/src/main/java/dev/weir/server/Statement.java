package dev.weir.server;

import org.jspecify.annotations.Nullable;

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
    private final SessionState settings;
    private final int version;
    private final int effects;
    private final int contentHash;

    /** Made when it is first asked for; any loop may, and all make the same. */
    private volatile byte @Nullable [] text;

    /** Set by the loop that hears of the change, read by all; never unset. */
    private volatile boolean outdated;

    /**
     * Makes a statement of the bytes that follow a Parse message's name.
     *
     * @param definition text with its terminator, count and types of parameters; not copied, must
     *     not change afterwards
     * @param settings as {@link SessionState#meaning} gives them
     * @param version how many changes of tables had been seen when it was parsed: what was parsed
     *     before one may have another result than what is parsed behind it
     * @param effects what its execution may do to a session's state, in the words of whoever asks
     */
    public Statement(byte[] definition, SessionState settings, int version, int effects) {
        this.definition = definition;
        this.settings = settings;
        this.version = version;
        this.effects = effects;
        this.contentHash = 31 * (31 * Arrays.hashCode(definition) + settings.hashCode()) + version;
    }

    /** The bytes behind the name; not to be changed. */
    public byte[] definition() {
        return definition;
    }

    /** The text, without its terminator; not to be changed. */
    public byte[] text() {
        byte[] known = text;
        if (known == null) {
            int end = 0;
            while (end < definition.length && definition[end] != 0) {
                end++;
            }
            known = Arrays.copyOf(definition, end);
            text = known;
        }
        return known;
    }

    public int effects() {
        return effects;
    }

    /** Whether a server has said that the result is no longer what it was. */
    public boolean outdated() {
        return outdated;
    }

    /** Makes it {@link #outdated} for good. */
    public void outdate() {
        outdated = true;
    }

    /** Whether both would be prepared by the same message, and mean the same. */
    public boolean sameAs(Statement other) {
        return contentHash == other.contentHash
                && version == other.version
                && Arrays.equals(definition, other.definition)
                && settings.equals(other.settings);
    }

    /** Equal for statements that are {@link #sameAs} each other. */
    public int contentHash() {
        return contentHash;
    }
}

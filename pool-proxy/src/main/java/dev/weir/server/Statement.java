package dev.weir.server;

import java.util.Arrays;

/**
 * What makes two Parse messages the same statement: all that follows the name, that is the text and
 * the parameter types, and the settings under which the text is read. May be shared by any number
 * of sessions and server connections.
 *
 * <p>Once a table has changed, the same Parse may mean another result, and PostgreSQL refuses to
 * execute what was prepared before, for a client may have the old result in mind. So statements
 * parsed before and after are not the same: they differ in {@code version}.
 */
public final class Statement {
    private final byte[] definition;
    private final SessionState settings;
    private final int version;
    private final int hash;
    private final int effects;

    /** Set by the loop that hears of the change, read by all; never unset. */
    private volatile boolean outdated;

    /**
     * Makes a statement of the bytes that follow a Parse message's name.
     *
     * @param definition text with its terminator, count and types of parameters; not copied, must
     *     not change afterwards
     * @param settings what may change the meaning of the text: search_path decides which table a
     *     name is, TimeZone which moment a literal is, client_encoding what the bytes say
     * @param version how many changes of tables had been seen when it was parsed
     * @param effects what its execution may do to a session's state, in the words of whoever asks
     */
    public Statement(byte[] definition, SessionState settings, int version, int effects) {
        this.definition = definition;
        this.settings = settings;
        this.version = version;
        this.effects = effects;
        this.hash = 31 * (31 * Arrays.hashCode(definition) + settings.hashCode()) + version;
    }

    /** The bytes behind the name; not to be changed. */
    public byte[] definition() {
        return definition;
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

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Statement statement
                        && hash == statement.hash
                        && version == statement.version
                        && Arrays.equals(definition, statement.definition)
                        && settings.equals(statement.settings));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}

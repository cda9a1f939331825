package dev.weir.server;

import org.jspecify.annotations.Nullable;

/**
 * One Parse of the unnamed statement. Its identity says whose it is: the unnamed statement of a
 * server connection belongs to whoever parsed last, which need not be the client that binds next.
 */
public final class UnnamedStatement {
    /** No unnamed statement at all. */
    public static final UnnamedStatement ABSENT = new UnnamedStatement(null, 0, null);

    private final byte @Nullable [] definition;
    private final int effects;
    private final byte @Nullable [] deallocates;

    /**
     * An unnamed statement.
     *
     * @param definition the bytes behind the Parse message's name; null if they were too many to
     *     keep
     * @param effects see {@link Statement#effects}
     * @param deallocates the client's name of the statement that it stands for the DEALLOCATE of;
     *     null if it is the client's own
     */
    public UnnamedStatement(
            byte @Nullable [] definition, int effects, byte @Nullable [] deallocates) {
        this.definition = definition;
        this.effects = effects;
        this.deallocates = deallocates;
    }

    public int effects() {
        return effects;
    }

    /** Null if it deallocates nothing that Weir knows. */
    public byte @Nullable [] deallocates() {
        return deallocates;
    }

    /** What a replay sends; null if it cannot be replayed. */
    public byte @Nullable [] definition() {
        return definition;
    }
}

package dev.weir.server;

import dev.weir.wire.SqlState;

/**
 * A server connection could not be opened, or was not to be had; says how the pool and the client
 * are to react.
 */
public final class ServerUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final String AUTHORIZATION_CLASS = "28";

    /** What the pool makes of it. */
    public enum Kind {
        /** Nobody answers, or not in time: whoever waits is told at once. */
        UNREACHABLE,
        /** PostgreSQL answers and refuses this user or database: whoever waits is told at once. */
        REFUSED,
        /** This process may not open another socket, which says nothing of PostgreSQL. */
        NO_DESCRIPTOR,
        /** PostgreSQL has no slot free: worth waiting for. */
        FULL,
        /** The wait took longer than query-wait-timeout. */
        WAITED_TOO_LONG,
        /** Weir is closing. */
        CLOSING
    }

    private final Kind kind;
    private final String sqlState;

    /**
     * A failure with a SQLSTATE of Weir's.
     *
     * @param message a whole sentence, fit for the client
     */
    public ServerUnavailableException(Kind kind, SqlState state, String message) {
        this(kind, state.code(), message);
    }

    /** A failure with PostgreSQL's own SQLSTATE. */
    public ServerUnavailableException(Kind kind, String sqlState, String message) {
        super(message);
        this.kind = kind;
        this.sqlState = sqlState;
    }

    public Kind kind() {
        return kind;
    }

    /** Five characters. */
    public String sqlState() {
        return sqlState;
    }

    /** Whether PostgreSQL refused what Weir proved itself with. */
    public boolean isAboutCredential() {
        return kind == Kind.REFUSED && sqlState.startsWith(AUTHORIZATION_CLASS);
    }

    public String sentence() {
        return String.valueOf(getMessage());
    }
}

package dev.weir.wire;

/** A peer sent what the protocol does not allow; the one reaction is to tell it and to close. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String sqlState;

    /** With a SQLSTATE of five characters. */
    public ProtocolException(String sqlState, String message) {
        super(message);
        this.sqlState = sqlState;
    }

    public ProtocolException(SqlState state, String message) {
        this(state.code(), message);
    }

    public ProtocolException(String message) {
        this(SqlState.PROTOCOL_VIOLATION, message);
    }

    public String sqlState() {
        return sqlState;
    }

    /** Not a fault of Weir's: where it came from tells nothing. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}

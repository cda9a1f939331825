package dev.weir.wire;

/** A peer sent what the protocol does not allow; the one reaction is to tell it and to close. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    private final SqlState state;

    public ProtocolException(SqlState state, String message) {
        super(message);
        this.state = state;
    }

    public ProtocolException(String message) {
        this(SqlState.PROTOCOL_VIOLATION, message);
    }

    public SqlState state() {
        return state;
    }

    /** Not a fault of Weir's: where it came from tells nothing. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}

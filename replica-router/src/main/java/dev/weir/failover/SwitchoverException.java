package dev.weir.failover;

/**
 * A switchover was not begun, or was undone; all is as it was, unless the message says otherwise.
 */
public final class SwitchoverException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * @param message whole sentences: what failed, and what to do
     */
    public SwitchoverException(String message) {
        super(message);
    }

    /** A failure with what caused it. */
    public SwitchoverException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same as text, never null. */
    public String sentence() {
        return String.valueOf(getMessage());
    }
}

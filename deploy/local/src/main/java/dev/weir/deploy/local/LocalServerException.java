package dev.weir.deploy.local;

import org.jspecify.annotations.Nullable;

/** A local server could not be prepared, started, asked or stopped; the message says what to do. */
public class LocalServerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what went wrong and what to do, with the tail of the server's log if there is
     *     one
     */
    public LocalServerException(String message) {
        super(message);
    }

    /**
     * @param message what went wrong and what to do
     * @param cause what said so, or null
     */
    public LocalServerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

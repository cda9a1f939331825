package dev.weir.net;

/**
 * What has gone wrong in the end, where one failure is wrapped in others. Any thread may use it.
 */
public final class RootCause {
    private RootCause() {}

    /** What the innermost says; its kind if it says nothing. */
    public static String text(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}

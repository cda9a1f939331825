package dev.weir.config;

/** A value cannot be read; the message completes the sentence "`x` …" and does not repeat it. */
final class BadValueException extends Exception {
    private static final long serialVersionUID = 1L;

    BadValueException(String message) {
        super(message);
    }
}

package dev.weir.deploy.bench;

/** A round that gave no numbers. Its message is a sentence for the table; the bench goes on. */
final class RoundFailure extends Exception {
    private static final long serialVersionUID = 1;

    RoundFailure(String message) {
        super(message);
    }

    RoundFailure(String message, Throwable cause) {
        super(message, cause);
    }
}

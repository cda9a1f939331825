package dev.weir.deploy.bench;

/** Something without which no bench is possible. Its message tells the user what to do. */
final class BenchFailure extends Exception {
    private static final long serialVersionUID = 1;

    BenchFailure(String message) {
        super(message);
    }

    BenchFailure(String message, Throwable cause) {
        super(message, cause);
    }
}

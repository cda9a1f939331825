package dev.weir.failover;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Until when something has to have come about. For one thread that may block. */
final class Deadline {
    private static final long LOOK_MILLIS = 2;

    /** What has to come about. */
    interface Condition {
        boolean holds() throws SQLException;
    }

    private final long endNanos;
    private final Duration length;

    private Deadline(Duration length) {
        this.length = length;
        this.endNanos = System.nanoTime() + length.toNanos();
    }

    static Deadline in(Duration length) {
        return new Deadline(length);
    }

    /**
     * Waits for it.
     *
     * @param otherwise half a sentence of what is the matter when it does not come about
     */
    void await(Condition condition, String otherwise) throws SQLException, SwitchoverException {
        if (!reached(condition)) {
            throw new SwitchoverException(
                    "Within %d ms: %s.".formatted(length.toMillis(), otherwise));
        }
    }

    /** Waits for it; false if it does not come about in time. */
    boolean reached(Condition condition) throws SQLException, SwitchoverException {
        while (!condition.holds()) {
            if (System.nanoTime() - endNanos > 0) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SwitchoverException("It was interrupted.", e);
            }
        }
        return true;
    }
}

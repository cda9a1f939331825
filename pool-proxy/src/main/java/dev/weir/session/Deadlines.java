package dev.weir.session;

import dev.weir.config.TimeoutsConfig;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * How long a session has been doing what it does, as far as looking at it now and then can tell,
 * and what follows from that. Confined to the client's loop.
 *
 * <p>A time is measured from the first look at which something was so, and something is the same as
 * long as the {@link Progress} does not show that it has ended in between; so that nothing ends too
 * early.
 */
final class Deadlines {
    /** How long PostgreSQL may take to stop a statement before the client is disconnected. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** What a session is busy with. */
    enum Activity {
        /** Nothing, outside of a transaction. */
        IDLE,
        /** Its client waits for a server connection. */
        QUEUED,
        /** Its client waits for a reply. */
        RUNNING,
        /** Nothing, within a transaction. */
        IDLE_IN_TRANSACTION,
        /** The server waits for the rest of what its client has begun to send. */
        STALLED
    }

    /** What the session shows of itself. */
    interface Progress {
        Activity activity();

        boolean inTransaction();

        /** Ever another number behind a transaction's end. */
        long transactions();

        /** Ever another number behind a statement's end. */
        long statements();

        /** Ever another number when something has been read from the client. */
        long reads();

        /** Stops the statement; {@code settled} runs once when it can no longer hit another. */
        void cancelStatement(Runnable settled);

        void tellNotice(String message);

        void farewell(String sqlState, String message);
    }

    private final TimeoutsConfig limits;
    private final Progress session;
    private int index = -1;

    private Activity activity = Activity.IDLE;
    private long mark = Long.MIN_VALUE;
    private long sinceNanos;
    private long transaction = Long.MIN_VALUE;
    private long transactionNanos;
    private boolean acted;
    private boolean cancelling;
    private boolean cancelled;

    Deadlines(TimeoutsConfig limits, Progress session) {
        this.limits = limits;
        this.session = session;
    }

    /** Whether any time is limited. */
    static boolean needed(TimeoutsConfig limits) {
        return all(limits).anyMatch(Duration::isPositive);
    }

    /** Whether a time is so short that it has to be looked at often. */
    static boolean brisk(TimeoutsConfig limits) {
        return all(limits).anyMatch(d -> d.isPositive() && d.compareTo(Watches.BRISK) < 0);
    }

    private static Stream<Duration> all(TimeoutsConfig limits) {
        return Stream.of(
                limits.query(),
                limits.transaction(),
                limits.idleTransaction(),
                limits.clientIdle(),
                limits.clientStall(),
                limits.queryWaitNotify());
    }

    /** Where it stands among those watched; negative if it is not. */
    int index() {
        return index;
    }

    void index(int now) {
        index = now;
    }

    /** A statement is being stopped: the client's next one must not be hit. */
    boolean cancelling() {
        return cancelling;
    }

    /**
     * What to say of a statement that PostgreSQL has stopped on this class's demand; null if it was
     * not.
     */
    @Nullable String takeCancelled() {
        boolean was = cancelled;
        cancelled = false;
        return was
                ? "canceling statement due to query-timeout (%s)".formatted(text(limits.query()))
                : null;
    }

    void look(long now) {
        if (session.inTransaction()) {
            if (transaction != session.transactions()) {
                transaction = session.transactions();
                transactionNanos = now;
            } else if (over(limits.transaction(), transactionNanos, now)) {
                end(SqlState.TRANSACTION_TIMEOUT, "transaction-timeout", limits.transaction());
                return;
            }
        } else {
            transaction = Long.MIN_VALUE;
        }
        Activity present = session.activity();
        long presentMark =
                switch (present) {
                    case STALLED -> session.reads();
                    default -> session.statements();
                };
        if (present != activity || presentMark != mark) {
            activity = present;
            mark = presentMark;
            sinceNanos = now;
            acted = false;
            cancelled &= cancelling;
            return;
        }
        switch (present) {
            case IDLE -> {
                if (over(limits.clientIdle(), sinceNanos, now)) {
                    end(SqlState.IDLE_SESSION_TIMEOUT, "client-idle-timeout", limits.clientIdle());
                }
            }
            case IDLE_IN_TRANSACTION -> {
                if (over(limits.idleTransaction(), sinceNanos, now)) {
                    end(
                            SqlState.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                            "idle-transaction-timeout",
                            limits.idleTransaction());
                }
            }
            case STALLED -> {
                if (over(limits.clientStall(), sinceNanos, now)) {
                    end(SqlState.CONNECTION_FAILURE, "client-stall-timeout", limits.clientStall());
                }
            }
            case RUNNING -> running(now);
            case QUEUED -> queued(now);
        }
    }

    private void running(long now) {
        if (!over(limits.query(), sinceNanos, now)) {
            return;
        }
        if (acted) {
            if (over(limits.query().plus(GRACE), sinceNanos, now)) {
                end(SqlState.QUERY_CANCELED, "query-timeout", limits.query());
            }
            return;
        }
        acted = true;
        cancelled = true;
        cancelling = true;
        session.cancelStatement(() -> cancelling = false);
    }

    private void queued(long now) {
        if (acted || !over(limits.queryWaitNotify(), sinceNanos, now)) {
            return;
        }
        acted = true;
        session.tellNotice(
                "All server connections are in use; this statement has waited for more than %s (query-wait-notify)."
                        .formatted(text(limits.queryWaitNotify())));
    }

    private void end(SqlState state, String key, Duration limit) {
        session.farewell(
                state.code(), "terminating connection due to %s (%s)".formatted(key, text(limit)));
    }

    private static boolean over(Duration limit, long sinceNanos, long now) {
        return limit.isPositive() && now - sinceNanos >= limit.toNanos();
    }

    private static String text(Duration limit) {
        return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
    }
}

package dev.weir.pool;

import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerUnavailableException.Kind;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * Whether PostgreSQL can be reached, as the attempts to connect have shown, and when the next one
 * may be made. Written by the loop whose attempt failed or succeeded; any thread may read it.
 */
final class Reachability {
    /** Between attempts while clients wait for a primary. */
    private static final long FAILOVER_RETRY = Duration.ofMillis(500).toNanos();

    /** Null while any server connection is left, and after an attempt that succeeded. */
    private volatile @Nullable Outage outage;

    /** Why the last attempt failed, while others had not; null if it succeeded. */
    private volatile @Nullable ServerUnavailableException lastFailure;

    /** No attempt before this time; only meaningful after a failure. */
    private volatile long retryNanos;

    /**
     * How long clients wait for a primary that does not answer, or for its successor, in
     * nanoseconds; 0 if they are told at once.
     */
    private volatile long patienceNanos;

    /** As {@link Pool#failoverWait}. */
    void patience(Duration patience) {
        patienceNanos = patience.toNanos();
    }

    long patienceNanos() {
        return patienceNanos;
    }

    /**
     * Null if PostgreSQL could be reached at the last attempt, or some server connection is left.
     */
    @Nullable Outage outage() {
        return outage;
    }

    /** Whether clients wait until PostgreSQL can be reached again. */
    boolean isWaitedFor(ServerUnavailableException reason) {
        return patienceNanos > 0 && reason.kind() == Kind.UNREACHABLE;
    }

    /**
     * Why a client is refused at once.
     *
     * @param established how many server connections are left
     * @return null if it may wait
     */
    @Nullable ServerUnavailableException refusal(long now, int established) {
        Outage known = outage;
        if (known != null
                && established == 0
                && now - known.retryNanos() < 0
                && !isWaitedFor(known.reason())) {
            return known.reason();
        }
        return null;
    }

    /**
     * Whether another attempt may be made now: after a failure one at a time, and only once the
     * pause is over.
     *
     * @param connecting how many attempts are under way
     */
    boolean mayTry(int connecting) {
        if (outage == null && retryNanos == 0) {
            return true;
        }
        return System.nanoTime() - retryNanos >= 0 && connecting == 0;
    }

    // ---- what happens ----

    /** It answers: an attempt has succeeded, or whoever watches it says so. */
    void answers() {
        lastFailure = null;
        tryAgain();
    }

    /** There is news that may help: the next attempt need not wait. */
    void tryAgain() {
        outage = null;
        retryNanos = 0;
    }

    /**
     * An attempt has failed.
     *
     * @param pause before the next one
     */
    void failed(ServerUnavailableException failure, Duration pause) {
        long nanos = pause.toNanos();
        retryNanos =
                System.nanoTime()
                        + (isWaitedFor(failure) ? Math.min(nanos, FAILOVER_RETRY) : nanos);
        if (failure.kind() != Kind.FULL) {
            lastFailure = failure;
        }
    }

    /**
     * What the last attempt failed from, if no other may be made yet: so whoever waits, waited for
     * one of those that are gone now.
     */
    @Nullable ServerUnavailableException failureUntilRetry() {
        ServerUnavailableException failure = lastFailure;
        return failure != null && System.nanoTime() - retryNanos < 0 ? failure : null;
    }

    /**
     * No server connection is left, and none could be opened.
     *
     * @return whether that is news
     */
    boolean away(ServerUnavailableException failure) {
        boolean news = outage == null;
        outage = new Outage(failure, retryNanos);
        return news;
    }
}

package dev.weir.session;

import dev.weir.telemetry.Count;
import dev.weir.telemetry.LoopCounters;
import dev.weir.telemetry.Timing;

import org.jspecify.annotations.Nullable;

/**
 * Times one session's queries and transactions, and counts them. Confined to the client's loop.
 *
 * <p>Perf: the clock is read once for a loan, which has to be timed anyhow, and once for each
 * answer; only a further query in the same transaction costs one more.
 */
final class Stopwatch {
    private final LoopCounters counters;

    /** Since when the client waits for an answer; meaningless while it does not. */
    private long queryNanos;

    private long transactionNanos;
    private boolean inQuery;
    private boolean inTransaction;

    Stopwatch(LoopCounters counters) {
        this.counters = counters;
    }

    LoopCounters counters() {
        return counters;
    }

    /**
     * A server connection was lent for the client's next message.
     *
     * @param waitedNanos how long the client waited for it
     */
    void lent(long nowNanos, long waitedNanos) {
        counters.add(Count.ASSIGNMENTS);
        counters.took(Timing.WAIT, waitedNanos);
        start(nowNanos);
    }

    /** A message is sent that the client will want to be answered. */
    void asked() {
        if (!inQuery) {
            start(System.nanoTime());
        }
    }

    private void start(long nowNanos) {
        inQuery = true;
        queryNanos = nowNanos;
        if (!inTransaction) {
            inTransaction = true;
            transactionNanos = nowNanos;
        }
    }

    /**
     * The client has been told ReadyForQuery.
     *
     * @param over whether no transaction is open
     * @param more whether further answers are owed
     */
    void answered(boolean over, boolean more) {
        long now = System.nanoTime();
        counters.add(Count.QUERIES);
        if (inQuery) {
            counters.took(Timing.QUERY, now - queryNanos);
            queryNanos = now;
            inQuery = more;
        }
        if (over) {
            counters.add(Count.TRANSACTIONS);
            if (inTransaction) {
                counters.took(Timing.TRANSACTION, now - transactionNanos);
                transactionNanos = now;
                inTransaction = more;
            }
        }
    }

    /** What was under way will not be answered. */
    void abandoned() {
        inQuery = false;
        inTransaction = false;
    }

    /** For how long the client has been waiting for an answer; null if it is not. */
    @Nullable Long askedForNanos(long nowNanos) {
        return inQuery ? nowNanos - queryNanos : null;
    }
}

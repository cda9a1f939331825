package dev.weir.config;

import java.time.Duration;

/**
 * How long the clients of a pool may take. Zero is for ever.
 *
 * @param query from a statement's sending to the end of its reply; then it is cancelled, with 57014
 * @param transaction from a transaction's first statement to its end; then the client is
 *     disconnected, with 25P04
 * @param idleTransaction between two statements of a transaction; then the client is disconnected,
 *     with 25P03
 * @param clientIdle outside of a transaction; then the client is disconnected, with 57P05
 * @param clientStall within a message, a COPY or a batch without Sync, without a byte of the
 *     client's; then it is disconnected, with 08006
 * @param queryWaitNotify a client that has waited so long for a server connection is told so
 */
public record TimeoutsConfig(
        Duration query,
        Duration transaction,
        Duration idleTransaction,
        Duration clientIdle,
        Duration clientStall,
        Duration queryWaitNotify) {
    /** Nothing ever ends for its length. */
    public static final TimeoutsConfig NONE =
            new TimeoutsConfig(
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO);
}

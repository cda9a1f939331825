package dev.weir.telemetry;

/** What is timed for each pool: a histogram each, with the sum. */
public enum Timing {
    /** From a client's wish for a server connection to the loan. */
    WAIT,
    /** From the first message that asks for something to the ReadyForQuery that ends the answer. */
    QUERY,
    /** From the loan, or the first message after it, to the end of the transaction. */
    TRANSACTION
}

package dev.weir.telemetry;

/** What is counted for each pool, from the start of the process. Times are in nanoseconds. */
public enum Count {
    /** Clients that have logged in. */
    LOGINS,
    /** Clients that have left. */
    DEPARTURES,
    /** Times that a server connection was lent. */
    ASSIGNMENTS,
    /** Transactions that have ended, single statements included. */
    TRANSACTIONS,
    /** Answers that ended with ReadyForQuery. */
    QUERIES,
    /** Bytes received from clients. */
    RECEIVED,
    /** Bytes received from PostgreSQL, which are sent to clients. */
    SENT,
    /** Parse messages of clients. */
    CLIENT_PARSES,
    /** Parse messages that PostgreSQL has carried out. */
    SERVER_PARSES,
    /** Bind messages of clients. */
    BINDS,
    /** Times that a client began to wait for its turn, or a place, under a limit. */
    HELD_UP,
    /** Times that such a wait has ended. */
    LET_ON
}

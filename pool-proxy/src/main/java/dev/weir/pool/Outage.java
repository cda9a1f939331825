package dev.weir.pool;

import dev.weir.server.ServerUnavailableException;

/**
 * PostgreSQL could not be reached, or would not have us, at the last attempt.
 *
 * @param reason what clients are told
 * @param retryNanos when the next attempt may be made, on the scale of System.nanoTime
 */
record Outage(ServerUnavailableException reason, long retryNanos) {}

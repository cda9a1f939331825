package dev.weir.config;

/**
 * What one database, or one user, may have over all of its pools.
 *
 * @param maxClients clients, 0 without limit
 * @param maxServers server connections, 0 without limit
 * @param maxTransactions transactions that may begin in one second, 0 without limit
 * @param maxConcurrent transactions that may be under way at once, 0 without limit
 */
public record ShareConfig(int maxClients, int maxServers, int maxTransactions, int maxConcurrent) {
    /** No limit. */
    public static final ShareConfig UNLIMITED = new ShareConfig(0, 0, 0, 0);
}

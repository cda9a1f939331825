package dev.weir.pool;

/**
 * Whether a pool lends. From each state to each other one, by {@link Pools}; {@link #CLOSED} is
 * final.
 */
public enum Hold {
    /** It does. */
    NONE,
    /** It does not, and keeps its server connections: SUSPEND. */
    SUSPENDED,
    /** It does not, and has none: PAUSE and KILL. Each is closed when it comes back. */
    PAUSED,
    /** Weir ends, or the pool is in the configuration no longer: clients are refused. */
    CLOSED
}

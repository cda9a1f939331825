package dev.weir.failover;

/** The transactions that clients run on a primary, as a switchover holds them. Any thread. */
public interface Traffic {
    /** Lets none begin from now on; those that would wait. */
    void hold();

    /** How many still run; they end by themselves. */
    int running();

    /** Ends those that still run, with an error to their clients. */
    void cutOff();

    /** Lets what waits go on, wherever the primary is now. */
    void release();
}

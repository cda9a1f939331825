package dev.weir.admin;

/** What Weir waits for before it ends. */
public enum Shutdown {
    /** Nothing. */
    AT_ONCE,
    /** Until no client has a server connection; no new one is lent. */
    WAIT_FOR_SERVERS,
    /** Until all clients have left; they are served meanwhile, and no new ones are accepted. */
    WAIT_FOR_CLIENTS
}

package dev.weir.balance;

/** What has become of a read, as far as it tells something of the server. */
public enum Outcome {
    /** The server has answered, be it with an error. */
    ANSWERED,
    /** It could not be connected to, was lost in the midst, or did not answer in time. */
    FAILED,
    /** Nothing that tells of it: one session was ended there, or the client left. */
    NEITHER
}

package dev.weir.router;

/** Why a read that may leave the primary was answered there all the same. */
public enum Stay {
    /** No replica answers, or none is one. */
    NO_REPLICA("no replica is healthy"),
    /** All are further behind than the session's weir.max_lag, or the configuration, allows. */
    LAGS("all replicas are further behind than weir.max_lag, or replica-lag-never, allows"),
    /** None had come far enough in the time that a read waits. */
    NOT_FRESH("no replica was fresh enough in time"),
    /** The primary's position could not be found out. */
    NO_FLOOR("the primary's position was not known in time"),
    /** One replica had failed at it. */
    RETRIED("a replica failed at it");

    private final String sentence;

    Stay(String sentence) {
        this.sentence = sentence;
    }

    /** Half a sentence. */
    public String sentence() {
        return sentence;
    }
}

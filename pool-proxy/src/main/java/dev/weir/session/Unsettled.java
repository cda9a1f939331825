package dev.weir.session;

/**
 * Counts changes that are noted when a message is sent and settled, in the same order, when it is
 * known whether the server has executed it. Confined to the client's loop.
 */
final class Unsettled {
    private long noted;
    private long settled;

    /** How many were noted in batches that have ended. */
    private long ended;

    /** Within the batch that has not ended, nothing depends on earlier ones any more. */
    private boolean renewed;

    void noted() {
        noted++;
    }

    /** A change after which it does not matter what was before. */
    void renewed() {
        noted++;
        renewed = true;
    }

    void settled() {
        settled++;
    }

    void batchEnded() {
        ended = noted;
        renewed = false;
    }

    /** Whether all is settled that the present batch can depend on and not fail with. */
    boolean isSettled() {
        return renewed || settled >= ended;
    }

    /** Whether nothing at all is under way. */
    boolean allSettled() {
        return settled == noted;
    }
}

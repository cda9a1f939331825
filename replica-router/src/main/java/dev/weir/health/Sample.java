package dev.weir.health;

/**
 * What a server said of itself.
 *
 * @param askedNanos when it was asked, by {@link System#nanoTime}: whatever was acknowledged before
 *     is in its position, if it is the primary
 * @param standby whether it is in recovery
 * @param timeline the one that it writes, or replays; 0 if it cannot be told
 * @param position of a primary, the end of the WAL that anybody has written; of a standby, up to
 *     where it has replayed
 */
public record Sample(long askedNanos, boolean standby, int timeline, long position) {}

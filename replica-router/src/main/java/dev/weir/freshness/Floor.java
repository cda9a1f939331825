package dev.weir.freshness;

import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.topology.Lsn;

import org.jspecify.annotations.Nullable;

/**
 * What one session has seen, and so what its next read must reflect. Its own writes, and all that
 * it has read, wherever that was: it never goes back in time.
 *
 * <p>A visit to a server costs no question: only its time is kept. Where the session could read
 * somewhere else, a position that this server told <em>after</em> the visit is a floor that is
 * surely high enough.
 *
 * <p>For one thread at a time.
 */
public final class Floor {
    private long lsn;

    /** Where a visit is not yet resolved into a position; null if none is. */
    private @Nullable Probe visited;

    private long visitedNanos;
    private int incarnation;

    /**
     * All of a transaction or statement on a server has been answered. A visit to the primary may
     * follow any other, for it is always ahead; to a replica only once {@link #resolve} has
     * succeeded, unless it {@link #stays} there.
     *
     * @param nanos when, by {@link System#nanoTime}
     */
    public void visited(Probe server, long nanos) {
        visited = server;
        visitedNanos = nanos;
        incarnation = server.incarnation();
    }

    /** The position that a read must reflect, as far as it is resolved. */
    public long lsn() {
        return lsn;
    }

    /** When the last visit was; only while it is not resolved. */
    public long visitedNanos() {
        return visitedNanos;
    }

    /** The server that was visited last, as long as that is not resolved; null if it is. */
    public @Nullable Probe unresolved() {
        return visited;
    }

    /**
     * Turns the last visit into a position, if its server has told one since, or the primary has,
     * which is at least as high.
     *
     * @return false if neither has
     */
    public boolean resolve(Probe primary) {
        Probe server = visited;
        if (server == null) {
            return true;
        }
        Sample told = told(server, incarnation, primary, visitedNanos);
        if (told == null) {
            return false;
        }
        lsn = Lsn.max(lsn, told.position());
        visited = null;
        return true;
    }

    /**
     * A position that is surely not below what a visit to {@code server} has shown; null if there
     * is none yet.
     *
     * @param incarnation the server's, at the visit
     */
    public static @Nullable Sample told(
            Probe server, int incarnation, Probe primary, long visitedNanos) {
        Sample there = server.last();
        if (server != primary
                && there != null
                && there.askedNanos() - visitedNanos >= 0
                && server.incarnation() == incarnation) {
            return there;
        }
        Sample here = primary.last();
        return here != null && !here.standby() && here.askedNanos() - visitedNanos >= 0
                ? here
                : null;
    }

    /** The {@link Probe#incarnation} of {@link #unresolved} at the visit. */
    public int incarnation() {
        return incarnation;
    }

    /**
     * Whether a server may answer without any question: the session was there last, and the server
     * has not been away since.
     */
    public boolean stays(Probe server) {
        return visited == server && server.incarnation() == incarnation;
    }
}

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
    /** The timeline that {@link #lsn} is on; 0 as long as nothing is resolved. */
    private int timeline;

    private long lsn;

    /** Where a visit is not yet resolved into a position; null if none is. */
    private @Nullable Probe visited;

    private long visitedNanos;

    /** More has been asked for than the last visit has shown. */
    private boolean raised;

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
        raised = false;
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

    /** The timeline of {@link #lsn}; 0 as long as nothing is resolved. */
    public int timeline() {
        return timeline;
    }

    /**
     * Turns the last visit into a position, if its server has told one since, or the primary has,
     * which is at least as high. A position on a timeline that has ended means nothing any more:
     * then all counts that the new primary shows, which has whatever of it is left.
     *
     * @param now the timeline of the primary
     * @return false if neither has
     */
    public boolean resolve(Probe primary, int now) {
        Probe server = visited;
        if (server == null && timeline == now) {
            return true;
        }
        Sample told = told(server, incarnation, primary, visitedNanos, timeline, now);
        if (told == null) {
            return false;
        }
        lsn = timeline == now ? Lsn.max(lsn, told.position()) : told.position();
        timeline = now;
        visited = null;
        return true;
    }

    /**
     * Nothing older than that may be read from now on; by another session, perhaps of another
     * process.
     *
     * @param ofTimeline of {@code position}; if it has ended, or the floor's has, all counts that
     *     the primary shows when it is asked next
     */
    public void raise(Probe primary, int ofTimeline, long position) {
        if (ofTimeline == timeline) {
            lsn = Lsn.max(lsn, position);
        } else if (ofTimeline < timeline) {
            visited(primary, System.nanoTime());
        } else {
            if (visited == null) {
                visited(primary, System.nanoTime());
            }
            timeline = ofTimeline;
            lsn = position;
        }
        raised = true;
    }

    /**
     * Nothing may be read from now on but what the primary shows when it is asked next.
     *
     * @param ofTimeline the primary is none as long as it is on an earlier one
     */
    public void raiseToNow(Probe primary, int ofTimeline) {
        visited(primary, System.nanoTime());
        if (ofTimeline > timeline) {
            timeline = ofTimeline;
            lsn = 0;
        }
        raised = true;
    }

    /**
     * A position that is surely not below what a visit to {@code server} has shown; null if there
     * is none yet.
     *
     * @param server the last visited; null for none since the floor was resolved
     * @param incarnation the server's, at the visit
     * @param before the timeline of the floor so far
     * @param now the timeline of the primary
     */
    public static @Nullable Sample told(
            @Nullable Probe server,
            int incarnation,
            Probe primary,
            long visitedNanos,
            int before,
            int now) {
        if (now < before) {
            // It has been seen elsewhere that this one has ended.
            return null;
        }
        if (server != null && server != primary && (before == now || before == 0)) {
            Sample there = server.last();
            if (there != null
                    && there.timeline() == now
                    && there.askedNanos() - visitedNanos >= 0
                    && server.incarnation() == incarnation) {
                return there;
            }
        }
        Sample here = primary.last();
        return here != null
                        && !here.standby()
                        && here.timeline() == now
                        && (server == null || here.askedNanos() - visitedNanos >= 0)
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
        return visited == server && !raised && server.incarnation() == incarnation;
    }
}

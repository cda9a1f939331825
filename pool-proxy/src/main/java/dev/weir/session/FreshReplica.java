package dev.weir.session;

import dev.weir.freshness.Floor;
import dev.weir.router.Router;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * Which replica is fresh enough for a session's next statement, and whether it is worth while to
 * wait until one is. Confined to the client's loop.
 */
final class FreshReplica {
    private final ClientSession session;
    private final Router router;
    private final RouteCounters counters;
    private final Duration patience;
    private final Floor floor;
    private final RouteWishes wishes;
    private final Patience waits;

    FreshReplica(
            ClientSession session, Routed routed, Floor floor, RouteWishes wishes, Patience waits) {
        this.session = session;
        this.router = routed.router();
        this.counters = routed.counters();
        this.patience = routed.patience();
        this.floor = floor;
        this.wishes = wishes;
        this.waits = waits;
    }

    /** Null if servers have to tell first how far they are. */
    Router.@Nullable Choice choose() {
        return router.choose(floor, wishes.maxLag());
    }

    /** The same if they are not waited for any longer. */
    Router.Choice settle() {
        return router.settle(floor, wishes.maxLag());
    }

    /** Whether the statement may wait for them, or go on to. */
    boolean mayWait() {
        return !waits.late() && !patience.isZero();
    }

    /** Waits until they have told what lets a replica be chosen; then the session proceeds. */
    void await() {
        if (!waits.begun()) {
            counters.waited();
        }
        waits.await(
                patience,
                told -> router.await(floor, wishes.maxLag(), session.channel().eventLoop(), told));
    }
}

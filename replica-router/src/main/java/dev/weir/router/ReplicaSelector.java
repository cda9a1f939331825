package dev.weir.router;

import dev.weir.balance.Balance;
import dev.weir.balance.Replica;
import dev.weir.freshness.Floor;
import dev.weir.freshness.MaxLag;
import dev.weir.health.Probe;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Which replica answers a read: one that shows all that its session may have seen, and is not
 * further behind than that allows; or why none does. Never blocks; any thread may use it.
 */
final class ReplicaSelector {
    private final Membership membership;
    private final Balance balance = new Balance();

    ReplicaSelector(Membership membership) {
        this.membership = membership;
    }

    /** Where a read goes, if that can be told at once; see {@link Router#choose(Floor, MaxLag)}. */
    Router.@Nullable Choice choose(Floor floor, MaxLag most) {
        int timeline = membership.timeline();
        Probe primary = membership.primary();
        Replica here = stays(floor);
        if (here != null
                && within(here, most)
                && !balance.leaves(here, membership.replicas(), timeline)
                && !floor.resolve(primary, timeline)) {
            return new Router.Choice(here, null);
        }
        boolean any = false;
        boolean near = false;
        for (Replica replica : membership.replicas()) {
            boolean taken = takes(replica);
            any |= taken;
            near |= taken && within(replica, most);
        }
        if (!near) {
            return new Router.Choice(null, any ? Stay.LAGS : Stay.NO_REPLICA);
        }
        if (!floor.resolve(primary, timeline)) {
            return primary.failure() == null ? null : new Router.Choice(null, Stay.NO_FLOOR);
        }
        Replica fresh = fresh(floor.lsn(), most);
        return fresh == null ? null : new Router.Choice(fresh, null);
    }

    /** The replica that the session was at last, if it may read there without any question. */
    private @Nullable Replica stays(Floor floor) {
        Replica here = replica(floor.unresolved());
        return here != null && floor.stays(here.probe()) && takes(here) ? here : null;
    }

    /** Whether a node may be asked to read, if it is fresh enough. */
    boolean takes(Replica replica) {
        return replica.ready() && replica.follows(membership.timeline());
    }

    private boolean within(Replica replica, MaxLag most) {
        return !replica.tooFarBehind()
                && (most == MaxLag.OFF || most.allows(lagMillis(replica), lagBytes(replica)));
    }

    private @Nullable Replica replica(@Nullable Probe probe) {
        if (probe != null) {
            for (Replica replica : membership.replicas()) {
                if (replica.probe() == probe) {
                    return replica;
                }
            }
        }
        return null;
    }

    /** The one that shall answer a read which must see all up to {@code lsn}; null if none may. */
    @Nullable Replica fresh(long lsn, MaxLag most) {
        List<Replica> near =
                most == MaxLag.OFF
                        ? membership.replicas()
                        : membership.replicas().stream().filter(it -> within(it, most)).toList();
        return balance.choose(near, membership.timeline(), lsn);
    }

    /** Whether no other is well that would go before this one, were it as fresh. */
    boolean prefers(Replica fresh) {
        return balance.prefers(fresh, membership.replicas());
    }

    /** Where a read goes that does not wait, or has waited in vain. */
    Router.Choice settle(Floor floor, MaxLag most) {
        Replica here = stays(floor);
        if (here != null && within(here, most)) {
            return new Router.Choice(here, null);
        }
        return new Router.Choice(null, reason(floor));
    }

    /** Why a read stays that has waited in vain. */
    Stay reason(Floor floor) {
        return floor.resolve(membership.primary(), membership.timeline())
                ? Stay.NOT_FRESH
                : Stay.NO_FLOOR;
    }

    /** How far a replica is behind; see {@link Router#lagBytes}. */
    long lagBytes(Replica replica) {
        return Lags.bytes(membership.primary(), replica.probe());
    }

    /** For how long it has been; see {@link Router#lagMillis}. */
    long lagMillis(Replica replica) {
        return Lags.millis(membership.primary(), replica.probe());
    }
}

package dev.weir.router;

import dev.weir.balance.Replica;
import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.topology.Lsn;

import java.util.concurrent.TimeUnit;

/** How far replicas are behind a primary. Any thread may use it. */
final class Lags {
    private Lags() {}

    /** In bytes of WAL; -1 if that is not known. */
    static long bytes(Probe primary, Probe replica) {
        Sample there = replica.last();
        Sample here = primary.last();
        return there == null || here == null
                ? -1
                : Lsn.reached(there.position(), here.position())
                        ? 0
                        : here.position() - there.position();
    }

    /**
     * In milliseconds: how long ago, when the replica last told its position, the primary had
     * written the first thing that it does not show; 0 if it showed all, however long ago that was
     * written; -1 if it is not known.
     */
    static long millis(Probe primary, Probe replica) {
        Sample there = replica.last();
        long bytes = bytes(primary, replica);
        if (bytes <= 0 || there == null) {
            return bytes;
        }
        return TimeUnit.NANOSECONDS.toMillis(
                primary.writtenSince(there.position(), there.askedNanos()));
    }

    /** Lets the replicas know; after one has told something new, or the primary. */
    static void tell(Probe primary, Iterable<Replica> replicas) {
        for (Replica replica : replicas) {
            if (replica.limited()) {
                Probe probe = replica.probe();
                replica.isBehind(millis(primary, probe), bytes(primary, probe));
            }
        }
    }
}

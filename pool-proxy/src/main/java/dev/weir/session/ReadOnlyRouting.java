package dev.weir.session;

import dev.weir.balance.Replica;
import dev.weir.classify.Route;
import dev.weir.classify.TransactionModes;
import dev.weir.freshness.Floor;
import dev.weir.router.Router;
import dev.weir.router.Stay;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerUnavailableException.Kind;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * Where a statement goes in a session that only reads: to a replica, which cannot write whatever it
 * is told; as the last resort to the primary, which is only asked what surely writes nothing, one
 * statement at a time; or nowhere. Confined to the client's loop.
 */
final class ReadOnlyRouting {
    /** Between two looks for a replica. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** Replicas that may fail, one after the other, before anything is sent. */
    private static final int MOST_TRIES = 3;

    private final ReadOnly.Terms terms;
    private final Router router;
    private final Floor floor;
    private final FreshReplica fresh;
    private final Patience waits;
    private final ReadBatch batch;

    /** The batch may be answered by the primary. */
    private boolean fallsBack;

    /** And if a replica has failed at it, too. */
    private boolean repeatable;

    /** Since when a replica is awaited; 0 if none is. */
    private long sinceNanos;

    private int tries;

    /** It has failed, and has not been asked since how it is. */
    private @Nullable Replica failed;

    private long failedNanos;

    /** Why the next statement cannot be carried out; null if it can. */
    private @Nullable ServerUnavailableException refusal;

    ReadOnlyRouting(
            ReadOnly.Terms terms,
            Router router,
            Floor floor,
            FreshReplica fresh,
            Patience waits,
            ReadBatch batch) {
        this.terms = terms;
        this.router = router;
        this.floor = floor;
        this.fresh = fresh;
        this.waits = waits;
        this.batch = batch;
    }

    /**
     * Decides where the batch goes that begins with this message.
     *
     * @param inherited what a transaction is that begins without words; null if the batch is no
     *     statement of its own, or cannot be read
     * @return null if it waits for {@link ClientSession#proceed}, or there is a {@link #takeRefusal
     *     refusal}
     */
    Router.@Nullable Choice decide(
            ByteBuf in,
            int at,
            int end,
            FrontendMessage type,
            long total,
            @Nullable TransactionModes inherited) {
        if (exhausted()) {
            refuse(nobody());
            return null;
        }
        byte[] alone = total > end - at ? null : ReadOnly.text(in, at, type, (int) total);
        if (alone != null && batch.keepsState(alone)) {
            refuse(ReadOnly.ties());
            return null;
        }
        boolean reads =
                inherited != null
                        && batch.reads(in, at, end, type, total, Route.AUTO, inherited, null)
                        && batch.plain();
        boolean sets =
                !reads
                        && inherited != null
                        && alone != null
                        && type == FrontendMessage.QUERY
                        && ReadOnly.isSettingOnly(alone);
        fallsBack = (reads || sets) && terms.lastResort();
        repeatable = reads && fallsBack;
        Router.Choice choice = choose();
        if (choice == null || choice.replica() == null) {
            if (!fallsBack || (choice == null && fresh.mayWait())) {
                awaitReplica(choice);
                return null;
            }
            choice = new Router.Choice(null, choice == null ? router.reason(floor) : choice.stay());
        }
        waits.over();
        return choice;
    }

    private Router.@Nullable Choice choose() {
        Router.Choice choice = fresh.choose();
        if (choice != null
                && choice.stay() == Stay.NO_FLOOR
                && floor.timeline() == 0
                && floor.unresolved() == router.primary()) {
            // It has seen nothing yet but that it was connected while the primary is away.
            for (Replica one : router.replicas()) {
                if (router.takes(one) && !doubts(one)) {
                    floor.visited(one.probe(), System.nanoTime());
                    return new Router.Choice(one, null);
                }
            }
        }
        return choice != null && doubts(choice.replica()) ? null : choice;
    }

    /** Whether a replica has to tell first that it is still there. */
    private boolean doubts(@Nullable Replica replica) {
        if (replica == null || replica != failed) {
            return false;
        }
        if (replica.probe().heardSince(failedNanos)) {
            failed = null;
            return false;
        }
        replica.probe().soon();
        return true;
    }

    /** Waits for a replica, at first for what it tells, then for better times. */
    private void awaitReplica(Router.@Nullable Choice choice) {
        if (!waitsOn()) {
            refuse(nobody());
        } else if (choice == null && fresh.mayWait()) {
            fresh.await();
        } else {
            waits.pause(PAUSE);
        }
    }

    /** Whether it is worth while to wait on for a replica. */
    private boolean waitsOn() {
        long now = System.nanoTime();
        if (sinceNanos == 0) {
            sinceNanos = now;
        }
        return now - sinceNanos < terms.patience().toNanos();
    }

    /** Whether one replica after the other has failed. */
    private boolean exhausted() {
        return tries >= MOST_TRIES;
    }

    /** What to say when no replica has come. */
    private ServerUnavailableException nobody() {
        if (exhausted()) {
            return new ServerUnavailableException(
                    Kind.UNREACHABLE,
                    SqlState.SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
                    "%d times in a row a replica could not be reached for this read-only session; see SHOW PLACES at the console of Weir."
                            .formatted(tries));
        }
        return new ServerUnavailableException(
                Kind.WAITED_TOO_LONG,
                SqlState.SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
                "No replica could answer this read-only session within failover-wait (%d ms)%s."
                        .formatted(
                                terms.patience().toMillis(),
                                terms.lastResort()
                                        ? ", and the primary is only asked what surely reads, outside of a transaction"
                                        : ""));
    }

    /** The statement is not to be carried out. */
    void refuse(ServerUnavailableException reason) {
        waits.over();
        over();
        refusal = reason;
    }

    /**
     * Why the statement that was to be decided about cannot be carried out, once; null if it can.
     */
    @Nullable ServerUnavailableException takeRefusal() {
        ServerUnavailableException reason = refusal;
        refusal = null;
        return reason;
    }

    /** Whether the primary may be asked if no replica answers. */
    boolean mayFallBack() {
        return fallsBack;
    }

    /** Whether it may even if the batch was sent to a replica, which has failed at it. */
    boolean repeatable() {
        return repeatable;
    }

    /** Nothing could be sent to that replica. */
    void failed(@Nullable Replica replica) {
        tries++;
        failed = replica;
        failedNanos = System.nanoTime();
    }

    /** It has been decided about, one way or another. */
    void over() {
        sinceNanos = 0;
        tries = 0;
        failed = null;
    }
}

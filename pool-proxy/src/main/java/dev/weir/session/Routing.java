package dev.weir.session;

import dev.weir.classify.Verdict;
import dev.weir.freshness.Floor;
import dev.weir.pool.Pool;
import dev.weir.router.Replica;
import dev.weir.router.Router;
import dev.weir.router.Stay;
import dev.weir.router.Wait;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Where the statements of one session go, between its transactions: what has to be on the primary,
 * which replica is fresh enough for the rest, and what the session has seen so far. Confined to the
 * client's loop.
 */
final class Routing {
    /** In these a byte of a character may look like ASCII (manual table 23.3): nothing is read. */
    private static final Set<String> UNREADABLE =
            Set.of("SJIS", "SHIFT_JIS_2004", "BIG5", "GBK", "UHC", "GB18030", "JOHAB");

    private final ClientSession session;
    private final Router router;
    private final RouteCounters counters;
    private final Function<Replica, Pool> pools;
    private final Duration patience;
    private final ReadBatch batch;
    private final Floor floor = new Floor();

    /** What the next lease is to be; null if that is not decided. */
    private Router.@Nullable Choice decided;

    /** The {@link dev.weir.health.Probe#incarnation} of the replica when that was decided. */
    private int incarnation;

    /** Where the lease is; null if it is on the primary, or there is none. */
    private @Nullable Replica replica;

    private @Nullable Wait wait;
    private @Nullable Future<?> deadline;

    /** All of the batch that a replica answers, until the first answer is there. */
    private @Nullable ByteBuf copy;

    private byte @Nullable [] text;

    /** The whole batch has been sent to the replica: what follows has to wait. */
    private boolean sent;

    /** The state of this session cannot be brought to a replica. */
    private boolean never;

    Routing(ClientSession session, Routed routed, PreparedStatements statements) {
        this.session = session;
        this.router = routed.router();
        this.counters = routed.counters();
        this.pools = routed.pools();
        this.patience = routed.patience();
        this.batch = new ReadBatch(router, statements);
        // Whoever connects again sees what was there when it did.
        floor.visited(router.primary(), System.nanoTime());
    }

    // ---- before the lease ----

    /**
     * Decides where the batch goes that begins with this message.
     *
     * @return false if that takes until {@link ClientSession#proceed}
     */
    boolean decide(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        if (decided != null) {
            return true;
        }
        if (never || !readable()) {
            decided = Router.Choice.PRIMARY;
            return true;
        }
        if (!batch.reads(in, at, end, type, total)) {
            Verdict verdict = batch.verdict();
            if (verdict != null) {
                counters.stayed(verdict.reason());
            }
            decided = Router.Choice.PRIMARY;
            return true;
        }
        Router.Choice choice = router.choose(floor);
        if (choice == null && wait == null && !patience.isZero()) {
            await();
            return false;
        }
        if (choice == null) {
            choice = new Router.Choice(null, router.reason(floor));
        }
        wait = null;
        decide(choice, in, at);
        return true;
    }

    private boolean readable() {
        var known = session.clientParameters();
        return known != null
                && known.plainBackslash()
                && !UNREADABLE.contains(known.values().getOrDefault("client_encoding", ""));
    }

    private void decide(Router.Choice choice, ByteBuf in, int at) {
        decided = choice;
        Stay stay = choice.stay();
        if (stay != null) {
            counters.stayed(stay);
        }
        if (choice.replica() != null) {
            copy = session.channel().alloc().directBuffer(batch.end() - at);
            copy.writeBytes(in, at, batch.end() - at);
            text = batch.text();
        }
    }

    private void await() {
        counters.waited();
        wait = router.await(floor, session.channel().eventLoop(), this::looked);
        deadline =
                session.channel()
                        .eventLoop()
                        .schedule(this::expired, patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void expired() {
        Wait waiting = wait;
        if (deadline != null && waiting != null) {
            waiting.expire();
        }
    }

    private void looked() {
        Future<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
            deadline = null;
            if (!session.gone()) {
                session.proceed();
            }
        }
    }

    /** Whether the client's next message waits for a replica to tell how far it is. */
    boolean waiting() {
        return deadline != null;
    }

    /** The statement that was decided about is not carried out. */
    void refused() {
        leftReplica();
        decided = null;
    }

    // ---- the lease ----

    /** The pool of the next lease. */
    Pool lender(Pool primary) {
        Router.Choice choice = decided;
        Replica chosen = choice == null ? null : choice.replica();
        if (chosen == null) {
            return primary;
        }
        if (replica == null) {
            replica = chosen;
            incarnation = chosen.probe().incarnation();
            chosen.begun();
        }
        return pools.apply(chosen);
    }

    /** Whether the lease, or the wait for it, is with a replica. */
    boolean onReplica() {
        return replica != null;
    }

    /**
     * Whether the replica has been away since it was chosen, and so may show less than it did; only
     * before anything is sent to it.
     */
    boolean outdated() {
        Replica there = replica;
        return there != null && !sent && copy != null && there.probe().incarnation() != incarnation;
    }

    /** Whether a message must wait until the replica has answered the batch before. */
    boolean holdsBack() {
        return sent;
    }

    /** The end of a batch is sent. */
    void sent() {
        sent = replica != null;
    }

    /** Whether nothing of the replica's answer has been passed on: all of it can be had again. */
    boolean undecided() {
        return copy != null && sent;
    }

    /** Takes the batch out, which is asked for again; null if it was not sent to a replica. */
    @Nullable ByteBuf takeBatch() {
        ByteBuf kept = undecided() ? copy : null;
        if (kept != null) {
            copy = null;
        }
        return kept;
    }

    /** The answer is there, and it is the client's. */
    void answered() {
        forgetCopy();
    }

    private void forgetCopy() {
        ByteBuf kept = copy;
        if (kept != null) {
            copy = null;
            kept.release();
        }
    }

    /** The lease is over: all has been answered. */
    void ended() {
        Replica there = replica;
        leftReplica();
        decided = null;
        floor.visited(there == null ? router.primary() : there.probe(), System.nanoTime());
        counters.read(there != null);
    }

    private void leftReplica() {
        Replica there = replica;
        if (there != null) {
            replica = null;
            there.ended();
        }
        sent = false;
        forgetCopy();
    }

    /**
     * A replica has failed before it answered anything: the primary shall answer.
     *
     * @param refused whether it would refuse that statement always
     */
    void retry(boolean refused) {
        byte[] statement = text;
        if (refused && statement != null) {
            router.refused(statement);
        }
        counters.stayed(Stay.RETRIED);
        leftReplica();
        decided = Router.Choice.PRIMARY;
    }

    /** The session's state cannot be brought to a replica: none is asked any more. */
    void never() {
        never = true;
        leftReplica();
        decided = Router.Choice.PRIMARY;
    }

    /** The client is gone. */
    void close() {
        Wait waiting = wait;
        if (waiting != null) {
            waiting.cancel();
        }
        Future<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
            deadline = null;
        }
        leftReplica();
    }
}

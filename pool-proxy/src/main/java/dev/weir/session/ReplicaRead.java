package dev.weir.session;

import dev.weir.balance.Outcome;
import dev.weir.balance.Replica;
import dev.weir.pool.Hold;
import dev.weir.pool.Pool;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * What one session reads at a replica, from the choice of that to the end of the answer: until the
 * first of the answer is there, all of the batch is kept, to be asked again elsewhere. Confined to
 * the client's loop.
 */
final class ReplicaRead {
    private final Function<Replica, Pool> pools;

    /** Null if the session reads at none. */
    private @Nullable Replica replica;

    /** The {@link dev.weir.health.Probe#incarnation} of the replica when it was chosen. */
    private int incarnation;

    private Outcome outcome = Outcome.ANSWERED;
    private String failure = "";

    /** The statement that was executed last in the batch; null if none is to be read. */
    private byte @Nullable [] text;

    /** All of the batch, if it is more than a Query. */
    private byte @Nullable [] batch;

    /** Nothing of the answer is there. */
    private boolean open;

    /** The whole batch has been sent: what follows has to wait. */
    private boolean sent;

    /** Whom {@link #pool} is on; null as long as none has been asked. */
    private @Nullable Replica poolOf;

    private @Nullable Pool pool;

    ReplicaRead(Function<Replica, Pool> pools) {
        this.pools = pools;
    }

    // ---- before it is sent ----

    /** A batch from {@code at} to {@code end} is to be read at some replica. */
    void keep(ByteBuf in, int at, int end, FrontendMessage type, byte @Nullable [] statement) {
        text = statement;
        // Perf: a Query is mostly its text, and that is at hand.
        batch = isAllOf(statement, end - at, type) ? null : ByteBufUtil.getBytes(in, at, end - at);
        open = true;
    }

    private static boolean isAllOf(byte @Nullable [] statement, int length, FrontendMessage type) {
        return type == FrontendMessage.QUERY
                && statement != null
                && length == FrontendMessage.HEADER + statement.length + 1;
    }

    /** The pool of that replica, at which something is read from now on. */
    Pool begin(Replica chosen) {
        if (replica == null) {
            replica = chosen;
            incarnation = chosen.probe().incarnation();
            outcome = Outcome.NEITHER;
            chosen.begun();
        }
        Pool known = pool;
        if (known == null || poolOf != chosen || known.hold() == Hold.CLOSED) {
            known = pools.apply(chosen);
            poolOf = chosen;
            pool = known;
        }
        return known;
    }

    /** Null if there is none. */
    @Nullable Replica replica() {
        return replica;
    }

    /** Whether a batch is to go to the replica, and has not been sent. */
    boolean unsent() {
        return open && !sent;
    }

    /** Whether the whole batch has been sent. */
    boolean sent() {
        return sent;
    }

    void sent(boolean whole) {
        sent = whole;
    }

    /** Whether a batch is kept that could be asked again. */
    boolean keeps() {
        return open;
    }

    /** Whether the replica has been away since it was chosen, and so may show less than it did. */
    boolean awayMeanwhile() {
        Replica there = replica;
        return there != null && there.probe().incarnation() != incarnation;
    }

    // ---- what becomes of it ----

    /** Whether nothing of the replica's answer has been passed on: all of it can be had again. */
    boolean undecided() {
        return open && sent;
    }

    /** Takes the batch out, which is asked for again; null if it was not sent to a replica. */
    byte @Nullable [] takeBatch() {
        if (!undecided()) {
            return null;
        }
        open = false;
        byte[] kept = batch;
        return kept != null ? kept : query();
    }

    private byte @Nullable [] query() {
        byte[] statement = text;
        return statement == null
                ? null
                : ByteBuffer.allocate(FrontendMessage.HEADER + statement.length + 1)
                        .put(FrontendMessage.QUERY.code())
                        .putInt(FrontendMessage.LENGTH_FIELD + statement.length + 1)
                        .put(statement)
                        .array();
    }

    /** The statement that was executed last in the batch; null if that has been answered. */
    byte @Nullable [] text() {
        return text;
    }

    /** The answer is there, and it is the client's. */
    void answered() {
        outcome = Outcome.ANSWERED;
        open = false;
        text = null;
        batch = null;
    }

    /**
     * The replica has failed, and not only at what was asked.
     *
     * @param why half a sentence for the log
     */
    void failed(String why) {
        outcome = Outcome.FAILED;
        failure = why;
    }

    /** The replica has ended one server connection on its own account, which tells nothing. */
    void leftAlone() {
        outcome = Outcome.NEITHER;
    }

    /** Nothing more comes of it, and nothing is kept. */
    void over() {
        Replica there = replica;
        if (there != null) {
            replica = null;
            there.ended(outcome, failure);
        }
        sent = false;
        open = false;
        batch = null;
    }

    /** Whether it was answered, or there is none. */
    boolean isAnswered() {
        return replica == null || outcome == Outcome.ANSWERED;
    }
}

package dev.weir.session;

import dev.weir.balance.Replica;
import dev.weir.classify.Route;
import dev.weir.classify.TransactionCommand;
import dev.weir.classify.Verdict;
import dev.weir.config.PoolConfig;
import dev.weir.freshness.Floor;
import dev.weir.pool.Pool;
import dev.weir.router.Router;
import dev.weir.router.Stay;
import dev.weir.server.ServerUnavailableException;
import dev.weir.session.statement.PreparedStatements;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * Where the statements of one session go, between its transactions: what has to be on the primary,
 * which replica is fresh enough for the rest, and what the session has seen so far. Confined to the
 * client's loop.
 */
final class Routing {
    private final ClientSession session;
    private final Router router;
    private final RouteCounters counters;
    private final ReadBatch batch;
    private final Patience waits;
    private final Floor floor = new Floor();
    private final RouteWishes wishes;
    private final FreshReplica fresh;
    private final ReplicaRead read;
    private final Opening opening = new Opening();
    private final Inherited inherited = new Inherited();

    /** What the next lease is to be; null if that is not decided. */
    private Router.@Nullable Choice decided;

    /** Whether a BEGIN may wait for what follows. */
    private final boolean holds;

    /** The state of this session cannot be brought to a replica. */
    private boolean never;

    /** Null if the session may write. */
    private final @Nullable ReadOnlyRouting readOnly;

    /** Which is to greet the client, or does; null if that is over, or the primary's. */
    private @Nullable Replica greeter;

    Routing(
            ClientSession session,
            Routed routed,
            PreparedStatements statements,
            PoolConfig.Mode mode) {
        this.session = session;
        this.holds = mode == PoolConfig.Mode.TRANSACTION;
        this.router = routed.router();
        this.counters = routed.counters();
        this.read = new ReplicaRead(routed.pools());
        this.batch = new ReadBatch(router, statements);
        this.waits = new Patience(session);
        statements.askedAgain(this::onReplica);
        // Whoever connects again sees what was there when it did.
        floor.visited(router.primary(), System.nanoTime());
        ReadOnly.Terms terms = routed.readOnly();
        this.wishes = new RouteWishes(session, router, floor, waits, routed.usual(), terms != null);
        this.fresh = new FreshReplica(session, routed, floor, wishes, waits);
        this.readOnly =
                terms == null
                        ? null
                        : new ReadOnlyRouting(terms, router, floor, fresh, waits, batch);
        this.greeter = terms == null ? null : terms.greeter();
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
        if (!wishes.look(in, at, end, type, total)) {
            return false;
        }
        if (readOnly != null) {
            return decide(readOnly, in, at, end, type, total);
        }
        if (never || !readable()) {
            decided = Router.Choice.PRIMARY;
            return true;
        }
        if (opening.failed()
                || !batch.reads(
                        in, at, end, type, total, route(), inherited.modes(), opening.modes())) {
            Verdict verdict = batch.verdict();
            if (verdict != null && !opening.failed()) {
                counters.stayed(verdict.reason());
            }
            decided = Router.Choice.PRIMARY;
            return true;
        }
        Router.Choice choice = fresh.choose();
        if (choice == null && fresh.mayWait()) {
            fresh.await();
            return false;
        }
        if (choice == null) {
            choice = fresh.settle();
        }
        waits.over();
        decide(choice, in, at, type);
        return true;
    }

    /** Decides the same for a session that must not write: whatever it is, it is for a replica. */
    private boolean decide(
            ReadOnlyRouting only, ByteBuf in, int at, int end, FrontendMessage type, long total) {
        greeter = null;
        boolean certain = readable() && !opening.held();
        Router.Choice choice =
                only.decide(in, at, end, type, total, certain ? inherited.modes() : null);
        if (choice == null) {
            return false;
        }
        if (only.repeatable()) {
            decide(choice, in, at, type);
        } else {
            decided = choice;
        }
        return true;
    }

    // ---- in a session that only reads ----

    /**
     * Why the statement that was to be decided about cannot be carried out, once; null if it can.
     */
    @Nullable ServerUnavailableException takeRefusal() {
        return readOnly == null ? null : readOnly.takeRefusal();
    }

    /**
     * The client does not want to wait for a replica any longer.
     *
     * @return whether it did
     */
    boolean withdraw(ServerUnavailableException reason) {
        if (readOnly == null || !waiting()) {
            return false;
        }
        readOnly.refuse(reason);
        return true;
    }

    /** Whether the session must not write, whatever it says. */
    boolean readOnly() {
        return readOnly != null;
    }

    /** Whether another server is to be asked, since this one is not to be had. */
    boolean triesOn(ServerUnavailableException reason) {
        return onReplica()
                && !reason.sqlState().equals(SqlState.QUERY_CANCELED.code())
                && (readOnly == null
                        || readOnly.mayFallBack()
                        || reason.kind() != ServerUnavailableException.Kind.WAITED_TOO_LONG);
    }

    // ---- what the session asks for ----

    private Route route() {
        Route hint = opening.route();
        return hint == null ? wishes.route() : hint;
    }

    /** What is wrong with the setting of Weir's that the message sets; null if nothing is. */
    @Nullable String mistake(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        return wishes.mistake(in, at, end, type, total);
    }

    private boolean readable() {
        inherited.look(session.clientParameters(), session.state().wanted());
        return inherited.readable();
    }

    private void decide(Router.Choice choice, ByteBuf in, int at, FrontendMessage type) {
        decided = choice;
        Stay stay = choice.stay();
        if (stay != null) {
            counters.stayed(stay);
        }
        if (choice.replica() != null) {
            read.keep(in, at, batch.end(), type, batch.text());
        }
    }

    /** Whether the client's next message waits for a replica to tell how far it is. */
    boolean waiting() {
        return waits.waiting();
    }

    /** The statement that was decided about is not carried out. */
    void refused() {
        leftReplica();
        decided = null;
        wishes.over();
    }

    // ---- a BEGIN that waits for what follows ----

    /**
     * Answers, in a session that has no server connection, what only begins or ends a transaction.
     *
     * @return what to answer; null if a server is to
     */
    @Nullable TransactionCommand answers(ByteBuf in, int at, int end, long total) {
        if (decided != null || waiting() || (!opening.held() && (!holds || never || !readable()))) {
            return null;
        }
        return opening.answers(in, at, end, total);
    }

    /** The status of a session that has no server connection. */
    byte status() {
        return opening.status();
    }

    /** The client has been told that its statement has failed, and no server has seen it. */
    void failed() {
        if (opening.held()) {
            opening.fail();
        }
    }

    /** What the server connection just lent has to hear first; null if nothing. */
    byte @Nullable [] takeOpening() {
        return opening.take();
    }

    /** Whether it begins a transaction that has failed. */
    boolean openingFails() {
        return opening.failed();
    }

    /** The server connection that was to hear it has gone. */
    void openingLost() {
        opening.notSent();
    }

    /** It has begun the transaction, unless another may have to. */
    void opened() {
        if (!onReplica() || !read.keeps()) {
            opening.clear();
        }
    }

    // ---- the lease ----

    /** The pool of the next lease. */
    Pool lender(Pool primary) {
        Router.Choice choice = decided;
        Replica chosen = greeter != null ? greeter : choice == null ? null : choice.replica();
        if (chosen == null) {
            return primary;
        }
        return read.begin(chosen);
    }

    /** Whether the lease, or the wait for it, is with a replica. */
    boolean onReplica() {
        return read.replica() != null;
    }

    /** Whether it is with this one. */
    boolean isOn(Replica one) {
        return read.replica() == one;
    }

    /**
     * The replica has failed, and not only at what was asked.
     *
     * @param why half a sentence for the log
     */
    void replicaFailed(String why) {
        read.failed(why);
    }

    /** The replica has ended one server connection on its own account, which tells nothing. */
    void leftAlone() {
        read.leftAlone();
    }

    /**
     * Whether the replica has been away since it was chosen, and so may show less than it did; only
     * before anything is sent to it.
     */
    boolean outdated() {
        return !read.sent()
                && greeter == null
                && (read.keeps() || readOnly != null)
                && read.awayMeanwhile();
    }

    /** Whether a batch is to go to the replica, and has not been sent. */
    boolean unsent() {
        return read.unsent();
    }

    /** Whether a message must wait until the replica has answered the batch before. */
    boolean holdsBack() {
        return read.sent();
    }

    /** The end of a batch is sent. */
    void sent() {
        read.sent(onReplica() || readOnly != null);
    }

    /** The batch is answered, and the transaction goes on. */
    void goesOn() {
        read.sent(false);
    }

    /** Whether nothing of the replica's answer has been passed on: all of it can be had again. */
    boolean undecided() {
        return read.undecided();
    }

    /** Takes the batch out, which is asked for again; null if it was not sent to a replica. */
    byte @Nullable [] takeBatch() {
        return read.takeBatch();
    }

    /** The answer is there, and it is the client's. */
    void answered() {
        opening.clear();
        read.answered();
    }

    /** The lease is over: all has been answered. */
    void ended() {
        Replica there = read.replica();
        boolean answered = read.isAnswered();
        leftReplica();
        decided = null;
        wishes.over();
        if (greeter != null) {
            greeter = null;
            return;
        }
        if (readOnly != null) {
            readOnly.over();
        }
        floor.visited(there == null ? router.primary() : there.probe(), System.nanoTime());
        if (answered) {
            counters.read(there != null);
        }
    }

    private void leftReplica() {
        read.over();
        opening.notSent();
    }

    /**
     * A replica has failed before it answered anything: the primary shall answer.
     *
     * @param refused whether it would refuse that statement always
     */
    void retry(boolean refused) {
        if (readOnly != null && !readOnly.mayFallBack()) {
            readOnly.failed(read.replica());
            leftReplica();
            decided = null;
            return;
        }
        byte[] statement = read.text();
        if (refused && statement != null) {
            router.refused(statement);
        }
        counters.stayed(Stay.RETRIED);
        leftReplica();
        decided = Router.Choice.PRIMARY;
    }

    /** A replica was not to be had: the primary shall answer. */
    void retry(ServerUnavailableException reason) {
        if (reason.kind() == ServerUnavailableException.Kind.UNREACHABLE) {
            replicaFailed(reason.sentence());
        }
        retry(false);
    }

    /** The session's state cannot be brought to a replica: none is asked any more. */
    void never() {
        never = true;
        leftReplica();
        decided = Router.Choice.PRIMARY;
    }

    /** The client is gone. */
    void close() {
        waits.over();
        leftReplica();
    }
}

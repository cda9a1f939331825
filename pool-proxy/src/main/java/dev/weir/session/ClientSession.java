package dev.weir.session;

import dev.weir.balance.Replica;
import dev.weir.config.LimitsConfig;
import dev.weir.config.PoolConfig;
import dev.weir.config.TimeoutsConfig;
import dev.weir.net.BrokenChannel;
import dev.weir.net.BufferMemory;
import dev.weir.net.TlsSession;
import dev.weir.pool.Pool;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerParameters;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerView;
import dev.weir.server.SessionState;
import dev.weir.telemetry.Count;
import dev.weir.wire.Backend;
import dev.weir.wire.CancelKey;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Set;

/**
 * One client after its login: brings the two streams of bytes and the pool together, and owns the
 * server connection while it is lent. Everything here happens on the client's loop, which a lent
 * server connection shares.
 */
final class ClientSession extends ChannelInboundHandlerAdapter implements ServerConnection.Holder {
    /** What all sessions share. */
    record Shared(
            LimitsConfig limits,
            CancelKeys cancelKeys,
            StatementCatalog catalog,
            CustomSettings custom,
            Cancels cancels,
            ChannelListeners listeners,
            Watches watches,
            BufferMemory memory) {}

    private final long id;
    private final long connectedMillis = System.currentTimeMillis();
    private final Channel channel;
    private final Shared shared;
    private final Pool pool;
    private final PoolConfig.Mode mode;
    private final Runnable onEnd;
    private final CancelKey cancelKey;
    private final ReplyQueue replies = new ReplyQueue();
    private final ClientOutput output;
    private final FlowControl flow;
    private final StateTracker state;
    private final Greeting greeting;
    private final Stopwatch stopwatch;
    private final Lending lending;
    private final CopyIn copy = new CopyIn(replies);
    private final PreparedStatements statements;

    /** Null where all goes to the primary. */
    private final @Nullable Routing routing;

    private final ClientStream clientStream;
    private final ServerStream serverStream;
    private final LeaseStart leaseStart;
    private final LeaseEnd leaseEnd;

    /** Null where all goes to the primary. */
    private final @Nullable ReplicaFallback fallback;

    private final Departure departure;

    /** Null where no time is limited. */
    private final @Nullable Deadlines deadlines;

    private final Watch watch;

    /** Reads from the client, and transactions, so far. */
    private long reads;

    private long transactions;

    /** Null until the client first listens. */
    private @Nullable Listening listening;

    private boolean toServer;

    /**
     * The server has sent a FATAL error, which the client has seen; the end of the connection
     * follows.
     */
    private boolean serverGoodbye;

    private boolean terminated;
    private boolean gone;

    /**
     * A session of a client that has proved who it is.
     *
     * @param id its number
     * @param settings what its startup packet asked for
     * @param protocol the version that is spoken with it
     * @param limited what limits its transactions
     * @param routed where its reads may go; null if all goes to the primary
     * @param onEnd called once when the client is gone
     */
    ClientSession(
            long id,
            Channel channel,
            int loopNumber,
            Shared shared,
            Pool pool,
            SessionState settings,
            int protocol,
            TransactionLimits limited,
            @Nullable Routed routed,
            Runnable onEnd) {
        this.id = id;
        this.channel = channel;
        this.shared = shared;
        this.pool = pool;
        this.mode = pool.config().mode();
        this.onEnd = onEnd;
        this.cancelKey = shared.cancelKeys().register(this, protocol);
        this.output = new ClientOutput(channel, pool);
        this.flow = new FlowControl(this, channel, shared.memory());
        SessionState asked = pool.profiles().shared(settings);
        this.state = new StateTracker(pool, replies, shared.custom(), asked, cancelKey);
        this.greeting =
                new Greeting(
                        channel,
                        routed == null ? pool : routed.greeter(pool),
                        cancelKey,
                        asked,
                        routed != null && routed.readOnly() != null);
        this.stopwatch = new Stopwatch(pool.counters().loop(loopNumber));
        this.lending = new Lending(this, channel, loopNumber, pool, stopwatch, limited);
        stopwatch.counters().add(Count.LOGINS);
        LimitsConfig limits = shared.limits();
        this.statements =
                new PreparedStatements(
                        replies,
                        shared.catalog(),
                        state,
                        new TextEffects(
                                state,
                                shared.custom(),
                                StatefulFunctions.of(pool.config().statefulFunctions())),
                        mode != PoolConfig.Mode.SESSION,
                        limits.maxStatementSize());
        this.routing = routed == null ? null : new Routing(this, routed, statements, mode);
        this.clientStream = new ClientStream(this, statements, limits.maxMessageSize());
        this.serverStream = new ServerStream(this, statements);
        this.leaseStart = new LeaseStart(this, pool, lending, state, greeting, stopwatch, routing);
        this.leaseEnd = new LeaseEnd(this, lending, state, routing);
        this.fallback =
                routing == null
                        ? null
                        : new ReplicaFallback(this, routing, lending, statements.outcomes());
        this.departure = new Departure(this, limits.clientGoneTimeout());
        TimeoutsConfig timeouts = pool.config().timeouts();
        this.watch = shared.watches().of(loopNumber, Deadlines.brisk(timeouts));
        this.deadlines =
                Deadlines.needed(timeouts)
                        ? new Deadlines(timeouts, new SessionProgress(this, lending))
                        : null;
        if (deadlines != null) {
            watch.add(deadlines);
        }
    }

    Channel channel() {
        return channel;
    }

    ReplyQueue replies() {
        return replies;
    }

    ClientStream clientStream() {
        return clientStream;
    }

    ServerStream serverStream() {
        return serverStream;
    }

    ClientOutput output() {
        return output;
    }

    PoolConfig.Mode mode() {
        return mode;
    }

    Stopwatch stopwatch() {
        return stopwatch;
    }

    StateTracker state() {
        return state;
    }

    /** What this session listens to through the shared listener. */
    Listening listening() {
        Listening known = listening;
        // The primary may be elsewhere now.
        if (known == null || known.idle()) {
            known = new Listening(this, shared.listeners().of(pool.target()));
            listening = known;
        }
        return known;
    }

    @Nullable ServerConnection server() {
        return lending.server();
    }

    CopyIn copy() {
        return copy;
    }

    @Nullable Routing routing() {
        return routing;
    }

    /** What the client takes for the server's values; null before the end of its login. */
    @Nullable ServerParameters clientParameters() {
        return greeting.known();
    }

    long id() {
        return id;
    }

    Pool pool() {
        return pool;
    }

    /** As it is now, for those who look; null if it is gone. */
    @Nullable ClientView view() {
        if (gone) {
            return null;
        }
        ServerConnection lent = lending.server();
        Long since = stopwatch.askedForNanos(System.nanoTime());
        return new ClientView(
                id,
                pool.key(),
                lent != null
                        ? ClientView.State.ACTIVE
                        : lending.waiting() ? ClientView.State.WAITING : ClientView.State.IDLE,
                channel.remoteAddress(),
                channel.localAddress(),
                connectedMillis,
                lending.waiting() ? lending.waitedNanos() : since == null ? 0 : since,
                lent == null ? 0 : lent.id(),
                TlsSession.description(channel),
                state.wanted().settings().getOrDefault("application_name", ""),
                statements.named(),
                List.copyOf(state.pins()));
    }

    /** Whether nobody reads any more what the server sends. */
    boolean gone() {
        return gone;
    }

    /** Whether the client's next message has to wait. */
    boolean blocked() {
        return lending.waiting()
                || !greeting.over()
                || state.busy()
                || terminated
                || gone
                || (routing != null && routing.waiting())
                || waitsForReplies()
                || (deadlines != null && deadlines.cancelling());
    }

    /** Whether the client's next message has to wait for what the server still has to say. */
    boolean waitsForReplies() {
        return replies.isFull() || clientStream.waitsForOutcome();
    }

    // ---- greeting ----

    /** Ends the login, see {@link LeaseStart#greet}. */
    void greet() {
        leaseStart.greet();
    }

    /** Whether the login has not ended. */
    boolean greets() {
        return !greeting.over();
    }

    // ---- the client ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes) || gone || terminated) {
            ReferenceCountUtil.release(message);
            return;
        }
        stopwatch.counters().add(Count.RECEIVED, bytes.readableBytes());
        reads++;
        try {
            clientStream.read(bytes);
        } catch (ProtocolException e) {
            farewell(e.sqlState(), String.valueOf(e.getMessage()));
        }
        ServerConnection lent = lending.server();
        if (lent != null && replies.isEmpty() && !gone && !terminated) {
            // The last piece of a message that nobody waits for, such as data of a COPY that has
            // failed meanwhile: no reply will come that could end the lease.
            leaseEnd.ends(lent);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        flushServer();
        output.flush();
        if (lending.waiting() || state.busy() || flow.underPressure()) {
            flow.regulateClient();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (gone) {
            return;
        }
        flow.regulateServer();
        if (channel.isWritable()) {
            if (clientStream.waitsForOutcome()) {
                proceed();
            }
            deliverNotifications();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        leave();
    }

    /** The client went away before this session could hear of it. */
    void channelInactive() {
        leave();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        BrokenChannel.close(context, cause, "client connection");
    }

    /** The client has said Terminate: what it sent before is still carried out (section 54.2.9). */
    void terminated() {
        terminated = true;
        if (lending.server() == null || replies.isEmpty()) {
            answered();
        }
    }

    /** Ends the session of a client to which nothing is owed. */
    private void answered() {
        output.close();
        leave();
    }

    /** Says a FATAL error and closes. */
    void farewell(String sqlState, String message) {
        if (gone) {
            return;
        }
        output.lastWords(sqlState, message);
        leave();
    }

    /** The client is gone, one way or another; what it leaves behind is cleaned up. */
    private void leave() {
        if (gone) {
            return;
        }
        gone = true;
        stopwatch.counters().add(Count.DEPARTURES);
        shared.cancelKeys().remove(cancelKey);
        onEnd.run();
        clientStream.release();
        if (deadlines != null) {
            watch.remove(deadlines);
        }
        Listening known = listening;
        if (known != null) {
            known.close();
        }
        lending.forget();
        ServerConnection lent = lending.server();
        if (routing != null && lent == null) {
            routing.close();
        }
        if (lent != null) {
            lent.channel().config().setAutoRead(true);
            state.leave(lent);
            departure.begin(lent, terminated);
        }
    }

    // ---- the lease ----

    /** Asks for a server connection; null if the client has to wait, or has been refused. */
    @Nullable ServerConnection lease() {
        return lending.lease();
    }

    /** Whether it must not write, whatever it says. */
    boolean readOnly() {
        return routing != null && routing.readOnly();
    }

    /** The pool of the next lease: the primary's, unless a replica is to answer. */
    Pool lender(Pool primary) {
        return routing == null ? primary : routing.lender(primary);
    }

    /** A server connection has left this session, in whatever state. */
    void leaseEnded() {
        if (routing == null) {
            return;
        }
        routing.ended();
        if (gone) {
            routing.close();
        }
    }

    /** The refusal that {@link #lease} met at once. */
    @Nullable ServerUnavailableException takeRefusal() {
        return lending.takeRefusal();
    }

    /**
     * Makes a server connection just lent fit for the client's message.
     *
     * @return false if that takes until later
     */
    boolean ready(ServerConnection lent) {
        return leaseStart.ready(lent);
    }

    /** The wait for a server connection is over. */
    void granted(ServerConnection lent) {
        leaseStart.granted(lent);
    }

    /** Gives what is lent back, unused, if it leads to a replica that has been away meanwhile. */
    boolean outdated() {
        return leaseStart.outdated();
    }

    /** The wait ended without one. */
    void refused(ServerUnavailableException reason) {
        leaseStart.refused(reason);
    }

    /** The server connection that was to come has gone; nothing was sent to it. */
    void lendingLost() {
        leaseStart.lost();
    }

    /** Goes on with what the client has sent, after a wait. */
    void proceed() {
        try {
            clientStream.resume();
        } catch (ProtocolException e) {
            farewell(e.sqlState(), String.valueOf(e.getMessage()));
        }
        settle();
    }

    /** Flushes, and reads on from the client, as far as that is possible. */
    void settle() {
        flushServer();
        output.flush();
        if (!gone) {
            flow.regulateClient();
        }
    }

    /** The client has seen these values pass by. */
    void told(ServerParameters now) {
        greeting.told(now);
    }

    // ---- the server ----

    @Override
    public void serverRead(ServerConnection from, ByteBuf bytes) {
        stopwatch.counters().add(Count.SENT, bytes.readableBytes());
        boolean waited = waitsForReplies();
        try {
            serverStream.read(from, bytes);
        } catch (ProtocolException e) {
            from.poison();
            farewell(
                    SqlState.PROTOCOL_VIOLATION.code(),
                    "The server connection was given up: " + e.getMessage() + ".");
            return;
        }
        if (replies.isEmpty()) {
            drained(from);
        } else if (waited && !replies.isFull() && !gone) {
            proceed();
        }
    }

    /** PostgreSQL has told the session's state. */
    void captured() {
        Set<String> channels = state.wanted().channels();
        if (listening != null || !channels.isEmpty()) {
            listening().settle(channels);
        }
    }

    /** Whether the client is between transactions, and nothing is owed to it. */
    boolean quiet() {
        ServerConnection lent = lending.server();
        return !gone
                && greeting.over()
                && status() == Backend.IDLE
                && !state.busy()
                && (lent == null
                        || (lent.status() == Backend.IDLE
                                && replies.isEmpty()
                                && !clientStream.batchOpen()
                                && !copy.open()
                                && serverStream.betweenMessages()));
    }

    /** The status that the client was told last, if nothing is under way. */
    byte status() {
        ServerConnection lent = lending.server();
        return lent != null ? lent.status() : routing == null ? Backend.IDLE : routing.status();
    }

    private void deliverNotifications() {
        Listening known = listening;
        if (known != null) {
            known.deliver();
        }
    }

    /** Nothing is owed any more: the server connection goes back if the transaction is over. */
    private void drained(ServerConnection lent) {
        if (lending.server() != lent) {
            return;
        }
        if (lent.status() == Backend.IDLE) {
            transactions++;
        }
        if (gone) {
            departure.drained(lent);
        } else if (!greeting.over()) {
            leaseStart.greetOn(lent);
        } else if (!leaseStart.brought(lent) || (!terminated && leaseEnd.refuses(lent))) {
            return;
        } else if (terminated) {
            answered();
        } else if (leaseEnd.ends(lent)) {
            deliverNotifications();
            if (clientStream.heldBytes() > 0) {
                proceed();
            }
        }
    }

    /** Whether nothing is lost for the client if the server connection ends now. */
    boolean needsNoMore(ServerConnection lent) {
        return leaseEnd.needsNoMore(lent);
    }

    /** Whether the server has said its last words. */
    boolean serverGoodbye() {
        return serverGoodbye;
    }

    /** Returns the server connection, clean and idle, to its pool. */
    void giveBack() {
        lending.giveBack();
    }

    /** Gives a server connection up that cannot be brought back to order. */
    void abandonServer() {
        lending.abandon();
        serverStream.release();
    }

    @Override
    public ServerView.State purpose() {
        return ServerView.State.ACTIVE;
    }

    @Override
    public long client() {
        return id;
    }

    @Override
    public void serverReadComplete(ServerConnection from) {
        flow.regulateAnswers();
        output.flush();
        flushServer();
    }

    @Override
    public void serverWritabilityChanged(ServerConnection from) {
        if (!gone) {
            flow.regulateClient();
        }
    }

    @Override
    public void serverClosed(ServerConnection from) {
        if (lending.server() != from) {
            return;
        }
        if (fallback != null && fallback.closed(from, serverGoodbye)) {
            return;
        }
        String address = lending.lender().target().address();
        lending.lost();
        serverStream.release();
        departure.over();
        String lost =
                "PostgreSQL at %s closed the server connection unexpectedly; the statement may or may not have been carried out."
                        .formatted(address);
        if (state.replaceable(from) && !gone) {
            leaseStart.lostUnused(lost);
        } else if (serverGoodbye) {
            answered();
        } else {
            farewell(SqlState.CONNECTION_FAILURE.code(), lost);
        }
    }

    /**
     * The server's last words have passed by.
     *
     * @param heard whether the client has seen them
     */
    void serverSaidGoodbye(boolean heard) {
        serverGoodbye = heard;
        ServerConnection lent = lending.server();
        if (lent != null) {
            lent.poison();
        }
    }

    // ---- what a replica does not answer ----

    /**
     * A replica has failed before it answered anything of a batch of reads: the primary is asked.
     */
    void replicaFailed(ServerConnection from, FirstAnswer.Found how) {
        if (fallback != null) {
            fallback.failed(from, how);
        }
    }

    /** A replica answers nothing any more, neither its reads nor other questions. */
    void replicaSilent(Replica silent) {
        if (fallback != null) {
            fallback.silent(silent);
        }
    }

    /** What was asked is asked again, of another server, which has said nothing yet. */
    void asksAgain() {
        serverGoodbye = false;
    }

    // ---- COPY, errors ----

    void copyStarted(ServerConnection lent, Reply head, boolean endSent) {
        if (head == Reply.EXECUTE && !replies.contains(Reply.SYNC)) {
            clientStream.copyAteSync();
        }
        if (gone && !endSent) {
            departure.failCopy(lent, head);
        }
    }

    /** A COPY has failed, and it is to be found out which of the client's Syncs counted. */
    void settleCopy(ServerConnection lent, boolean skips) {
        if (gone) {
            return;
        }
        copy.settle(skips);
        if (!clientStream.midMessage()) {
            ByteBuf question = lent.channel().alloc().directBuffer(64);
            copy.ask(question);
            lent.write(question);
            toServer = true;
        }
    }

    /** It has been found out. */
    void copySettled(boolean skips) {
        clientStream.synced();
        if (skips) {
            skipToSync();
        }
    }

    void skipToSync() {
        if (!gone) {
            clientStream.skipToSync();
        }
    }

    // ---- time ----

    /** What to say of an error that came because Weir had stopped the statement; null if not. */
    @Nullable String stoppedByWeir(ErrorFields fields) {
        return deadlines != null && fields.sqlState().equals(SqlState.QUERY_CANCELED.code())
                ? deadlines.takeCancelled()
                : null;
    }

    /** Reads from the client so far. */
    long reads() {
        return reads;
    }

    /** Transactions so far. */
    long transactions() {
        return transactions;
    }

    // ---- cancel ----

    /**
     * Somebody with this session's key wants its statement stopped. On the client's loop; {@code
     * done} runs when that has been settled.
     */
    void cancel(Runnable done) {
        ServerConnection lent = lending.server();
        if (gone || !greeting.over() || state.restore().bringing()) {
            done.run();
        } else if (lending.waiting()) {
            if (lending.withdraw()) {
                refused(canceled());
            }
            done.run();
        } else if (lent != null && replies.anyForClient()) {
            cancelRunning(lent, done);
        } else {
            if (routing != null && routing.withdraw(canceled())) {
                proceed();
            }
            done.run();
        }
    }

    private static ServerUnavailableException canceled() {
        return new ServerUnavailableException(
                ServerUnavailableException.Kind.WAITED_TOO_LONG,
                SqlState.QUERY_CANCELED,
                "canceling statement due to user request");
    }

    /**
     * Stops what runs on the server connection that is lent.
     *
     * @param settled run when that can do no more harm to what follows
     */
    void cancelRunning(ServerConnection lent, Runnable settled) {
        shared.cancels().send(lending.lender(), lent, settled);
    }

    // ---- flushing ----

    void wroteToServer(boolean wrote) {
        toServer |= wrote;
    }

    void flushServer() {
        ServerConnection lent = lending.server();
        if (toServer && lent != null) {
            toServer = false;
            lent.flush();
        }
    }
}

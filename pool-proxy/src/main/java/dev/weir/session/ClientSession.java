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
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
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

    /** Server connections that may be tried before a client hears that its state is refused. */
    private static final int MAX_UNFIT = 3;

    /** What is kept of the answers while memory is scarce: a page, and twice that. */
    private static final WriteBufferWaterMark NARROW = new WriteBufferWaterMark(4096, 8192);

    private final long id;
    private final long connectedMillis = System.currentTimeMillis();
    private final Channel channel;
    private final Shared shared;
    private final Pool pool;
    private final PoolConfig.Mode mode;
    private final Runnable onEnd;
    private final CancelKey cancelKey;
    private final ReplyQueue replies = new ReplyQueue();
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
    private final Departure departure;

    /** Null where no time is limited. */
    private final @Nullable Deadlines deadlines;

    private final Watch watch;

    /** Reads from the client, and transactions, so far. */
    private long reads;

    private long transactions;

    /** Null until the client first listens. */
    private @Nullable Listening listening;

    /** Server connections in a row that could not be brought to this session's state. */
    private int unfit;

    private boolean toServer;
    private boolean toClient;

    /**
     * The server has sent a FATAL error, which the client has seen; the end of the connection
     * follows.
     */
    private boolean serverGoodbye;

    private boolean terminated;
    private boolean gone;

    /** Little of its answers is kept for the client. */
    private boolean narrow;

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
        this.departure = new Departure(this, limits.clientGoneTimeout());
        TimeoutsConfig timeouts = pool.config().timeouts();
        this.watch = shared.watches().of(loopNumber, Deadlines.brisk(timeouts));
        this.deadlines =
                Deadlines.needed(timeouts) ? new Deadlines(timeouts, new Progress()) : null;
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
    private boolean waitsForReplies() {
        return replies.isFull() || clientStream.waitsForOutcome();
    }

    // ---- greeting ----

    /**
     * Ends the login: tells the client the server's parameters, which may take a server connection
     * to find out.
     */
    void greet() {
        SessionState known = greeting.atOnce();
        if (known != null) {
            state.startedAs(known);
            return;
        }
        ServerConnection lent = lending.acquire();
        ServerUnavailableException refusal = lending.takeRefusal();
        if (lent != null) {
            granted(lent);
        } else if (refusal != null) {
            refused(refusal);
        }
    }

    /** One more step is done of what the greeting waits for. */
    private void greetOn(ServerConnection lent) {
        ErrorFields refused = state.takeRefused();
        if (refused != null) {
            farewell(refused.sqlState(), refused.message());
        } else if (state.takeFresh()) {
            state.captureStartup(lent);
            lent.flush();
        } else {
            state.startedAs(lent.label());
            greeting.from(lent);
            stopwatch.abandoned();
            lending.giveBack();
            proceed();
        }
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
        if (lent != null && replies.isEmpty() && !gone && !terminated && returnable(lent)) {
            // The last piece of a message that nobody waits for, such as data of a COPY that has
            // failed meanwhile: no reply will come that could end the lease.
            endLease(lent);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        flushServer();
        flushClient();
        if (lending.waiting() || state.busy() || blockedByLoad()) {
            regulateClient();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (gone) {
            return;
        }
        ServerConnection lent = lending.server();
        if (lent != null) {
            lent.channel().config().setAutoRead(channel.isWritable());
        }
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

    private boolean blockedByLoad() {
        ServerConnection lent = lending.server();
        return (lent != null && !lent.channel().isWritable())
                || waitsForReplies()
                || !channel.config().isAutoRead();
    }

    /** Stops or goes on reading from the client, as what it sent can be passed on. */
    private void regulateClient() {
        ServerConnection lent = lending.server();
        boolean full =
                (lent != null && !lent.channel().isWritable())
                        || (blocked() && clientStream.heldBytes() > mayHold());
        if (channel.config().isAutoRead() == full) {
            channel.config().setAutoRead(!full);
        }
    }

    /** Bytes that may be kept of what the client sends while its next message has to wait. */
    private int mayHold() {
        return shared.memory().scarce() ? 0 : ClientStream.HELD_LIMIT;
    }

    /** While memory is scarce, a client that does not read its answers stops them earlier. */
    private void regulateAnswers() {
        boolean scarce = shared.memory().scarce();
        if (scarce != narrow) {
            narrow = scarce;
            channel.config()
                    .setWriteBufferWaterMark(scarce ? NARROW : WriteBufferWaterMark.DEFAULT);
        }
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
        toClient = false;
        ClosingWrite.close(channel);
        leave();
    }

    /** Says a FATAL error and closes. */
    void farewell(String sqlState, String message) {
        if (gone) {
            return;
        }
        pool.counters().errors().add(sqlState);
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.error(out, "FATAL", sqlState, message, null);
        ClosingWrite.writeAndClose(channel, out);
        leave();
    }

    /**
     * Reports an error of Weir's to the client, in the order of the replies: nothing else is owed.
     */
    void tellError(String sqlState, String message) {
        pool.counters().errors().add(sqlState);
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.error(out, "ERROR", sqlState, message, null);
        channel.write(out, channel.voidPromise());
        toClient = true;
    }

    /** Says something that nobody asked for; between two messages only. */
    private void tellNotice(String message) {
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.notice(out, "NOTICE", message);
        channel.writeAndFlush(out, channel.voidPromise());
    }

    /** Says a message that has no body. */
    void tell(byte type) {
        ByteBuf out = channel.alloc().directBuffer(8);
        Messages.bare(out, type);
        channel.write(out, channel.voidPromise());
        toClient = true;
    }

    /** Says a whole message. */
    void tell(byte[] message) {
        channel.write(
                channel.alloc().directBuffer(message.length).writeBytes(message),
                channel.voidPromise());
        toClient = true;
    }

    /** Says that a statement has been carried out. */
    void tellCompleted(String tag) {
        ByteBuf out = channel.alloc().directBuffer(32);
        Messages.commandComplete(out, tag);
        channel.write(out, channel.voidPromise());
        toClient = true;
    }

    void tellReady(byte status) {
        ByteBuf out = channel.alloc().directBuffer(8);
        Messages.readyForQuery(out, status);
        channel.write(out, channel.voidPromise());
        toClient = true;
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
        if (mode == PoolConfig.Mode.SESSION) {
            // The session may do as it likes with it; nothing of that is for the next one.
            lent.markDirty();
        }
        if (!state.bring(lent)) {
            toServer = true;
            return false;
        }
        if (opens(lent)) {
            return false;
        }
        toClient |= greeting.tell(lent.parameters());
        return true;
    }

    /** Begins on {@code lent} what the client takes for begun; false if there is nothing. */
    private boolean opens(ServerConnection lent) {
        byte[] opening = routing == null ? null : routing.takeOpening();
        if (routing == null || opening == null) {
            return false;
        }
        state.open(lent, opening, routing.openingFails());
        toServer = true;
        return true;
    }

    /** The wait for a server connection is over. */
    void granted(ServerConnection lent) {
        if (outdated()) {
            proceed();
        } else if (!ready(lent)) {
            flushServer();
        } else if (greeting.over()) {
            proceed();
        } else {
            greetOn(lent);
        }
    }

    /** Gives what is lent back, unused, if it leads to a replica that has been away meanwhile. */
    boolean outdated() {
        Routing known = routing;
        if (known == null || !known.outdated()) {
            return false;
        }
        known.refused();
        stopwatch.abandoned();
        lending.giveBack();
        return true;
    }

    /** The wait ended without one. */
    void refused(ServerUnavailableException reason) {
        if (!greeting.over()) {
            farewell(reason.sqlState(), reason.sentence());
            return;
        }
        if (routing != null && routing.triesOn(reason)) {
            routing.retry(reason);
            proceed();
            return;
        }
        try {
            clientStream.refuse(reason);
        } catch (ProtocolException e) {
            farewell(e.sqlState(), String.valueOf(e.getMessage()));
        }
        settle();
    }

    /** The server connection that was to come has gone; nothing was sent to it. */
    void lendingLost() {
        if (routing != null && routing.onReplica() && greeting.over()) {
            routing.retry(false);
            proceed();
        } else if (!greeting.over()) {
            greet();
        } else {
            unfit(
                    SqlState.CONNECTION_FAILURE.code(),
                    "PostgreSQL at %s closed one server connection after the other before a statement could be sent."
                            .formatted(pool.target().address()));
        }
    }

    /** The server connection could not be made fit; another one may. */
    private void unfit(String sqlState, String message) {
        unfit++;
        if (unfit < MAX_UNFIT && greeting.over()) {
            proceed();
        } else {
            farewell(sqlState, message);
        }
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

    private void settle() {
        flushServer();
        flushClient();
        if (!gone) {
            regulateClient();
        }
    }

    /** The client has been told an error of the server's. */
    void toldError(String sqlState) {
        pool.counters().errors().add(sqlState);
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
            greetOn(lent);
        } else if (!brought(lent)) {
            return;
        } else if (tiedToReplica(lent)) {
            farewell(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE.code(),
                    "%s was carried out by the replica %s and has left something there that cannot be moved (%s).%s"
                            .formatted(
                                    readOnly() ? "A statement" : "A READ ONLY transaction",
                                    lending.lender().target().address(),
                                    state.pins(),
                                    readOnly()
                                            ? " This session is read-only."
                                            : " Put /* weir: primary */ in front of its BEGIN."));
        } else if (terminated) {
            answered();
        } else if (lent.status() != Backend.IDLE && mode == PoolConfig.Mode.STATEMENT) {
            farewell(
                    SqlState.FEATURE_NOT_SUPPORTED.code(),
                    "Transaction blocks are not allowed in pool-mode statement.");
        } else if (!returnable(lent) || endLease(lent)) {
            deliverNotifications();
            if (clientStream.heldBytes() > 0) {
                proceed();
            }
        }
    }

    /**
     * After the server connection was made fit for the client's message, sends that.
     *
     * @return false if something is owed again, or the server connection is another
     */
    private boolean brought(ServerConnection lent) {
        ErrorFields refused = state.takeRefused();
        if (refused != null && routing != null && routing.onReplica() && !readOnly()) {
            abandonServer();
            routing.never();
            proceed();
            return false;
        }
        if (refused != null) {
            abandonServer();
            if (routing != null) {
                routing.openingLost();
            }
            unfit(refused.sqlState(), refused.message());
            return false;
        }
        if (!state.restart(lent)) {
            lent.flush();
            return false;
        }
        if (!state.takeFresh()) {
            return true;
        }
        if (opens(lent)) {
            flushServer();
            return false;
        }
        if (routing != null) {
            routing.opened();
        }
        unfit = 0;
        toClient |= greeting.tell(lent.parameters());
        proceed();
        return replies.isEmpty() && lending.server() == lent;
    }

    /** Whether the session would have to stay on a replica, although its transaction is over. */
    private boolean tiedToReplica(ServerConnection lent) {
        if (routing == null || !(routing.onReplica() || readOnly())) {
            return false;
        }
        if (routing.onReplica()) {
            routing.goesOn();
        }
        return state.pinned() && lent.status() == Backend.IDLE && !state.busy();
    }

    /** Whether nothing is under way on the server connection, in either direction. */
    private boolean returnable(ServerConnection lent) {
        return mode != PoolConfig.Mode.SESSION
                && lent.status() == Backend.IDLE
                && !state.busy()
                && !clientStream.batchOpen()
                && !clientStream.skipping()
                && !clientStream.midMessage()
                && !copy.open()
                && serverStream.betweenMessages()
                && !serverGoodbye;
    }

    /** Whether nothing is lost for the client if the server connection ends now. */
    boolean needsNoMore(ServerConnection lent) {
        return (routing != null && routing.unsent())
                || (returnable(lent) && !state.pinned() && !state.mustCapture(lent));
    }

    /**
     * Gives the server connection back, unless the session's state ties it to this one or has to be
     * looked at first.
     *
     * @return false if the look is under way
     */
    private boolean endLease(ServerConnection lent) {
        // The client's answer goes out before anybody else's statement goes in.
        flushClient();
        if (state.mustCapture(lent)) {
            state.capture(lent);
            lent.flush();
            return false;
        }
        if (!state.pinned()) {
            lending.giveBack();
        } else if (!state.bring(lent)) {
            lent.flush();
            return false;
        }
        return true;
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
        regulateAnswers();
        flushClient();
        flushServer();
    }

    @Override
    public void serverWritabilityChanged(ServerConnection from) {
        if (!gone) {
            regulateClient();
        }
    }

    @Override
    public void serverClosed(ServerConnection from) {
        if (lending.server() != from) {
            return;
        }
        if (routing != null && routing.onReplica()) {
            if (serverGoodbye) {
                routing.leftAlone();
            } else {
                routing.replicaFailed("a server connection was lost");
            }
        }
        if (routing != null && routing.onReplica() && !gone && greeting.over()) {
            if (state.replaceable(from)) {
                // The client's statement was never sent.
                state.bringLost();
                replies.clear();
                serverStream.release();
                lending.lost();
                routing.retry(false);
                proceed();
                return;
            }
            byte[] batch = routing.takeBatch();
            if (batch != null) {
                serverStream.release();
                dropReplies(from);
                lending.lost();
                askAgain(batch, false);
                return;
            }
        }
        String address = lending.lender().target().address();
        lending.lost();
        serverStream.release();
        departure.over();
        String lost =
                "PostgreSQL at %s closed the server connection unexpectedly; the statement may or may not have been carried out."
                        .formatted(address);
        if (state.replaceable(from) && !gone) {
            // The client's statement was never sent.
            state.bringLost();
            replies.clear();
            if (routing != null) {
                routing.openingLost();
            }
            unfit(SqlState.CONNECTION_FAILURE.code(), lost);
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
        byte[] batch = routing == null ? null : routing.takeBatch();
        if (routing != null && batch != null) {
            if (how == FirstAnswer.Found.DOWN) {
                routing.replicaFailed("it has crashed, or lets nobody in");
            }
            dropReplies(from);
            abandonServer();
            askAgain(batch, how == FirstAnswer.Found.REFUSED);
        }
    }

    /**
     * A replica answers nothing any more: what it was asked and has not begun to answer is taken
     * back, and asked on the primary. It only reads, so that it does no harm if both carry it out.
     */
    void replicaSilent(Replica silent) {
        if (gone || routing == null || !routing.isOn(silent)) {
            return;
        }
        ServerConnection lent = lending.server();
        byte[] batch = lent == null ? null : routing.takeBatch();
        if (lent == null ? !lending.withdraw() : batch == null && !state.replaceable(lent)) {
            return;
        }
        routing.replicaFailed("it does not answer");
        if (lent != null && batch == null) {
            // The client's statement was never sent.
            state.bringLost();
            replies.clear();
            abandonServer();
        } else if (lent != null) {
            // Should it come to itself, it need not go on with that.
            cancelRunning(lent);
            dropReplies(lent);
            abandonServer();
        }
        if (batch != null) {
            askAgain(batch, false);
        } else {
            routing.retry(false);
            proceed();
        }
    }

    private void dropReplies(ServerConnection from) {
        replies.dropUntilSync((reply, undo) -> statements.outcomes().skipped(reply, undo, from));
        replies.clear();
    }

    private void askAgain(byte[] batch, boolean refused) {
        if (routing != null) {
            serverGoodbye = false;
            routing.retry(refused);
            clientStream.again(batch);
            proceed();
        }
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

    private final class Progress implements Deadlines.Progress {
        @Override
        public Deadlines.Activity activity() {
            ServerConnection lent = lending.server();
            if (lending.waiting()) {
                return Deadlines.Activity.QUEUED;
            }
            if (gone) {
                return Deadlines.Activity.IDLE;
            }
            if (lent == null) {
                return inTransaction()
                        ? Deadlines.Activity.IDLE_IN_TRANSACTION
                        : Deadlines.Activity.IDLE;
            }
            if (copy.open() || clientStream.midMessage()) {
                return Deadlines.Activity.STALLED;
            }
            if (!replies.isEmpty() && replies.anyForClient()) {
                return Deadlines.Activity.RUNNING;
            }
            if (clientStream.batchOpen()) {
                return Deadlines.Activity.STALLED;
            }
            return inTransaction()
                    ? Deadlines.Activity.IDLE_IN_TRANSACTION
                    : Deadlines.Activity.IDLE;
        }

        @Override
        public boolean inTransaction() {
            ServerConnection lent = lending.server();
            return status() != Backend.IDLE || (lent != null && !replies.isEmpty());
        }

        @Override
        public long transactions() {
            return transactions;
        }

        @Override
        public long statements() {
            return replies.endedBatches();
        }

        @Override
        public long reads() {
            return reads;
        }

        @Override
        public void cancelStatement(Runnable settled) {
            ServerConnection lent = lending.server();
            Runnable done =
                    () -> {
                        settled.run();
                        proceed();
                    };
            if (lent == null) {
                done.run();
            } else {
                shared.cancels().send(lending.lender(), lent, done);
            }
        }

        @Override
        public void tellNotice(String message) {
            ClientSession.this.tellNotice(message);
        }

        @Override
        public void farewell(String sqlState, String message) {
            ClientSession.this.farewell(sqlState, message);
        }
    }

    // ---- cancel ----

    /**
     * Somebody with this session's key wants its statement stopped. On the client's loop; {@code
     * done} runs when that has been settled.
     */
    void cancel(Runnable done) {
        ServerConnection lent = lending.server();
        if (gone || !greeting.over() || state.bringing()) {
            done.run();
        } else if (lending.waiting()) {
            if (lending.withdraw()) {
                refused(canceled());
            }
            done.run();
        } else if (lent != null && replies.anyForClient()) {
            shared.cancels().send(lending.lender(), lent, done);
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

    /** Stops what still runs for a client that has left. */
    void cancelRunning(ServerConnection lent) {
        shared.cancels().send(lending.lender(), lent, () -> {});
    }

    // ---- flushing ----

    void wroteToServer(boolean wrote) {
        toServer |= wrote;
    }

    void wroteToClient(boolean wrote) {
        toClient |= wrote;
    }

    void flushServer() {
        ServerConnection lent = lending.server();
        if (toServer && lent != null) {
            toServer = false;
            lent.flush();
        }
    }

    void flushClient() {
        if (toClient) {
            toClient = false;
            channel.flush();
        }
    }
}

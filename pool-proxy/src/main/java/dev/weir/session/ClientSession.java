package dev.weir.session;

import dev.weir.config.LimitsConfig;
import dev.weir.config.PoolConfig;
import dev.weir.pool.Pool;
import dev.weir.pool.Waiter;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerParameters;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.SessionSettings;
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
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;

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
            Cancels cancels) {}

    private final Channel channel;
    private final int loopNumber;
    private final Shared shared;
    private final Pool pool;
    private final SessionSettings settings;
    private final PoolConfig.Mode mode;
    private final Runnable onEnd;
    private final CancelKey cancelKey;
    private final ReplyQueue replies = new ReplyQueue();
    private final ClientStream clientStream;
    private final ServerStream serverStream;
    private final Departure departure;

    private @Nullable ServerConnection server;
    private @Nullable Waiter waiter;

    /** What the client has been told of the server's parameters; null until it has been greeted. */
    private @Nullable ServerParameters told;

    /** The server is in COPY-in and the client has not ended it. */
    private boolean copyIn;

    private boolean toServer;
    private boolean toClient;

    /**
     * The server has sent a FATAL error, which the client has seen; the end of the connection
     * follows.
     */
    private boolean serverGoodbye;

    private boolean terminated;
    private boolean gone;

    /** In the midst of asking the pool: an answer that comes at once is picked up by the asker. */
    private boolean asking;

    /**
     * A session of a client that has proved who it is.
     *
     * @param settings what its startup packet asked for
     * @param onEnd called once when the client is gone
     */
    ClientSession(
            Channel channel,
            int loopNumber,
            Shared shared,
            Pool pool,
            SessionSettings settings,
            Runnable onEnd) {
        this.channel = channel;
        this.loopNumber = loopNumber;
        this.shared = shared;
        this.pool = pool;
        this.settings = pool.shared(settings);
        this.mode = pool.config().mode();
        this.onEnd = onEnd;
        this.cancelKey = shared.cancelKeys().register(this);
        LimitsConfig limits = shared.limits();
        PreparedStatements statements =
                new PreparedStatements(
                        replies,
                        shared.catalog(),
                        this.settings,
                        mode != PoolConfig.Mode.SESSION,
                        limits.maxStatementSize());
        this.clientStream = new ClientStream(this, statements, limits.maxMessageSize());
        this.serverStream = new ServerStream(this, statements);
        this.departure = new Departure(this, limits.clientGoneTimeout());
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

    @Nullable ServerConnection server() {
        return server;
    }

    boolean copyIn() {
        return copyIn;
    }

    /** Whether nobody reads any more what the server sends. */
    boolean gone() {
        return gone;
    }

    /** Whether the client's next message has to wait. */
    boolean blocked() {
        return waiter != null
                || told == null
                || terminated
                || gone
                || replies.size() >= ReplyQueue.FULL;
    }

    // ---- greeting ----

    /**
     * Ends the login: tells the client the server's parameters, which may take a server connection
     * to find out.
     */
    void greet() {
        ServerParameters welcome = pool.welcome(settings);
        if (welcome != null) {
            welcome(welcome);
            return;
        }
        ServerConnection lent = lease();
        if (lent != null) {
            granted(lent);
        }
    }

    private void welcome(ServerParameters parameters) {
        told = parameters;
        ByteBuf out = channel.alloc().directBuffer(512);
        Messages.authentication(out, 0, new byte[0]);
        parameters.values().forEach((name, value) -> Messages.parameterStatus(out, name, value));
        Messages.backendKeyData(out, cancelKey);
        Messages.readyForQuery(out, Backend.IDLE);
        channel.writeAndFlush(out, channel.voidPromise());
    }

    // ---- the client ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes) || gone || terminated) {
            ReferenceCountUtil.release(message);
            return;
        }
        try {
            clientStream.read(bytes);
        } catch (ProtocolException e) {
            expel(e.state(), e.getMessage());
        }
        ServerConnection lent = server;
        if (lent != null && replies.isEmpty() && !gone && !terminated && returnable(lent)) {
            // The last piece of a message that nobody waits for, such as data of a COPY that has
            // failed meanwhile: no reply will come that could end the lease.
            giveBack();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        flushServer();
        flushClient();
        if (waiter != null || blockedByLoad()) {
            regulateClient();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        ServerConnection lent = server;
        if (gone) {
            return;
        }
        if (lent != null) {
            lent.channel().config().setAutoRead(channel.isWritable());
        }
        if (channel.isWritable() && clientStream.stopped()) {
            proceed();
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
        context.close();
    }

    private boolean blockedByLoad() {
        ServerConnection lent = server;
        return (lent != null && !lent.channel().isWritable())
                || clientStream.stopped()
                || !channel.config().isAutoRead();
    }

    /** Stops or goes on reading from the client, as what it sent can be passed on. */
    private void regulateClient() {
        ServerConnection lent = server;
        boolean full =
                (lent != null && !lent.channel().isWritable())
                        || ((blocked() || clientStream.stopped())
                                && clientStream.heldBytes() > ClientStream.HELD_LIMIT);
        if (channel.config().isAutoRead() == full) {
            channel.config().setAutoRead(!full);
        }
    }

    /** The client has said Terminate: what it sent before is still carried out (section 54.2.9). */
    void terminated() {
        terminated = true;
        if (server == null || replies.isEmpty()) {
            channel.close();
        }
    }

    /** Breaks with a client that does not keep to the protocol. */
    void expel(SqlState state, @Nullable String message) {
        farewell(state.code(), String.valueOf(message));
    }

    /** Says a FATAL error and closes. */
    void farewell(String sqlState, String message) {
        if (gone) {
            return;
        }
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.error(out, "FATAL", sqlState, message, null);
        ClosingWrite.writeAndClose(channel, out);
        leave();
    }

    /**
     * Reports an error of Weir's to the client, in the order of the replies: nothing else is owed.
     */
    void tellError(String sqlState, String message) {
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.error(out, "ERROR", sqlState, message, null);
        channel.write(out, channel.voidPromise());
        toClient = true;
    }

    /** Says a message that has no body. */
    void tell(byte type) {
        ByteBuf out = channel.alloc().directBuffer(8);
        Messages.bare(out, type);
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
        shared.cancelKeys().remove(cancelKey);
        onEnd.run();
        clientStream.release();
        Waiter waiting = waiter;
        if (waiting != null) {
            // If one has been granted already it arrives here, and goes straight back.
            pool.withdraw(waiting);
            waiter = null;
        }
        ServerConnection lent = server;
        if (lent != null) {
            lent.channel().config().setAutoRead(true);
            departure.begin(lent, terminated);
        }
    }

    // ---- the lease ----

    /** Asks for a server connection; null if the client has to wait, or has been refused. */
    @Nullable ServerConnection lease() {
        asking = true;
        Lease wanted = new Lease();
        waiter = wanted;
        ServerConnection lent = pool.acquire(wanted);
        asking = false;
        if (lent != null) {
            waiter = null;
            take(lent);
        }
        return server;
    }

    private final class Lease extends Waiter {
        Lease() {
            super(channel.eventLoop(), loopNumber, System.nanoTime());
        }

        @Override
        protected void granted(ServerConnection lent) {
            if (waiter != this) {
                pool.release(lent);
                return;
            }
            waiter = null;
            take(lent);
            if (!asking) {
                ClientSession.this.granted(lent);
            }
        }

        @Override
        protected void refused(ServerUnavailableException reason) {
            if (waiter != this) {
                return;
            }
            waiter = null;
            if (told == null) {
                farewell(reason.sqlState(), reason.sentence());
            } else if (asking) {
                clientStream.refusedNow(reason);
            } else {
                ClientSession.this.refused(reason);
            }
        }
    }

    private void take(ServerConnection lent) {
        server = lent;
        lent.heldBy(this);
        if (!channel.isWritable()) {
            lent.channel().config().setAutoRead(false);
        }
        if (mode == PoolConfig.Mode.SESSION) {
            // The session may do as it likes with it; nothing of that is for the next one.
            lent.markDirty();
        }
    }

    private void granted(ServerConnection lent) {
        Splice splice = new Splice(channel);
        splice.begin(channel.alloc().buffer(0), lent.channel());
        prepare(lent, splice, 0);
        splice.end(0);
        if (told == null) {
            lent.flush();
            if (replies.isEmpty()) {
                greeted(lent);
            }
            return;
        }
        proceed();
    }

    private void greeted(ServerConnection lent) {
        pool.learn(settings, lent.parameters());
        welcome(lent.parameters());
        giveBack();
        proceed();
    }

    private void refused(ServerUnavailableException reason) {
        try {
            clientStream.refuse(reason);
        } catch (ProtocolException e) {
            expel(e.state(), e.getMessage());
        }
        settle();
    }

    /** Goes on with what the client has sent, after a wait. */
    void proceed() {
        try {
            clientStream.resume();
        } catch (ProtocolException e) {
            expel(e.state(), e.getMessage());
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

    /**
     * Brings a server connection just lent to the session's settings, in front of the client's
     * first message.
     */
    void prepare(ServerConnection lent, Splice splice, int at) {
        SessionSettings label = lent.label();
        if (label != settings && !label.equals(settings)) {
            Messages.query(splice.insertAt(at), label.changeTo(settings));
            replies.add(Reply.OWN_QUERY, label);
            lent.labelled(settings);
            toServer = true;
        } else if (told != null && lent.parameters() != told) {
            tellParameters(lent.parameters());
        }
    }

    /** A Query of Weir's own is through, which changed the settings or rolled back. */
    void ownQueryDone(@Nullable Object detail, Splice toTheClient, int at) {
        ServerConnection lent = server;
        if (lent == null || !(detail instanceof SessionSettings) || gone) {
            return;
        }
        lent.reportedAs(pool.shared(lent.parameters()));
        ServerParameters before = told;
        if (before != null && before != lent.parameters()) {
            writeChanges(before, lent.parameters(), toTheClient.insertAt(at));
            told = lent.parameters();
        }
    }

    /** The settings that the client asked for in its startup packet are refused by PostgreSQL. */
    void ownQueryFailed(ErrorFields fields) {
        ServerConnection lent = server;
        if (lent != null && replies.headDetail() instanceof SessionSettings label) {
            lent.labelled(label);
        }
        if (lent != null) {
            lent.poison();
        }
        farewell(fields.sqlState(), fields.message());
    }

    private void tellParameters(ServerParameters now) {
        ServerParameters before = told;
        told = now;
        if (before != null && !before.equals(now)) {
            ByteBuf out = channel.alloc().directBuffer(256);
            writeChanges(before, now, out);
            channel.write(out, channel.voidPromise());
            toClient = true;
        }
    }

    private static void writeChanges(ServerParameters before, ServerParameters now, ByteBuf out) {
        now.values()
                .forEach((name, value) -> {
                    if (!value.equals(before.values().get(name))) {
                        Messages.parameterStatus(out, name, value);
                    }
                });
    }

    /** The client has seen these values pass by. */
    void told(ServerParameters now) {
        told = now;
    }

    // ---- the server ----

    @Override
    public void serverRead(ServerConnection from, ByteBuf bytes) {
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
        } else if (!gone
                && replies.size() < ReplyQueue.ROOM
                && (clientStream.stopped() || !channel.config().isAutoRead())) {
            proceed();
        }
    }

    /** Nothing is owed any more: the server connection goes back if the transaction is over. */
    private void drained(ServerConnection lent) {
        if (server != lent) {
            return;
        }
        if (gone) {
            departure.drained(lent);
            return;
        }
        if (told == null) {
            greeted(lent);
            return;
        }
        if (terminated) {
            flushClient();
            channel.close();
            return;
        }
        if (lent.status() == Backend.IDLE) {
            if (returnable(lent)) {
                // The client's answer goes out before anybody else's statement goes in.
                flushClient();
                giveBack();
            }
        } else if (mode == PoolConfig.Mode.STATEMENT) {
            farewell(
                    SqlState.FEATURE_NOT_SUPPORTED.code(),
                    "Transaction blocks are not allowed in pool-mode statement.");
            return;
        }
        if (clientStream.heldBytes() > 0) {
            proceed();
        }
    }

    /** Whether nothing is under way on the server connection, in either direction. */
    private boolean returnable(ServerConnection lent) {
        return mode != PoolConfig.Mode.SESSION
                && lent.status() == Backend.IDLE
                && !clientStream.batchOpen()
                && !clientStream.skipping()
                && !clientStream.midMessage()
                && !copyIn
                && serverStream.betweenMessages()
                && !serverGoodbye;
    }

    /** Returns the server connection, clean and idle, to its pool. */
    void giveBack() {
        ServerConnection lent = server;
        if (lent != null) {
            server = null;
            if (!lent.channel().config().isAutoRead()) {
                lent.channel().config().setAutoRead(true);
            }
            pool.release(lent);
        }
    }

    /** Gives a server connection up that cannot be brought back to order. */
    void abandonServer() {
        ServerConnection lent = server;
        if (lent != null) {
            server = null;
            lent.poison();
            pool.release(lent);
        }
        serverStream.release();
    }

    @Override
    public void serverReadComplete(ServerConnection from) {
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
        if (server != from) {
            return;
        }
        server = null;
        serverStream.release();
        departure.over();
        if (serverGoodbye) {
            ClosingWrite.writeAndClose(channel, channel.alloc().buffer(0));
            leave();
        } else {
            farewell(
                    SqlState.CONNECTION_FAILURE.code(),
                    "PostgreSQL at %s closed the server connection unexpectedly; the statement may or may not have been carried out."
                            .formatted(pool.target().address()));
        }
    }

    /** The server's last words have passed by. */
    void serverSaidGoodbye() {
        serverGoodbye = true;
        ServerConnection lent = server;
        if (lent != null) {
            lent.poison();
        }
    }

    // ---- COPY, errors ----

    void copyStarted(ServerConnection lent, Reply head, boolean endKnown) {
        copyIn = !endKnown;
        if (head == Reply.EXECUTE && replies.size() == 1) {
            clientStream.copyAteSync();
        }
        if (gone && !endKnown) {
            departure.failCopy(lent, head);
        }
    }

    void copyEnded() {
        copyIn = false;
    }

    void skipToSync() {
        if (!gone) {
            clientStream.skipToSync();
        }
    }

    void sendDeferredSyncs(ServerConnection lent) {
        int syncs = clientStream.takeDeferredSyncs();
        if (syncs > 0) {
            clientStream.synced();
        }
        for (int i = 0; i < syncs; i++) {
            ClientStream.writeSync(lent);
            replies.add(Reply.SYNC);
            toServer = true;
        }
    }

    // ---- cancel ----

    /**
     * Somebody with this session's key wants its statement stopped. On the client's loop; {@code
     * done} runs when that has been settled.
     */
    void cancel(Runnable done) {
        Waiter waiting = waiter;
        ServerConnection lent = server;
        if (gone || told == null) {
            done.run();
        } else if (waiting != null) {
            if (pool.withdraw(waiting)) {
                waiter = null;
                refused(
                        new ServerUnavailableException(
                                ServerUnavailableException.Kind.WAITED_TOO_LONG,
                                SqlState.QUERY_CANCELED,
                                "canceling statement due to user request"));
            }
            done.run();
        } else if (lent != null && !replies.isEmpty()) {
            shared.cancels().send(pool, lent, done);
        } else {
            done.run();
        }
    }

    /** Stops what still runs for a client that has left. */
    void cancelRunning(ServerConnection lent) {
        shared.cancels().send(pool, lent, () -> {});
    }

    // ---- flushing ----

    void wroteToServer(boolean wrote) {
        toServer |= wrote;
    }

    void wroteToClient(boolean wrote) {
        toClient |= wrote;
    }

    void flushServer() {
        ServerConnection lent = server;
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

package dev.weir.server;

import dev.weir.net.BrokenChannel;
import dev.weir.net.TlsSession;
import dev.weir.wire.Backend;
import dev.weir.wire.CancelKey;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One connection to PostgreSQL after its login, and what is known of its state. All of it belongs
 * to the loop of {@link #channel}, which is the loop of the client that it is lent to.
 *
 * <p>It passes what arrives to its {@link Holder}: the pool while it is idle, a session while it is
 * lent.
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter {
    /** Whoever has the server connection. Called on its loop only. */
    public interface Holder {
        /** Bytes arrived; the holder owns {@code bytes} from here on. */
        void serverRead(ServerConnection server, ByteBuf bytes);

        /** All that had arrived was read: the time to flush. */
        void serverReadComplete(ServerConnection server);

        void serverWritabilityChanged(ServerConnection server);

        /** The connection is gone; no further call follows. */
        void serverClosed(ServerConnection server);

        /** What is done with the connection. */
        ServerView.State purpose();

        /** The number of the client that has it; 0 for none. */
        default long client() {
            return 0;
        }
    }

    /** Clients take primary and replicas for one server, which is a primary. */
    static final String IN_HOT_STANDBY = "in_hot_standby";

    private static final AtomicLong LAST_ID = new AtomicLong();

    private final long id = LAST_ID.incrementAndGet();
    private final ServerTarget target;
    private final Channel channel;
    private final CancelKey cancelKey;
    private final ServerStatements statements;
    private final long openedNanos;
    private ServerParameters parameters;
    private SessionState label = SessionState.DEFAULTS;
    private Holder holder;
    private @Nullable Object lastOwner;
    private @Nullable UnnamedStatement unnamed = UnnamedStatement.ABSENT;
    private long idleSinceNanos;
    private long retireNanos = Long.MAX_VALUE;
    private byte status = Backend.IDLE;
    private boolean dirty;
    private boolean poisoned;
    private boolean parked;
    private int cancelsUnderWay;

    ServerConnection(
            ServerTarget target,
            Channel channel,
            CancelKey cancelKey,
            ServerParameters parameters,
            long nowNanos,
            Holder holder) {
        this.target = target;
        this.channel = channel;
        this.cancelKey = cancelKey;
        this.parameters = parameters;
        this.statements = new ServerStatements(target.maxPreparedStatements());
        this.openedNanos = nowNanos;
        this.idleSinceNanos = nowNanos;
        this.holder = holder;
    }

    /** Where it leads, whatever its pool's target has become since. */
    public ServerTarget target() {
        return target;
    }

    public Channel channel() {
        return channel;
    }

    public EventLoop loop() {
        return channel.eventLoop();
    }

    /** What a CancelRequest for this connection must show; never told to a client. */
    public CancelKey cancelKey() {
        return cancelKey;
    }

    public ServerStatements statements() {
        return statements;
    }

    public ServerParameters parameters() {
        return parameters;
    }

    public void parameterReported(String name, String value) {
        boolean ofRole = target.standby() && name.equals(IN_HOT_STANDBY);
        parameters = parameters.with(name, ofRole ? "off" : value);
    }

    /** The same values as one shared object. */
    public void reportedAs(ServerParameters shared) {
        parameters = shared;
    }

    /** Whose session used the connection last; only the identity counts. */
    public @Nullable Object lastOwner() {
        return lastOwner;
    }

    public void lastOwner(Object owner) {
        lastOwner = owner;
    }

    /** The state last applied here. */
    public SessionState label() {
        return label;
    }

    public void labelled(SessionState state) {
        label = state;
    }

    /**
     * The unnamed statement that is prepared here.
     *
     * @return {@link UnnamedStatement#ABSENT} if there is surely none; null if it is not known
     *     which it is
     */
    public @Nullable UnnamedStatement unnamed() {
        return unnamed;
    }

    public void unnamedIs(@Nullable UnnamedStatement statement) {
        unnamed = statement;
    }

    /** What the last ReadyForQuery said: {@link Backend#IDLE} and its siblings. */
    public byte status() {
        return status;
    }

    public void status(byte reported) {
        status = reported;
    }

    /**
     * Whether a client has changed state that Weir does not follow, so that a reset must come
     * before the next client.
     */
    public boolean dirty() {
        return dirty;
    }

    public void markDirty() {
        dirty = true;
    }

    /** A DISCARD ALL has succeeded: the connection is as it was after its login. */
    public void wasReset() {
        dirty = false;
        label = SessionState.DEFAULTS;
        statements.clear();
        unnamed = UnnamedStatement.ABSENT;
    }

    /** Whether the connection must be closed instead of lent again. */
    public boolean poisoned() {
        return poisoned;
    }

    public void poison() {
        poisoned = true;
    }

    /**
     * A CancelRequest for this connection is on its way: until it is settled nobody else may be
     * lent it.
     */
    public void cancelStarted() {
        cancelsUnderWay++;
    }

    /** The cancel request has been answered by the server's closing of its connection. */
    public void cancelSettled() {
        cancelsUnderWay--;
    }

    public boolean cancelUnderWay() {
        return cancelsUnderWay > 0;
    }

    /**
     * Whether the connection was given back while a cancel request was under way, and waits for
     * that.
     */
    public boolean parked() {
        return parked;
    }

    public void parked(boolean value) {
        parked = value;
    }

    public long openedNanos() {
        return openedNanos;
    }

    /** When the connection is to be replaced, on the scale of System.nanoTime. */
    public long retireNanos() {
        return retireNanos;
    }

    public void retireAt(long nanos) {
        retireNanos = nanos;
    }

    public long idleSinceNanos() {
        return idleSinceNanos;
    }

    public void idleSince(long nanos) {
        idleSinceNanos = nanos;
    }

    /**
     * As it is now. On its loop.
     *
     * @param nowNanos the time on the scale of System.nanoTime
     */
    public ServerView view(long nowNanos) {
        return new ServerView(
                id,
                cancelUnderWay() ? ServerView.State.BEING_CANCELED : holder.purpose(),
                channel.remoteAddress(),
                channel.localAddress(),
                openedNanos,
                nowNanos - retireNanos >= 0,
                holder.client(),
                cancelKey.pid(),
                TlsSession.description(channel),
                label.settings().getOrDefault("application_name", ""),
                statements.size());
    }

    /** Its number, from 1; never given again while the process lives. */
    public long id() {
        return id;
    }

    /** Hands the connection over; from now on {@code next} hears what arrives. */
    public void heldBy(Holder next) {
        holder = next;
    }

    /**
     * Queues a Query that no client has sent; {@link #flush} sends it. It leaves no unnamed
     * statement behind (manual section 54.2.3).
     */
    public void query(String sql) {
        query(sql.getBytes(StandardCharsets.UTF_8));
    }

    /** The same, of a text in whatever encoding. */
    public void query(byte[] sql) {
        ByteBuf message = channel.alloc().directBuffer(sql.length + FrontendMessage.HEADER + 1);
        Messages.query(message, sql);
        unnamed = UnnamedStatement.ABSENT;
        write(message);
    }

    /** Queues bytes, which change owner; {@link #flush} sends them. */
    public void write(ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }

    public void flush() {
        channel.flush();
    }

    public void close() {
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            holder.serverRead(this, bytes);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        holder.serverReadComplete(this);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        holder.serverWritabilityChanged(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        holder.serverClosed(this);
    }

    /** A reset or a broken pipe: channelInactive follows and tells the holder. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        BrokenChannel.close(context, cause, "server connection");
    }
}

package dev.weir.session;

import dev.weir.config.LimitsConfig;
import dev.weir.config.PoolConfig;
import dev.weir.config.TimeoutsConfig;
import dev.weir.net.BufferMemory;
import dev.weir.net.TlsSession;
import dev.weir.pool.Pool;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerParameters;
import dev.weir.server.SessionState;
import dev.weir.session.limit.TransactionLimits;
import dev.weir.session.reply.CopyIn;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.state.CustomSettings;
import dev.weir.session.state.StateTracker;
import dev.weir.session.state.StatefulFunctions;
import dev.weir.session.state.TextEffects;
import dev.weir.session.statement.PreparedStatements;
import dev.weir.session.statement.StatementCatalog;
import dev.weir.telemetry.Count;
import dev.weir.wire.Backend;
import dev.weir.wire.CancelKey;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.channel.Channel;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One client after its login: brings the two streams of bytes and the pool together. What comes
 * from its ends, {@link ClientEnd} and {@link ServerEnd} hear. Everything here happens on the
 * client's loop, which a lent server connection shares.
 */
final class ClientSession {
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
    private final ClientEnd clientEnd;
    private final ServerEnd serverEnd;
    private final LeaseStart leaseStart;
    private final LeaseEnd leaseEnd;
    private final CopyOutcome copyOutcome;
    private final Notifications notifications;
    private final SessionCancel cancel;

    /** Null where all goes to the primary. */
    private final @Nullable ReplicaFallback fallback;

    private final Departure departure;

    /** Null where no time is limited. */
    private final @Nullable Deadlines deadlines;

    private final Watch watch;

    private boolean toServer;

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
        this.departure = new Departure(this, lending, limits.clientGoneTimeout());
        this.clientEnd = new ClientEnd(this, flow, lending, leaseEnd);
        this.serverEnd = new ServerEnd(this, flow, lending, fallback, departure);
        this.notifications = new Notifications(this, shared.listeners());
        this.copyOutcome = new CopyOutcome(this, departure);
        this.cancel = new SessionCancel(this, lending, shared.cancels());
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

    Notifications notifications() {
        return notifications;
    }

    Lending lending() {
        return lending;
    }

    LeaseStart leaseStart() {
        return leaseStart;
    }

    LeaseEnd leaseEnd() {
        return leaseEnd;
    }

    /** What is to stand in the channel's pipeline. */
    ClientEnd clientEnd() {
        return clientEnd;
    }

    ServerEnd serverEnd() {
        return serverEnd;
    }

    CopyOutcome copyOutcome() {
        return copyOutcome;
    }

    SessionCancel cancel() {
        return cancel;
    }

    /** Null where all goes to the primary. */
    @Nullable ReplicaFallback fallback() {
        return fallback;
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

    // ---- the end ----

    /** The client has said Terminate: what it sent before is still carried out (section 54.2.9). */
    void terminated() {
        terminated = true;
        if (lending.server() == null || replies.isEmpty()) {
            answered();
        }
    }

    /** Ends the session of a client to which nothing is owed. */
    void answered() {
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

    /** Whether the client has said Terminate. */
    boolean hasTerminated() {
        return terminated;
    }

    /** The client is gone, one way or another; what it leaves behind is cleaned up. */
    void leave() {
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
        notifications.close();
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

    /** Gives a server connection up that cannot be brought back to order. */
    void abandonServer() {
        lending.abandon();
        serverStream.release();
    }

    // ---- time ----

    /** What to say of an error that came because Weir had stopped the statement; null if not. */
    @Nullable String stoppedByWeir(ErrorFields fields) {
        return deadlines != null && fields.sqlState().equals(SqlState.QUERY_CANCELED.code())
                ? deadlines.takeCancelled()
                : null;
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

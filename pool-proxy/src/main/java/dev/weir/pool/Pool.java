package dev.weir.pool;

import dev.weir.auth.ServerCredential;
import dev.weir.auth.ServerCredentials;
import dev.weir.config.PoolConfig;
import dev.weir.net.EventLoops;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerParameters;
import dev.weir.server.ServerTarget;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerUnavailableException.Kind;
import dev.weir.server.SessionState;
import dev.weir.telemetry.Count;
import dev.weir.telemetry.PoolCounters;
import dev.weir.wire.SqlState;

import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The server connections of one user on one database, and the clients that wait for them.
 *
 * <p>Threads: idle server connections lie on the {@link Shelf} of the loop that they belong to. A
 * client takes from the shelf of its own loop without any synchronisation while nobody waits; only
 * waiting goes through the shared queue. {@link #acquire} and {@link #release} are called on a
 * loop, and everything else may be called from any thread.
 *
 * <p>No wake-up is lost: a waiter is counted before it looks at the shelves, and a server
 * connection is shelved before the waiters are looked at, so that at least one of the two sees the
 * other.
 */
public final class Pool {
    private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

    /** How long DISCARD ALL may take before the server connection is closed instead. */
    private static final Duration RESET_TIMEOUT = Duration.ofSeconds(10);

    /**
     * How long a client waits for a limit that its pool shares before another pool has to give one
     * of its server connections.
     */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    /** Between attempts while clients wait for a primary. */
    private static final long FAILOVER_RETRY = Duration.ofMillis(500).toNanos();

    private final PoolKey key;

    /** Replaced by a reload; read by all loops. */
    private volatile PoolConfig config;

    private volatile ServerTarget target;

    private volatile ServerCredentials credentials;

    /** Counts the orders to replace all server connections; read by those that are being opened. */
    private final AtomicInteger generation = new AtomicInteger();

    private final Runnable onStaleCredential;
    private final Shares.Portion portion;
    private final EventLoops loops;
    private final ServerDialer dialer;
    private final Shelf[] shelves;
    private final IdleHolder[] idleHolders;
    private final WaitQueue waiters = new WaitQueue();
    private final Profiles profiles = new Profiles();
    private final PoolCounters counters;

    /**
     * Server connections that exist or are being opened; the one number that the size limits bound.
     */
    private final AtomicInteger open = new AtomicInteger();

    /** Server connections that have finished their login and are not closed. */
    private final AtomicInteger established = new AtomicInteger();

    /** The same ones, for those who look. */
    private final Set<ServerConnection> servers = ConcurrentHashMap.newKeySet();

    /** The part of {@link #open} that is still being opened. */
    private final AtomicInteger connecting = new AtomicInteger();

    /**
     * Set by the loop whose attempt failed, cleared by the one whose attempt succeeds; read by all.
     */
    private volatile @Nullable Outage outage;

    /** Why the last attempt failed, while others had not; null if it succeeded. */
    private volatile @Nullable ServerUnavailableException lastFailure;

    /** No attempt before this time; only meaningful after a failure. */
    private volatile long retryNanos;

    /** The time to within one {@link #tick}, so that a release need not read the clock. */
    private volatile long coarseNanos = System.nanoTime();

    /** Server connections that are to be closed as they come back, for other pools. */
    private final AtomicInteger yields = new AtomicInteger();

    /** The shared limit that stands in the way of a waiting client; null if none does. */
    private volatile @Nullable Share exhausted;

    /** When a client last proved another credential than before; 0 if none has. */
    private volatile long renewedNanos;

    /** Written by any thread that has an order of the operator; read by all loops. */
    private volatile Hold hold = Hold.NONE;

    /** What clients are told once the pool is closed. */
    private volatile ServerUnavailableException ending = shuttingDown();

    /** Who is asked about each new server connection; null if none is in doubt. */
    private final @Nullable Admission admission;

    /**
     * How long clients wait for a primary that does not answer, or for its successor, in
     * nanoseconds; 0 if they are told at once.
     */
    private volatile long patienceNanos;

    /** Set once by the first session that asks for a sequence's last value; read by all. */
    private volatile boolean sequencesWatched;

    /**
     * An empty pool: it opens its first server connection when the first client asks, or for
     * min-pool-size.
     *
     * @param target where; its credential does not count
     * @param credentials what to log in with
     * @param onStaleCredential called on a loop when PostgreSQL has refused what a client proved
     * @param portion what it may have of the limits that it shares with other pools
     * @param admission is asked about each new server connection; null if all may be used
     */
    public Pool(
            PoolKey key,
            PoolConfig config,
            ServerTarget target,
            ServerCredentials credentials,
            Runnable onStaleCredential,
            Shares.Portion portion,
            EventLoops loops,
            ServerDialer dialer,
            @Nullable Admission admission) {
        this.admission = admission;
        this.key = key;
        this.config = config;
        this.target = target;
        this.credentials = credentials;
        this.onStaleCredential = onStaleCredential;
        this.portion = portion;
        this.loops = loops;
        this.dialer = dialer;
        int count = loops.all().size();
        counters = new PoolCounters(count);
        shelves = new Shelf[count];
        idleHolders = new IdleHolder[count];
        for (int i = 0; i < count; i++) {
            shelves[i] = new Shelf();
            idleHolders[i] = new IdleHolder(shelves[i]);
        }
        portion.join(this);
    }

    public PoolKey key() {
        return key;
    }

    public PoolConfig config() {
        return config;
    }

    public ServerTarget target() {
        return target;
    }

    /** What has happened in this pool. */
    public PoolCounters counters() {
        return counters;
    }

    /** One object for all sessions that want the same settings. */
    public SessionState shared(SessionState wanted) {
        return profiles.shared(wanted);
    }

    /** One object for all server connections that report the same values. */
    public ServerParameters shared(ServerParameters reported) {
        return profiles.shared(reported);
    }

    /**
     * What a server makes of the settings in a startup packet; null if no session has found out
     * yet.
     */
    public @Nullable Welcome welcome(SessionState asked) {
        return profiles.welcome(asked);
    }

    /** A session found out what a server makes of {@code asked}. */
    public void learn(SessionState asked, Welcome welcome) {
        profiles.learn(asked, welcome);
    }

    /** Whether any session asks for the last values of sequences. */
    public boolean sequencesWatched() {
        return sequencesWatched;
    }

    /** From now on no session may meet the last values of another's sequences. */
    public void watchSequences() {
        sequencesWatched = true;
    }

    // ---- lending ----

    /**
     * Lends a server connection to {@code waiter}, at once or later. On the waiter's loop.
     *
     * @return the server connection if one was idle; else null, and the waiter hears later, or has
     *     heard already
     */
    public @Nullable ServerConnection acquire(Waiter waiter) {
        int loop = waiter.loopNumber();
        if (waiters.length() == 0 && hold == Hold.NONE) {
            ServerConnection server = shelves[loop].take();
            if (server != null) {
                return server;
            }
        }
        ServerUnavailableException refusal = refusal(waiter.sinceNanos());
        if (refusal != null) {
            waiter.refused(refusal);
            return null;
        }
        waiters.add(waiter);
        dispatch(loop);
        return null;
    }

    private @Nullable ServerUnavailableException refusal(long now) {
        if (hold == Hold.CLOSED) {
            return ending;
        }
        Outage known = outage;
        if (known != null
                && established.get() == 0
                && now - known.retryNanos() < 0
                && !isWaitedFor(known.reason())) {
            return known.reason();
        }
        return null;
    }

    /** Whether clients wait until PostgreSQL can be reached again. */
    private boolean isWaitedFor(ServerUnavailableException reason) {
        return patienceNanos > 0 && reason.kind() == Kind.UNREACHABLE;
    }

    /**
     * How long clients wait for a primary that does not answer, or for its successor; zero if they
     * are told at once.
     */
    public void failoverWait(Duration patience) {
        patienceNanos = patience.toNanos();
    }

    /**
     * The client no longer wants a server connection.
     *
     * @return false if one is on its way to it already
     */
    public boolean withdraw(Waiter waiter) {
        return waiters.withdraw(waiter);
    }

    /**
     * Takes a server connection back that is idle, outside any transaction, with no reply
     * outstanding. On its loop.
     */
    public void release(ServerConnection server) {
        if (closesOnReturn() || server.poisoned() || !server.channel().isActive()) {
            hangUp(server);
        } else if (server.cancelUnderWay()) {
            // Parked: whoever gets it next must not be hit by a cancel request meant for its last
            // client.
            server.heldBy(idleHolder(server));
            server.parked(true);
        } else if (server.dirty()) {
            ServerReset.start(server, RESET_TIMEOUT, this::wasReset);
        } else {
            shelve(server);
        }
    }

    /** Whether the next server connection that comes back is for another pool. */
    private boolean yields() {
        int owed = yields.get();
        return owed > 0 && yields.compareAndSet(owed, owed - 1);
    }

    /** The next server connection that comes back is closed, for another pool. From any thread. */
    void yieldOne() {
        yields.compareAndSet(0, 1);
    }

    /** Closes the server connection that has been idle for longest. From any thread. */
    void closeOneIdle() {
        for (int i = 0; i < shelves.length; i++) {
            Shelf shelf = shelves[i];
            if (shelf.idle() > 0) {
                loops.all()
                        .get(i)
                        .execute(() -> {
                            ServerConnection server = shelf.takeCoolest();
                            if (server != null) {
                                hangUp(server);
                            }
                        });
                return;
            }
        }
    }

    /** Whether it was opened with a password that has been changed since. */
    private boolean outdated(ServerConnection server) {
        long renewed = renewedNanos;
        return renewed != 0 && server.openedNanos() - renewed < 0;
    }

    private void wasReset(ServerConnection server, boolean clean) {
        if (clean) {
            shelve(server);
        } else {
            hangUp(server);
        }
    }

    /**
     * A cancel request for {@code server} has been settled. On its loop.
     *
     * @param delivered false if it may still hit the server connection at any later time
     */
    public void cancelSettled(ServerConnection server, boolean delivered) {
        server.cancelSettled();
        if (!delivered) {
            server.poison();
        }
        if (server.parked() && !server.cancelUnderWay()) {
            server.parked(false);
            release(server);
        }
    }

    private boolean closesOnReturn() {
        return hold == Hold.PAUSED || hold == Hold.CLOSED;
    }

    private void shelve(ServerConnection server) {
        if (closesOnReturn()
                || coarseNanos - server.retireNanos() >= 0
                || outdated(server)
                || yields()) {
            hangUp(server);
            return;
        }
        int loop = loopNumber(server);
        server.idleSince(coarseNanos);
        server.heldBy(idleHolders[loop]);
        shelves[loop].put(server);
        if (waiters.length() > 0) {
            dispatch(loop);
        }
    }

    /** Ends a server connection politely, so that PostgreSQL logs nothing. On its loop. */
    void hangUp(ServerConnection server) {
        server.heldBy(idleHolder(server));
        IdleHolder.goodbye(server);
    }

    private IdleHolder idleHolder(ServerConnection server) {
        return idleHolders[loopNumber(server)];
    }

    private int loopNumber(ServerConnection server) {
        return loops.all().size() == 1 ? 0 : loops.number(server.loop());
    }

    // ---- bringing waiters and server connections together ----

    /** Serves as many waiters as can be served now. On the loop of that number. */
    private void dispatch(int loop) {
        while (waiters.length() > 0 && hold == Hold.NONE) {
            ServerConnection server = shelves[loop].take();
            if (server != null) {
                Waiter waiter = waiters.poll();
                if (waiter == null) {
                    shelves[loop].put(server);
                    return;
                }
                grant(server, waiter);
            } else if (dispatchElsewhere(loop) || !dialForWaiter()) {
                return;
            }
        }
    }

    /** Asks a loop that has an idle server connection to give it away; false if there is none. */
    private boolean dispatchElsewhere(int loop) {
        for (int other = 0; other < shelves.length; other++) {
            if (other != loop && shelves[other].idle() > 0) {
                int giver = other;
                loops.all().get(other).execute(() -> dispatch(giver));
                // That loop goes on from here, whether it still has one or not.
                return true;
            }
        }
        return false;
    }

    private void grant(ServerConnection server, Waiter waiter) {
        if (waiter.loop() == server.loop()) {
            waiter.granted(server);
            return;
        }
        server.heldBy(idleHolder(server));
        LoopMove.start(
                server,
                waiter.loop(),
                () -> {
                    if (server.channel().isActive()) {
                        waiter.granted(server);
                    } else {
                        waiter.lost();
                    }
                });
    }

    // ---- opening ----

    private boolean dialForWaiter() {
        exhausted = null;
        Waiter first = waiters.peek();
        if (first == null || connecting.get() >= waiters.length()) {
            return false;
        }
        boolean reserve =
                config.reservePoolSize() > 0
                        && coarseNanos - first.sinceNanos()
                                >= config.reservePoolTimeout().toNanos();
        int limit = config.defaultPoolSize() + (reserve ? config.reservePoolSize() : 0);
        if (dial(loops.all().get(first.loopNumber()), limit)) {
            return true;
        }
        Share full = exhausted;
        if (full != null) {
            full.closeIdleFor(this);
        }
        return false;
    }

    /** Opens one more server connection if the size, and the pause after a failure, allow it. */
    private boolean dial(EventLoop loop, int limit) {
        if (hold != Hold.NONE) {
            return false;
        }
        if (outage != null || retryNanos != 0) {
            boolean tooSoon = System.nanoTime() - retryNanos < 0;
            if (tooSoon || connecting.get() > 0) {
                return false;
            }
        }
        int size;
        do {
            size = open.get();
            if (size >= limit) {
                return false;
            }
        } while (!open.compareAndSet(size, size + 1));
        Share full = portion.take();
        exhausted = full;
        if (full != null) {
            open.decrementAndGet();
            return false;
        }
        connecting.incrementAndGet();
        int begun = generation.get();
        ServerCredential credential = credentials.current();
        dialer.dial(loop, target.withCredential(credential), new DialListener(credential, begun));
        return true;
    }

    /**
     * A client has proved that it knows {@code credential}. If that is news, server connections
     * that were opened with another one are replaced as they come back. From any thread.
     */
    public void proved(ServerCredential credential) {
        if (!credentials.proved(credential)) {
            return;
        }
        outage = null;
        retryNanos = 0;
        renewedNanos = System.nanoTime();
        retire(renewedNanos);
        wake();
    }

    private final class DialListener implements ServerDialer.Listener {
        private final @Nullable ServerCredential used;
        private final int begun;
        private final long begunNanos = System.nanoTime();

        DialListener(@Nullable ServerCredential used, int begun) {
            this.used = used;
            this.begun = begun;
        }

        @Override
        public void opened(ServerConnection server) {
            Admission asked = admission;
            if (asked == null) {
                admitted(server);
            } else {
                asked.ask(server, begunNanos, refusal -> answered(server, refusal));
            }
        }

        private void answered(
                ServerConnection server, @Nullable ServerUnavailableException refusal) {
            ServerUnavailableException reason = refusal;
            if (reason == null && !server.channel().isActive()) {
                reason =
                        new ServerUnavailableException(
                                Kind.UNREACHABLE,
                                SqlState.CONNECTION_FAILURE,
                                "PostgreSQL at %s closed the connection after the login."
                                        .formatted(server.target().address()));
            }
            if (reason == null) {
                admitted(server);
            } else {
                server.close();
                failed(reason);
            }
        }

        private void admitted(ServerConnection server) {
            connecting.decrementAndGet();
            established.incrementAndGet();
            outage = null;
            lastFailure = null;
            retryNanos = 0;
            servers.add(server);
            server.channel().closeFuture().addListener(_ -> lost(server));
            server.reportedAs(profiles.shared(server.parameters()));
            profiles.learn(
                    SessionState.DEFAULTS, new Welcome(server.parameters(), SessionState.DEFAULTS));
            ServerCredential newest = credentials.current();
            boolean overtaken =
                    begun != generation.get()
                            || (used != null && newest != null && !used.equals(newest));
            server.retireAt(overtaken ? server.openedNanos() : retirement(server.openedNanos()));
            shelve(server);
        }

        @Override
        public void failed(ServerUnavailableException failure) {
            connecting.decrementAndGet();
            open.decrementAndGet();
            portion.give();
            if (failure.isAboutCredential()) {
                if (credentials.refused(used)) {
                    wake();
                    return;
                }
                onStaleCredential.run();
            }
            long pause = config.serverLoginRetry().toNanos();
            boolean waitedFor = isWaitedFor(failure);
            retryNanos = System.nanoTime() + (waitedFor ? Math.min(pause, FAILOVER_RETRY) : pause);
            if (failure.kind() == Kind.FULL) {
                LOG.warn("{}: no slot on the server, waiting: {}", key, failure.sentence());
                return;
            }
            lastFailure = failure;
            if (established.get() == 0) {
                away(failure);
            }
        }
    }

    /** No server connection is left, and none could be opened. */
    private void away(ServerUnavailableException failure) {
        if (outage == null) {
            LOG.warn("{}: {}", key, failure.sentence());
        }
        outage = new Outage(failure, retryNanos);
        profiles.forget();
        if (!isWaitedFor(failure)) {
            refuseAll(failure);
        }
    }

    private long retirement(long openedNanos) {
        long lifetime = config.serverLifetime().toNanos();
        if (lifetime == 0) {
            return openedNanos + Long.MAX_VALUE / 2;
        }
        long jitter = Math.min(config.serverLifetimeJitter().toNanos(), lifetime / 2);
        return openedNanos
                + lifetime
                - (jitter == 0 ? 0 : ThreadLocalRandom.current().nextLong(jitter));
    }

    /** A server connection has closed, for whatever reason: there is room for another. */
    private void lost(ServerConnection server) {
        servers.remove(server);
        int left = established.decrementAndGet();
        open.decrementAndGet();
        ServerUnavailableException failure = lastFailure;
        if (left == 0 && failure != null && System.nanoTime() - retryNanos < 0) {
            // Whoever waits, waited for one of those that are gone now.
            away(failure);
        }
        if (!portion.give()) {
            wake();
        }
    }

    private void refuseAll(ServerUnavailableException reason) {
        for (Waiter waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
            refuse(waiter, reason);
        }
    }

    private static void refuse(Waiter waiter, ServerUnavailableException reason) {
        waiter.loop().execute(() -> waiter.refused(reason));
    }

    /** Lets the loop of the longest waiting look for a server connection again. */
    void wake() {
        Waiter first = waiters.peek();
        if (first != null) {
            int loop = first.loopNumber();
            first.loop().execute(() -> dispatch(loop));
        }
    }

    // ---- upkeep ----

    /**
     * What time brings: waits that end, retries, the reserve. A few times a second, from any one
     * thread.
     */
    void tick(long now) {
        coarseNanos = now;
        long timeout = config.queryWaitTimeout().toNanos();
        Waiter first = waiters.peek();
        Outage known = outage;
        if (known != null && established.get() == 0 && isWaitedFor(known.reason())) {
            long patience = patienceNanos;
            while (first != null && now - first.sinceNanos() >= patience) {
                if (waiters.withdraw(first)) {
                    refuse(first, known.reason());
                }
                first = waiters.peek();
            }
        }
        while (timeout > 0 && first != null && now - first.sinceNanos() >= timeout) {
            if (waiters.withdraw(first)) {
                refuse(first, waitedTooLong());
            }
            first = waiters.peek();
        }
        if (first != null) {
            Share full = exhausted;
            if (full != null && now - first.sinceNanos() >= PATIENCE.toNanos()) {
                full.yieldTo(this);
            }
            wake();
        } else if (open.get() < config.minPoolSize()) {
            dial(loops.group().next(), config.minPoolSize());
        }
    }

    private ServerUnavailableException waitedTooLong() {
        return new ServerUnavailableException(
                Kind.WAITED_TOO_LONG,
                SqlState.TOO_MANY_CONNECTIONS,
                "No server connection of %s became free within query-wait-timeout (%d ms); the statement was not started."
                        .formatted(key, config.queryWaitTimeout().toMillis()));
    }

    /**
     * Closes idle server connections that have lived or rested long enough. From any thread, about
     * once a second.
     */
    void retire(long now) {
        for (int i = 0; i < shelves.length; i++) {
            int loop = i;
            if (shelves[i].idle() > 0) {
                loops.all().get(i).execute(() -> retire(shelves[loop], now));
            }
        }
    }

    private void retire(Shelf shelf, long now) {
        long idleTimeout = config.serverIdleTimeout().toNanos();
        shelf.removeIf(server -> {
            boolean rested =
                    idleTimeout > 0
                            && now - server.idleSinceNanos() >= idleTimeout
                            && established.get() > config.minPoolSize();
            if (rested || now - server.retireNanos() >= 0 || outdated(server)) {
                hangUp(server);
                return true;
            }
            return false;
        });
    }

    /**
     * Refuses whoever waits and closes what is idle; server connections still lent are closed when
     * they come back.
     */
    public void close() {
        close(shuttingDown());
    }

    private void close(ServerUnavailableException reason) {
        ending = reason;
        hold(Hold.CLOSED);
        refuseAll(reason);
    }

    private static ServerUnavailableException shuttingDown() {
        return new ServerUnavailableException(
                Kind.CLOSING, SqlState.ADMIN_SHUTDOWN, "Weir is shutting down.");
    }

    /** The database has been taken out of the configuration: as {@link #close}, for that reason. */
    void withdraw() {
        portion.leave(this);
        close(
                new ServerUnavailableException(
                        Kind.CLOSING,
                        SqlState.ADMIN_SHUTDOWN,
                        "The configuration of Weir has no %s any more.".formatted(key)));
    }

    // ---- what operators order; from any thread ----

    /** Stops lending, or goes on with it. Nothing leads out of {@link Hold#CLOSED}. */
    void hold(Hold wanted) {
        synchronized (this) {
            if (hold == Hold.CLOSED) {
                return;
            }
            hold = wanted;
        }
        if (closesOnReturn()) {
            for (int i = 0; i < shelves.length; i++) {
                Shelf shelf = shelves[i];
                loops.all().get(i).execute(() -> empty(shelf));
            }
        } else {
            wake();
        }
    }

    private void empty(Shelf shelf) {
        if (closesOnReturn()) {
            shelf.removeIf(server -> {
                hangUp(server);
                return true;
            });
        }
    }

    /** Whether the pool lends. */
    public Hold hold() {
        return hold;
    }

    /**
     * Replaces each server connection once nobody uses it: the idle ones at once, the others when
     * they come back.
     */
    void reconnect() {
        generation.incrementAndGet();
        for (ServerConnection server : servers) {
            server.loop().execute(() -> server.retireAt(coarseNanos));
        }
        retire(coarseNanos);
    }

    /** Closes all server connections, whatever they are doing. */
    void cutOff() {
        for (ServerConnection server : servers) {
            server.loop().execute(server::close);
        }
    }

    /**
     * Closes the server connections that lead elsewhere than to the target, whatever they are
     * doing: what is written there is lost.
     */
    public void fence() {
        String address = target.address();
        for (ServerConnection server : servers) {
            if (!server.target().address().equals(address)) {
                server.loop().execute(server::close);
            }
        }
    }

    /** There is news that the server answers: whoever waits need not wait for the next attempt. */
    public void recovered() {
        outage = null;
        lastFailure = null;
        retryNanos = 0;
        wake();
    }

    /** Other settings from now on; server connections that lead elsewhere are replaced. */
    public void reconfigure(
            PoolConfig newConfig, ServerTarget newTarget, ServerCredentials newCredentials) {
        boolean samePlace = target.withConnectTimeout(newTarget.connectTimeout()).equals(newTarget);
        boolean moved = !samePlace || !credentials.sameSource(newCredentials);
        config = newConfig;
        target = newTarget;
        if (!credentials.sameSource(newCredentials)) {
            credentials = newCredentials;
        }
        if (moved) {
            profiles.forget();
            outage = null;
            retryNanos = 0;
            reconnect();
        }
        wake();
    }

    /** How many server connections are open that are to be replaced. */
    public long retiring() {
        long now = coarseNanos;
        return servers.stream().filter(server -> now - server.retireNanos() >= 0).count();
    }

    // ---- state and numbers ----

    /**
     * Why PostgreSQL cannot be reached; null if it could be at the last attempt, or answered at
     * least. If it is time for another attempt this starts one, so that whoever asks again learns
     * of the end of an outage, even if no client comes. From any thread.
     */
    public @Nullable String unreachable() {
        Outage known = outage;
        if (known == null || known.reason().kind() != Kind.UNREACHABLE) {
            return null;
        }
        if (System.nanoTime() - known.retryNanos() >= 0) {
            dial(loops.group().next(), 1);
        }
        return known.reason().sentence();
    }

    /** Server connections that exist or are being opened. */
    public int size() {
        return open.get();
    }

    /** Server connections that nobody uses. */
    public int idle() {
        int idle = 0;
        for (Shelf shelf : shelves) {
            idle += shelf.idle();
        }
        return idle;
    }

    /** Whether clients wait only for a limit that other pools share. */
    boolean waitsForOthers() {
        return exhausted != null && waiters.length() > 0;
    }

    /** The client that has waited longest; null if nobody waits. */
    @Nullable Waiter firstWaiter() {
        return waiters.peek();
    }

    /** The part of {@link #size} that is still being opened. */
    public int connecting() {
        return connecting.get();
    }

    /**
     * Server connections that are logged in. Their state may only be read on their loops; the set
     * changes at any time.
     */
    public Set<ServerConnection> servers() {
        return Collections.unmodifiableSet(servers);
    }

    /** Clients that are logged in. */
    public long clients() {
        long gone = counters.get(Count.DEPARTURES);
        return counters.get(Count.LOGINS) - gone;
    }

    /** Clients that wait for their turn, or a place, under a limit: they have not asked yet. */
    public long heldUp() {
        long over = counters.get(Count.LET_ON);
        return counters.get(Count.HELD_UP) - over;
    }

    /** How long the first in the queue has waited, in nanoseconds; 0 if nobody waits. */
    public long longestWaitNanos() {
        Waiter first = waiters.peek();
        return first == null ? 0 : Math.max(0, System.nanoTime() - first.sinceNanos());
    }

    /** Clients that wait. */
    public int waiting() {
        return waiters.length();
    }
}

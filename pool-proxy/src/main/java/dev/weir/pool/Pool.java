package dev.weir.pool;

import dev.weir.auth.ServerCredential;
import dev.weir.auth.ServerCredentials;
import dev.weir.config.PoolConfig;
import dev.weir.net.EventLoops;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerTarget;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerUnavailableException.Kind;
import dev.weir.server.SessionState;
import dev.weir.telemetry.PoolCounters;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * The server connections of one user on one database, and the clients that wait for them: what the
 * rest of Weir sees of a pool. Its parts are the {@link Shelves} with the idle ones, the {@link
 * Dispatcher} between those and the clients, the {@link Returns} of those that come back, the
 * {@link Opener} of more, and what says when one is closed, {@link Retirement}, or none can be had,
 * {@link Reachability}.
 *
 * <p>Threads: idle server connections lie on the shelf of the loop that they belong to. A client
 * takes from the shelf of its own loop without any synchronisation while nobody waits; only waiting
 * goes through the shared queue. {@link #acquire} and {@link #release} are called on a loop, and
 * everything else may be called from any thread.
 */
public final class Pool {
    /**
     * How long a client waits for a limit that its pool shares before another pool has to give one
     * of its server connections.
     */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final PoolKey key;
    private final PoolSettings settings;
    private final Runnable onStaleCredential;
    private final Shares.Portion portion;
    private final EventLoops loops;
    private final Profiles profiles = new Profiles();
    private final PoolCounters counters;
    private final Shelves shelves;
    private final Reachability reachability = new Reachability();
    private final Retirement retirement;
    private final Established established = new Established();
    private final Dispatcher dispatcher;
    private final Returns returns;
    private final Opener opener;
    private final Sharer sharer;
    private final PoolStatus status;

    /** What clients are told once the pool is closed. */
    private volatile ServerUnavailableException ending = Refusals.shuttingDown();

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
        this.key = key;
        this.onStaleCredential = onStaleCredential;
        this.portion = portion;
        this.loops = loops;
        settings = new PoolSettings(config, target, credentials);
        counters = new PoolCounters(loops.all().size());
        shelves = new Shelves(loops);
        retirement = new Retirement(settings);
        dispatcher = new Dispatcher(loops, shelves, this::openFor);
        returns = new Returns(shelves, retirement, dispatcher);
        opener =
                new Opener(
                        key,
                        settings,
                        portion,
                        dialer,
                        reachability,
                        retirement,
                        established,
                        admission,
                        new Openings());
        sharer = new Sharer(opener, shelves, dispatcher, returns);
        status = new PoolStatus(opener, established, shelves, dispatcher, retirement, counters);
        portion.join(sharer);
    }

    public PoolKey key() {
        return key;
    }

    public PoolConfig config() {
        return settings.config();
    }

    public ServerTarget target() {
        return settings.target();
    }

    /** What has happened in this pool. */
    public PoolCounters counters() {
        return counters;
    }

    /** How it is doing. */
    public PoolStatus status() {
        return status;
    }

    /** What servers report to sessions with given settings. */
    public Profiles profiles() {
        return profiles;
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
        ServerConnection server = dispatcher.takeIdle(waiter.loopNumber());
        if (server != null) {
            return server;
        }
        ServerUnavailableException refusal =
                dispatcher.hold() == Hold.CLOSED
                        ? ending
                        : reachability.refusal(waiter.sinceNanos(), established.count());
        if (refusal == null) {
            dispatcher.await(waiter);
        } else {
            waiter.refused(refusal);
        }
        return null;
    }

    /**
     * How long clients wait for a primary that does not answer, or for its successor; zero if they
     * are told at once.
     */
    public void failoverWait(Duration patience) {
        reachability.patience(patience);
    }

    /**
     * The client no longer wants a server connection.
     *
     * @return false if one is on its way to it already
     */
    public boolean withdraw(Waiter waiter) {
        return dispatcher.withdraw(waiter);
    }

    /**
     * Takes a server connection back that is idle, outside any transaction, with no reply
     * outstanding. On its loop.
     */
    public void release(ServerConnection server) {
        returns.release(server);
    }

    /**
     * A cancel request for {@code server} has been settled. On its loop.
     *
     * @param delivered false if it may still hit the server connection at any later time
     */
    public void cancelSettled(ServerConnection server, boolean delivered) {
        returns.cancelSettled(server, delivered);
    }

    // ---- opening ----

    private boolean openFor(@Nullable Waiter first, int waiting) {
        if (opener.openFor(first, waiting)) {
            return true;
        }
        Share full = opener.exhausted();
        if (full != null) {
            full.closeIdleFor(sharer);
        }
        return false;
    }

    /** Opens one that no client waits for, if there are less than {@code limit}. */
    private void openUpTo(int limit) {
        if (dispatcher.hold() == Hold.NONE) {
            opener.open(loops.group().next(), limit);
        }
    }

    private final class Openings implements Opener.Listener {
        @Override
        public void opened(ServerConnection server) {
            server.reportedAs(profiles.shared(server.parameters()));
            profiles.learn(
                    SessionState.DEFAULTS, new Welcome(server.parameters(), SessionState.DEFAULTS));
            returns.shelve(server);
        }

        @Override
        public void mayTryAgain() {
            dispatcher.wake();
        }

        @Override
        public void away(ServerUnavailableException failure) {
            profiles.forget();
            if (!reachability.isWaitedFor(failure)) {
                dispatcher.refuseAll(failure);
            }
        }

        @Override
        public void credentialIsStale() {
            onStaleCredential.run();
        }
    }

    /**
     * A client has proved that it knows {@code credential}. If that is news, server connections
     * that were opened with another one are replaced as they come back. From any thread.
     */
    public void proved(ServerCredential credential) {
        if (!settings.credentials().proved(credential)) {
            return;
        }
        reachability.tryAgain();
        retire(retirement.passwordRenewed());
        dispatcher.wake();
    }

    /** There is news that the server answers: whoever waits need not wait for the next attempt. */
    public void recovered() {
        reachability.answers();
        dispatcher.wake();
    }

    // ---- upkeep ----

    /**
     * What time brings: waits that end, retries, the reserve. A few times a second, from any one
     * thread.
     */
    void tick(long now) {
        retirement.tick(now);
        PoolConfig config = settings.config();
        Outage known = reachability.outage();
        if (known != null && established.count() == 0 && reachability.isWaitedFor(known.reason())) {
            dispatcher.refuseAfter(reachability.patienceNanos(), now, known::reason);
        }
        long timeout = config.queryWaitTimeout().toNanos();
        if (timeout > 0) {
            dispatcher.refuseAfter(
                    timeout, now, () -> Refusals.waitedTooLong(key, config.queryWaitTimeout()));
        }
        Waiter first = dispatcher.first();
        if (first != null) {
            Share full = opener.exhausted();
            if (full != null && now - first.sinceNanos() >= PATIENCE.toNanos()) {
                full.yieldTo(sharer);
            }
            dispatcher.wake();
        } else if (opener.open() < config.minPoolSize()) {
            openUpTo(config.minPoolSize());
        }
    }

    /**
     * Closes idle server connections that have lived or rested long enough. From any thread, about
     * once a second.
     */
    void retire(long now) {
        shelves.closeIf(server ->
                retirement.isIdleTooLong(server, now, established.count())
                        || retirement.isDue(server, now));
    }

    // ---- what operators order; from any thread ----

    /** Stops lending, or goes on with it. Nothing leads out of {@link Hold#CLOSED}. */
    void hold(Hold wanted) {
        if (!dispatcher.hold(wanted)) {
            return;
        }
        if (dispatcher.closesOnReturn()) {
            shelves.closeAll(dispatcher::closesOnReturn);
        } else {
            dispatcher.wake();
        }
    }

    /** Whether the pool lends. */
    public Hold hold() {
        return dispatcher.hold();
    }

    /**
     * Refuses whoever waits and closes what is idle; server connections still lent are closed when
     * they come back.
     */
    public void close() {
        close(Refusals.shuttingDown());
    }

    private void close(ServerUnavailableException reason) {
        ending = reason;
        hold(Hold.CLOSED);
        dispatcher.refuseAll(reason);
    }

    /** The database has been taken out of the configuration: as {@link #close}, for that reason. */
    void withdraw() {
        portion.leave(sharer);
        close(Refusals.withdrawn(key));
    }

    /**
     * Replaces each server connection once nobody uses it: the idle ones at once, the others when
     * they come back.
     */
    void reconnect() {
        retirement.newGeneration();
        established.retireAt(retirement.coarseNanos());
        retire(retirement.coarseNanos());
    }

    /** Closes all server connections, whatever they are doing. */
    void cutOff() {
        established.close();
    }

    /**
     * Closes the server connections that lead elsewhere than to the target, whatever they are
     * doing: what is written there is lost.
     */
    public void fence() {
        established.closeElsewhere(target().address());
    }

    /** Other settings from now on; server connections that lead elsewhere are replaced. */
    public void reconfigure(
            PoolConfig newConfig, ServerTarget newTarget, ServerCredentials newCredentials) {
        if (settings.replace(newConfig, newTarget, newCredentials)) {
            profiles.forget();
            reachability.tryAgain();
            opener.redirected();
            reconnect();
        }
        dispatcher.wake();
    }

    /**
     * Why PostgreSQL cannot be reached; null if it could be at the last attempt, or answered at
     * least. If it is time for another attempt this starts one, so that whoever asks again learns
     * of the end of an outage, even if no client comes. From any thread.
     */
    public @Nullable String unreachable() {
        Outage known = reachability.outage();
        if (known == null || known.reason().kind() != Kind.UNREACHABLE) {
            return null;
        }
        if (System.nanoTime() - known.retryNanos() >= 0) {
            openUpTo(1);
        }
        return known.reason().sentence();
    }
}

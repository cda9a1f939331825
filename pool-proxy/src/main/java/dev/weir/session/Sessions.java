package dev.weir.session;

import dev.weir.auth.Applicant;
import dev.weir.auth.ClientLogin;
import dev.weir.auth.ClientLogins;
import dev.weir.auth.FailedLogins;
import dev.weir.auth.SecretLookup;
import dev.weir.auth.ServerCredential;
import dev.weir.balance.Replica;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.PoolConfig;
import dev.weir.config.ShareConfig;
import dev.weir.config.WeirConfig;
import dev.weir.net.BufferMemory;
import dev.weir.net.ClientTls;
import dev.weir.net.EventLoops;
import dev.weir.net.LastRead;
import dev.weir.net.ProxyHeader;
import dev.weir.pool.Pool;
import dev.weir.pool.Pools;
import dev.weir.router.Router;
import dev.weir.server.ServerDialer;
import dev.weir.session.limit.ClientCounts;
import dev.weir.session.limit.LimitTable;
import dev.weir.session.limit.PlaceLimit;
import dev.weir.session.limit.TransactionLimits;
import dev.weir.session.limit.TransactionRate;
import dev.weir.session.state.CustomSettings;
import dev.weir.session.statement.StatementCatalog;
import dev.weir.telemetry.Tally;
import dev.weir.topology.Node;
import dev.weir.wire.CancelKey;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All clients of one Weir process: prepares what an accepted socket needs, and knows who may be
 * cancelled. Any thread may use it.
 */
public final class Sessions extends ChannelInitializer<Channel> {
    /** More SQLSTATEs than a login can end with. */
    private static final int MOST_CODES = 50;

    /** What a reload replaces, all at once. */
    private record Current(
            WeirConfig config,
            ClientLogins logins,
            FailedLogins failedLogins,
            ClientSession.Shared shared) {}

    private final EventLoops loops;
    private final Pools pools;
    private final ServerDialer dialer;
    private final ClientTls tls;
    private final Executor blocking;
    private final SecretLookup lookup;
    private final Tally refusedLogins = new Tally(MOST_CODES);
    private final ClientCounts counts = new ClientCounts();
    private final LimitTable<TransactionRate.Limit> rates = TransactionRate.table();
    private final LimitTable<PlaceLimit> places = PlaceLimit.table();
    private final Routers routers;
    private final ConfiguredPools configured;
    private final Roster roster;
    private final Switchovers switchovers;
    private final StatementCatalog catalog = new StatementCatalog();
    private final ChannelListeners listeners;
    private final Watches watches;
    private final CustomSettings custom = new CustomSettings();
    private final BufferMemory memory;
    private final CancelKeys cancelKeys;
    private final PeerCancels peerCancels;

    /** Clients that have sent a startup packet and are not gone. */
    private final AtomicInteger clients = new AtomicInteger();

    private final AtomicLong lastId = new AtomicLong();

    /** Written by whoever reloads; read by all loops, once for each login. */
    private volatile Current current;

    /** Written before the first client comes. */
    private volatile @Nullable OwnDatabase own;

    /**
     * No clients yet.
     *
     * @param blocking where password work runs, never a loop
     */
    public Sessions(
            WeirConfig config,
            EventLoops loops,
            Pools pools,
            ServerDialer dialer,
            ClientTls tls,
            SecretLookup lookup,
            Executor blocking) {
        this.loops = loops;
        this.pools = pools;
        this.dialer = dialer;
        this.tls = tls;
        this.blocking = blocking;
        this.lookup = lookup;
        this.cancelKeys = new CancelKeys(config.peering().id());
        this.peerCancels = new PeerCancels(loops, dialer);
        this.listeners = new ChannelListeners(loops, dialer);
        this.watches = new Watches(loops);
        this.memory = new BufferMemory(loops);
        memory.limit(config.limits().maxClientMemory());
        this.roster = new Roster(cancelKeys);
        this.routers = new Routers(this::primaryIs, this::gone, roster::silent);
        this.switchovers = new Switchovers(this::config, routers, pools);
        this.current = new Current(config, logins(config), failedLogins(config), shared(config));
        this.configured =
                new ConfiguredPools(this::config, pools, loops, dialer, lookup, routers, listeners);
        routers.reload(config);
        lookup.follow(routers::whereToAsk);
    }

    private ClientLogins logins(WeirConfig config) {
        return new ClientLogins(config.login(), config.users(), lookup);
    }

    private static FailedLogins failedLogins(WeirConfig config) {
        return new FailedLogins(config.login().failedLoginDelay(), System::nanoTime);
    }

    private ClientSession.Shared shared(WeirConfig config) {
        return new ClientSession.Shared(
                config.limits(),
                cancelKeys,
                catalog,
                custom,
                new Cancels(dialer, config.limits().cancelWaitTimeout()),
                listeners,
                watches,
                memory);
    }

    private void primaryIs(String database) {
        configured.primaryIs(database);
    }

    private void gone(String database, Node node) {
        configured.gone(database, node);
    }

    /** Who answers for the database of Weir's own; before clients come. */
    public void own(OwnDatabase database) {
        own = database;
    }

    /** The database of that name, if it is Weir's own. */
    @Nullable OwnDatabase ownDatabase(String database) {
        OwnDatabase known = own;
        return known != null && known.isNamed(database) ? known : null;
    }

    /** Whether clients of that database are turned away. */
    boolean disabled(String database) {
        return pools.disabled(database);
    }

    /** A number for one more client. */
    long nextId() {
        return lastId.incrementAndGet();
    }

    @Override
    protected void initChannel(Channel channel) {
        begin(channel, false);
    }

    private void begin(Channel channel, boolean readOnly) {
        LastRead.guard(channel);
        ProxyHeader.expect(channel, config().listen().proxyFrom());
        channel.pipeline().addLast(new Login(this, channel, readOnly));
    }

    /** Clients that are connected, whether logged in or about to be. */
    public int clients() {
        return clients.get();
    }

    /** Logins that were refused, for whatever reason, by SQLSTATE. */
    public Tally refusedLogins() {
        return refusedLogins;
    }

    /** What the buffers of all connections take. */
    public BufferMemory memory() {
        return memory;
    }

    FailedLogins failedLogins() {
        return current.failedLogins();
    }

    /** The configuration that counts for clients that come now. */
    public WeirConfig config() {
        return current.config();
    }

    ClientTls tls() {
        return tls;
    }

    Executor blocking() {
        return blocking;
    }

    ClientLogin login(Applicant applicant) {
        return current.logins().begin(applicant);
    }

    /** Counts one more client; false if there are too many. */
    boolean admit() {
        if (clients.incrementAndGet() > config().limits().maxClientConn()) {
            clients.decrementAndGet();
            return false;
        }
        return true;
    }

    void departed() {
        clients.decrementAndGet();
    }

    int loopNumber(EventLoop loop) {
        return loops.number(loop);
    }

    ClientSession.Shared shared() {
        return current.shared();
    }

    /**
     * The pool of a client that has proved to be {@code user}.
     *
     * @param proved what it has proved it with; null if that is nothing to PostgreSQL
     */
    Pool pool(DatabaseConfig database, String user, @Nullable ServerCredential proved) {
        return configured.primary(database, user, proved);
    }

    /**
     * How the reads of a client are routed that has proved to be {@code user}; null if they all go
     * to the primary.
     *
     * @param readOnly whether it came to the port that only reads
     * @throws ProtocolException if it may only read, and there is nothing to read from
     */
    @Nullable Routed routed(
            DatabaseConfig database,
            String user,
            @Nullable ServerCredential proved,
            boolean readOnly)
            throws ProtocolException {
        WeirConfig config = config();
        boolean onlyReads = readOnly || config.readOnly(user);
        Router router = routers.of(database.name());
        if (router == null || config.pool(database, user).mode() == PoolConfig.Mode.SESSION) {
            if (onlyReads) {
                throw new ProtocolException(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "database \"%s\" has no replicas for a read-only session: `replicas` of the database, and a pool-mode other than session, are needed"
                                .formatted(database.name()));
            }
            return null;
        }
        return new Routed(
                router,
                routers.counters(database.name()),
                RouteSettings.of(config.routing(user), database.routing().usual()),
                replica -> configured.replica(database, user, proved, router, replica.node()),
                database.routing().patience(),
                onlyReads ? readOnlyTerms(router, database) : null);
    }

    private static ReadOnly.Terms readOnlyTerms(Router router, DatabaseConfig database)
            throws ProtocolException {
        boolean lastResort = database.routing().readOnlyOnPrimary();
        Replica greeter = router.replicas().stream().filter(router::takes).findAny().orElse(null);
        if (greeter == null && !lastResort) {
            throw new ProtocolException(
                    SqlState.CANNOT_CONNECT_NOW,
                    "No replica of database \"%s\" answers at the moment, and this session is read-only."
                            .formatted(database.name()));
        }
        return new ReadOnly.Terms(lastResort, database.routing().failoverWait(), greeter);
    }

    /** The same clients, where none of them may write. */
    public ChannelInitializer<Channel> readOnly() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                begin(channel, true);
            }

            @Override
            public boolean isSharable() {
                return true;
            }
        };
    }

    /** Who replaces primaries on order. */
    public Switchovers switchovers() {
        return switchovers;
    }

    /** Those that are logged in. */
    public Roster roster() {
        return roster;
    }

    /** Who routes reads. */
    public Routers routers() {
        return routers;
    }

    /**
     * Counts a client that has proved to be {@code user}.
     *
     * @throws ProtocolException if there are too many already
     */
    ClientCounts.Admission admit(DatabaseConfig database, String user) throws ProtocolException {
        return counts.admit(database, user, config().userShare(user));
    }

    /**
     * What limits the transactions of a client that has proved to be {@code user}.
     *
     * @param address where it is; null behind a Unix-domain socket
     */
    TransactionLimits transactions(
            DatabaseConfig database, String user, @Nullable InetAddress address) {
        WeirConfig config = config();
        ShareConfig userShare = config.userShare(user);
        return TransactionLimits.of(
                rates.of(config, database, user, userShare, address),
                places.of(config, database, user, userShare, address));
    }

    /**
     * Lets another configuration count from now on. Clients that are logged in stay; a pool whose
     * settings are the same is not touched, nor is one server connection of it.
     */
    public void reload(WeirConfig next) {
        Current before = current;
        boolean sameLogins =
                before.config().login().equals(next.login())
                        && before.config().users().equals(next.users());
        boolean sameDelay =
                before.config().login().failedLoginDelay().equals(next.login().failedLoginDelay());
        boolean sameQuestions = sameLogins && before.config().databases().equals(next.databases());
        if (!sameQuestions) {
            lookup.reload(next);
        }
        current =
                new Current(
                        next,
                        sameLogins ? before.logins() : logins(next),
                        sameDelay ? before.failedLogins() : failedLogins(next),
                        shared(next));
        memory.limit(next.limits().maxClientMemory());
        routers.reload(next);
        rates.reload(next, next::userShare);
        places.reload(next, next::userShare);
        configured.reload(next, roster::dismissWithout);
    }

    /**
     * Passes a cancel request to the session whose key it shows, or to the process that has it;
     * {@code done} runs when it is settled, on any thread.
     */
    void cancel(CancelKey key, Runnable done) {
        ClientSession session = cancelKeys.find(key);
        if (session == null) {
            WeirConfig config = config();
            peerCancels.send(config.peering(), key, config.limits().cancelWaitTimeout(), done);
        } else {
            session.channel().eventLoop().execute(() -> session.cancel().request(done));
        }
    }
}

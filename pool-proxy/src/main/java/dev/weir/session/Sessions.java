package dev.weir.session;

import dev.weir.auth.Applicant;
import dev.weir.auth.ClientLogin;
import dev.weir.auth.ClientLogins;
import dev.weir.auth.FailedLogins;
import dev.weir.auth.SecretLookup;
import dev.weir.auth.ServerCredential;
import dev.weir.auth.ServerCredentials;
import dev.weir.balance.Replica;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.PoolConfig;
import dev.weir.config.RouteConfig;
import dev.weir.config.Secret;
import dev.weir.config.ShareConfig;
import dev.weir.config.UserConfig;
import dev.weir.config.WeirConfig;
import dev.weir.net.BufferMemory;
import dev.weir.net.ClientTls;
import dev.weir.net.EventLoops;
import dev.weir.net.LastRead;
import dev.weir.net.Look;
import dev.weir.net.ProxyHeader;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;
import dev.weir.pool.Shares;
import dev.weir.router.Router;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerTarget;
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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

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
    private final Shares shares;
    private final Tally refusedLogins = new Tally(MOST_CODES);
    private final ClientCounts counts = new ClientCounts();
    private final LimitTable<TransactionRate.Limit> rates = TransactionRate.table();
    private final LimitTable<PlaceLimit> places = PlaceLimit.table();
    private final Routers routers = new Routers(this::primaryIs, this::gone, this::silent);
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
        this.switchovers = new Switchovers(this::config, routers, pools);
        this.shares = new Shares(config.limits().maxServerConnections());
        this.current = new Current(config, logins(config), failedLogins(config), shared(config));
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
        Pool pool =
                pools.get(new PoolKey(database.name(), user), key -> newPool(key, database, null));
        if (proved != null) {
            pool.proved(proved);
        }
        return pool;
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
        boolean onlyReads = readOnly(user, readOnly);
        Router router = routers.of(database.name());
        if (router == null || mode(database, user) == PoolConfig.Mode.SESSION) {
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
                RouteSettings.of(userRouting(user), database.routing().usual()),
                replica -> replicaPool(database, user, proved, router, replica.node()),
                database.routing().patience(),
                onlyReads ? readOnlyTerms(router, database) : null);
    }

    private Pool replicaPool(
            DatabaseConfig database,
            String user,
            @Nullable ServerCredential proved,
            Router router,
            Node node) {
        PoolKey key = new PoolKey(database.name(), user, node.toString());
        Pool pool = pools.get(key, its -> newPool(its, database, node));
        if (proved != null) {
            pool.proved(proved);
        }
        if (!router.has(node)) {
            // It went between the choice and this: who asks is refused, and asks elsewhere.
            pools.withdraw(pool);
        }
        return pool;
    }

    /** Whether a session must not write. */
    boolean readOnly(String user, boolean port) {
        UserConfig known = config().users().get(user);
        return port || (known != null && known.readOnly());
    }

    private PoolConfig.Mode mode(DatabaseConfig database, String user) {
        return poolConfig(new PoolKey(database.name(), user), database).mode();
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

    private RouteConfig userRouting(String user) {
        UserConfig known = config().users().get(user);
        return known == null ? RouteConfig.NONE : known.routing();
    }

    /** Who routes reads. */
    public Routers routers() {
        return routers;
    }

    /** Takes back what a replica was asked that answers nothing any more. Not on a loop. */
    private void silent(Replica replica) {
        Look.at(
                cancelKeys.all(),
                session -> session.channel().eventLoop(),
                session -> {
                    session.replicaSilent(replica);
                    return null;
                });
    }

    private Pool newPool(PoolKey key, DatabaseConfig database, @Nullable Node replica) {
        PoolConfig config = poolConfig(key, database);
        Pool pool =
                new Pool(
                        key,
                        config,
                        target(database, key, config, replica),
                        credentials(database, key.user()),
                        () -> lookup.forget(key.database(), key.user()),
                        shares.of(
                                key,
                                database.share().maxServers(),
                                userShare(key.user()).maxServers()),
                        loops,
                        dialer,
                        database.routed() ? new Confirming(routers, key) : null);
        pool.failoverWait(failoverWait(key, database));
        return pool;
    }

    /** How long clients wait for a primary; those of a replica have the primary to go to. */
    private static Duration failoverWait(PoolKey key, DatabaseConfig database) {
        return database.routed() && key.place().isEmpty()
                ? database.routing().failoverWait()
                : Duration.ZERO;
    }

    /** The primary of that database is known, anew. */
    private synchronized void primaryIs(String name) {
        DatabaseConfig database = config().database(name);
        if (database == null) {
            return;
        }
        for (Pool pool : pools.all()) {
            if (pool.key().database().equals(name) && pool.key().place().isEmpty()) {
                PoolConfig config = poolConfig(pool.key(), database);
                ServerTarget now = target(database, pool.key(), config, null);
                routers.nodes(name).stream()
                        .map(it -> now.at(it.host(), it.port()))
                        .filter(it -> !it.address().equals(now.address()))
                        .forEach(listeners::left);
                pool.reconfigure(config, now, credentials(database, pool.key().user()));
                pool.fence();
                pool.recovered();
            }
        }
    }

    /** That database has lost a node, which is no primary. */
    private void gone(String name, Node node) {
        for (Pool pool : pools.all()) {
            if (!pool.key().database().equals(name)) {
                continue;
            }
            if (pool.key().place().equals(node.toString())) {
                pools.withdraw(pool);
            } else if (pool.key().place().isEmpty()) {
                listeners.left(pool.target().at(node.host(), node.port()));
            }
        }
    }

    /** What a user may have, be it configured or not. */
    private ShareConfig userShare(String user) {
        UserConfig known = config().users().get(user);
        return known == null ? config().limits().userShare() : known.share();
    }

    /**
     * Counts a client that has proved to be {@code user}.
     *
     * @throws ProtocolException if there are too many already
     */
    ClientCounts.Admission admit(DatabaseConfig database, String user) throws ProtocolException {
        return counts.admit(database, user, userShare(user));
    }

    /**
     * What limits the transactions of a client that has proved to be {@code user}.
     *
     * @param address where it is; null behind a Unix-domain socket
     */
    TransactionLimits transactions(
            DatabaseConfig database, String user, @Nullable InetAddress address) {
        WeirConfig config = config();
        ShareConfig userShare = userShare(user);
        return TransactionLimits.of(
                rates.of(config, database, user, userShare, address),
                places.of(config, database, user, userShare, address));
    }

    private ServerCredentials credentials(DatabaseConfig database, String user) {
        if (database.user() != null) {
            return ServerCredentials.configured(ServerCredential.of(database.password()));
        }
        Secret configured = config().serverPassword(user);
        return configured == null || ServerCredential.isVerifier(configured)
                ? ServerCredentials.fromClients()
                : ServerCredentials.configured(ServerCredential.of(configured));
    }

    private PoolConfig poolConfig(PoolKey key, DatabaseConfig database) {
        UserConfig known = config().users().get(key.user());
        return known == null ? database.pool() : known.pool().applyTo(database.pool());
    }

    // ---- what operators order ----

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
        rates.reload(next, this::userShare);
        places.reload(next, this::userShare);
        shares.reload(
                next.limits().maxServerConnections(),
                name -> {
                    DatabaseConfig database = next.database(name);
                    return database == null ? 0 : database.share().maxServers();
                },
                user -> userShare(user).maxServers());
        for (Pool pool : pools.all()) {
            DatabaseConfig database = next.database(pool.key().database());
            if (database == null) {
                pools.withdraw(pool);
                dismiss(
                        client -> client.pool().equals(pool.key()),
                        "The configuration of Weir has no database \"%s\" any more."
                                .formatted(pool.key().database()));
                continue;
            }
            String place = pool.key().place();
            Node replica = place.isEmpty() ? null : routers.node(database.name(), place);
            if (replica == null && !place.isEmpty()) {
                pools.withdraw(pool);
                continue;
            }
            PoolConfig config = poolConfig(pool.key(), database);
            ServerTarget target = target(database, pool.key(), config, replica);
            pool.reconfigure(config, target, credentials(database, pool.key().user()));
            pool.failoverWait(failoverWait(pool.key(), database));
        }
    }

    /** All clients that are logged in, each as it is now. Not on a loop. */
    public List<ClientView> views() {
        return Look.at(
                cancelKeys.all(), session -> session.channel().eventLoop(), ClientSession::view);
    }

    /** Ends the session of that number with a word to the client; false if there is none. */
    public boolean kill(long id) {
        for (ClientSession session : cancelKeys.all()) {
            if (session.id() == id) {
                dismiss(session, "An administrator has ended the session (KILL_CLIENT).");
                return true;
            }
        }
        return false;
    }

    /** Ends the sessions of these pools, whatever they are doing. */
    public void killAll(Predicate<PoolKey> which) {
        for (ClientSession session : cancelKeys.all()) {
            if (which.test(session.pool().key())) {
                dismiss(
                        session,
                        "An administrator has ended the sessions of this database (KILL).");
            }
        }
    }

    /**
     * Ends those sessions that have no server connection: they do nothing, or wait for what will
     * not come. Not on a loop.
     */
    public void dismissUnserved(String why) {
        dismiss(client -> client.state() != ClientView.State.ACTIVE, why);
    }

    private void dismiss(Predicate<ClientView> which, String why) {
        Look.at(
                cancelKeys.all(),
                session -> session.channel().eventLoop(),
                session -> {
                    ClientView view = session.view();
                    if (view != null && which.test(view)) {
                        session.farewell(SqlState.ADMIN_SHUTDOWN.code(), why);
                    }
                    return view;
                });
    }

    private static void dismiss(ClientSession session, String why) {
        session.channel()
                .eventLoop()
                .execute(() -> session.farewell(SqlState.ADMIN_SHUTDOWN.code(), why));
    }

    /**
     * Where a pool's server connections lead.
     *
     * @param replica whose pool it is; null for the primary's
     */
    private ServerTarget target(
            DatabaseConfig database, PoolKey key, PoolConfig pool, @Nullable Node replica) {
        String fixedUser = database.user();
        ServerTarget primary =
                new ServerTarget(
                        database.host(),
                        database.port(),
                        database.serverDatabase(),
                        fixedUser == null ? key.user() : fixedUser,
                        null,
                        database.tls(),
                        pool.serverConnectTimeout(),
                        config().limits().maxPreparedStatements());
        if (replica != null) {
            return primary.replica(replica.host(), replica.port());
        }
        Router router = routers.of(database.name());
        Node now = router == null ? null : router.primary().node();
        return now == null ? primary : primary.at(now.host(), now.port());
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
            session.channel().eventLoop().execute(() -> session.cancel(done));
        }
    }
}

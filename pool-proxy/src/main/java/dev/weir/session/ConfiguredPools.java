package dev.weir.session;

import dev.weir.auth.SecretLookup;
import dev.weir.auth.ServerCredential;
import dev.weir.auth.ServerCredentials;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.PoolConfig;
import dev.weir.config.Secret;
import dev.weir.config.WeirConfig;
import dev.weir.net.EventLoops;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;
import dev.weir.pool.Shares;
import dev.weir.router.Router;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerTarget;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Makes the pools that clients ask for as the configuration and the routers say, and keeps them so.
 * Any thread may use it.
 */
final class ConfiguredPools {
    private final Supplier<WeirConfig> config;
    private final Pools pools;
    private final Shares shares;
    private final EventLoops loops;
    private final ServerDialer dialer;
    private final SecretLookup lookup;
    private final Routers routers;
    private final ChannelListeners listeners;

    /**
     * No pools yet.
     *
     * @param config the one that counts
     */
    ConfiguredPools(
            Supplier<WeirConfig> config,
            Pools pools,
            EventLoops loops,
            ServerDialer dialer,
            SecretLookup lookup,
            Routers routers,
            ChannelListeners listeners) {
        this.config = config;
        this.pools = pools;
        this.loops = loops;
        this.dialer = dialer;
        this.lookup = lookup;
        this.routers = routers;
        this.listeners = listeners;
        this.shares = new Shares(config.get().limits().maxServerConnections());
    }

    /**
     * The pool of a client that has proved to be {@code user}.
     *
     * @param proved what it has proved it with; null if that is nothing to PostgreSQL
     */
    Pool primary(DatabaseConfig database, String user, @Nullable ServerCredential proved) {
        return get(new PoolKey(database.name(), user), database, null, proved);
    }

    /** Its pool on a replica that {@code router} has chosen, as {@link #primary}. */
    Pool replica(
            DatabaseConfig database,
            String user,
            @Nullable ServerCredential proved,
            Router router,
            Node node) {
        PoolKey key = new PoolKey(database.name(), user, node.toString());
        Pool pool = get(key, database, node, proved);
        if (!router.has(node)) {
            // It went between the choice and this: who asks is refused, and asks elsewhere.
            pools.withdraw(pool);
        }
        return pool;
    }

    private Pool get(
            PoolKey key,
            DatabaseConfig database,
            @Nullable Node replica,
            @Nullable ServerCredential proved) {
        Pool pool = pools.get(key, its -> create(its, database, replica));
        if (proved != null) {
            pool.proved(proved);
        }
        return pool;
    }

    private Pool create(PoolKey key, DatabaseConfig database, @Nullable Node replica) {
        PoolConfig settings = settings(key, database);
        Pool pool =
                new Pool(
                        key,
                        settings,
                        target(database, key, settings, replica),
                        credentials(database, key.user()),
                        () -> lookup.forget(key.database(), key.user()),
                        shares.of(
                                key,
                                database.share().maxServers(),
                                config.get().userShare(key.user()).maxServers()),
                        loops,
                        dialer,
                        database.routed() ? new Confirming(routers, key) : null);
        pool.failoverWait(failoverWait(key, database));
        return pool;
    }

    // ---- when something changes ----

    /**
     * Another configuration counts from now on. A pool whose settings are the same is not touched,
     * nor is one server connection of it.
     *
     * @param gone hears of pools whose database is not configured any more
     */
    void reload(WeirConfig next, Consumer<PoolKey> gone) {
        shares.reload(
                next.limits().maxServerConnections(),
                name -> {
                    DatabaseConfig database = next.database(name);
                    return database == null ? 0 : database.share().maxServers();
                },
                user -> next.userShare(user).maxServers());
        for (Pool pool : pools.all()) {
            PoolKey key = pool.key();
            DatabaseConfig database = next.database(key.database());
            if (database == null) {
                pools.withdraw(pool);
                gone.accept(key);
                continue;
            }
            boolean ofReplica = !key.place().isEmpty();
            Node replica = ofReplica ? routers.node(database.name(), key.place()) : null;
            if (replica == null && ofReplica) {
                pools.withdraw(pool);
                continue;
            }
            PoolConfig settings = settings(key, database);
            pool.reconfigure(
                    settings,
                    target(database, key, settings, replica),
                    credentials(database, key.user()));
            pool.failoverWait(failoverWait(key, database));
        }
    }

    /** The primary of that database is known, anew. */
    synchronized void primaryIs(String name) {
        DatabaseConfig database = config.get().database(name);
        if (database == null) {
            return;
        }
        for (Pool pool : pools.all()) {
            PoolKey key = pool.key();
            if (key.database().equals(name) && key.place().isEmpty()) {
                PoolConfig settings = settings(key, database);
                ServerTarget now = target(database, key, settings, null);
                routers.nodes(name).stream()
                        .map(it -> now.at(it.host(), it.port()))
                        .filter(it -> !it.address().equals(now.address()))
                        .forEach(listeners::left);
                pool.reconfigure(settings, now, credentials(database, key.user()));
                pool.fence();
                pool.recovered();
            }
        }
    }

    /** That database has lost a node, which is no primary. */
    void gone(String name, Node node) {
        for (Pool pool : pools.all()) {
            PoolKey key = pool.key();
            if (!key.database().equals(name)) {
                continue;
            }
            if (key.place().equals(node.toString())) {
                pools.withdraw(pool);
            } else if (key.place().isEmpty()) {
                listeners.left(pool.target().at(node.host(), node.port()));
            }
        }
    }

    // ---- what the configuration says of one pool ----

    private PoolConfig settings(PoolKey key, DatabaseConfig database) {
        return config.get().pool(database, key.user());
    }

    /** How long clients wait for a primary; those of a replica have the primary to go to. */
    private static Duration failoverWait(PoolKey key, DatabaseConfig database) {
        return database.routed() && key.place().isEmpty()
                ? database.routing().failoverWait()
                : Duration.ZERO;
    }

    private ServerCredentials credentials(DatabaseConfig database, String user) {
        if (database.user() != null) {
            return ServerCredentials.configured(ServerCredential.of(database.password()));
        }
        Secret configured = config.get().serverPassword(user);
        return configured == null || ServerCredential.isVerifier(configured)
                ? ServerCredentials.fromClients()
                : ServerCredentials.configured(ServerCredential.of(configured));
    }

    /**
     * Where a pool's server connections lead.
     *
     * @param replica whose pool it is; null for the primary's
     */
    private ServerTarget target(
            DatabaseConfig database, PoolKey key, PoolConfig settings, @Nullable Node replica) {
        String fixedUser = database.user();
        ServerTarget primary =
                new ServerTarget(
                        database.host(),
                        database.port(),
                        database.serverDatabase(),
                        fixedUser == null ? key.user() : fixedUser,
                        null,
                        database.tls(),
                        settings.serverConnectTimeout(),
                        config.get().limits().maxPreparedStatements());
        if (replica != null) {
            return primary.replica(replica.host(), replica.port());
        }
        Router router = routers.of(database.name());
        Node now = router == null ? null : router.primary().node();
        return now == null ? primary : primary.at(now.host(), now.port());
    }
}

package dev.weir.session;

import dev.weir.auth.Applicant;
import dev.weir.auth.ClientLogin;
import dev.weir.auth.ClientLogins;
import dev.weir.auth.FailedLogins;
import dev.weir.auth.SecretLookup;
import dev.weir.auth.ServerCredential;
import dev.weir.auth.ServerCredentials;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.PoolConfig;
import dev.weir.config.Secret;
import dev.weir.config.UserConfig;
import dev.weir.config.WeirConfig;
import dev.weir.net.ClientTls;
import dev.weir.net.EventLoops;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerTarget;
import dev.weir.wire.CancelKey;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All clients of one Weir process: prepares what an accepted socket needs, and knows who may be
 * cancelled. Any thread may use it.
 */
public final class Sessions extends ChannelInitializer<Channel> {
    private final WeirConfig config;
    private final EventLoops loops;
    private final Pools pools;
    private final ServerDialer dialer;
    private final ClientTls tls;
    private final Executor blocking;
    private final SecretLookup lookup;
    private final FailedLogins failedLogins;
    private final ClientLogins logins;
    private final ClientSession.Shared shared;
    private final CancelKeys cancelKeys = new CancelKeys();

    /** Clients that have sent a startup packet and are not gone. */
    private final AtomicInteger clients = new AtomicInteger();

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
        this.config = config;
        this.loops = loops;
        this.pools = pools;
        this.dialer = dialer;
        this.tls = tls;
        this.blocking = blocking;
        this.lookup = lookup;
        this.failedLogins = new FailedLogins(config.login().failedLoginDelay(), System::nanoTime);
        this.logins = new ClientLogins(config.login(), config.users(), lookup);
        this.shared =
                new ClientSession.Shared(
                        config.limits(),
                        cancelKeys,
                        new StatementCatalog(),
                        new CustomSettings(),
                        new Cancels(dialer, config.limits().cancelWaitTimeout()));
    }

    @Override
    protected void initChannel(Channel channel) {
        channel.pipeline().addLast(new Login(this, channel));
    }

    /** Clients that are connected, whether logged in or about to be. */
    public int clients() {
        return clients.get();
    }

    FailedLogins failedLogins() {
        return failedLogins;
    }

    WeirConfig config() {
        return config;
    }

    ClientTls tls() {
        return tls;
    }

    Executor blocking() {
        return blocking;
    }

    ClientLogin login(Applicant applicant) {
        return logins.begin(applicant);
    }

    /** Counts one more client; false if there are too many. */
    boolean admit() {
        if (clients.incrementAndGet() > config.limits().maxClientConn()) {
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
        return shared;
    }

    /**
     * The pool of a client that has proved to be {@code user}.
     *
     * @param proved what it has proved it with; null if that is nothing to PostgreSQL
     */
    Pool pool(DatabaseConfig database, String user, @Nullable ServerCredential proved) {
        Pool pool = pools.get(new PoolKey(database.name(), user), key -> newPool(key, database));
        if (proved != null) {
            pool.proved(proved);
        }
        return pool;
    }

    private Pool newPool(PoolKey key, DatabaseConfig database) {
        UserConfig known = config.users().get(key.user());
        PoolConfig pool = known == null ? database.pool() : known.pool().applyTo(database.pool());
        return new Pool(
                key,
                pool,
                target(database, key.user(), pool),
                credentials(database, key.user()),
                () -> lookup.forget(key.database(), key.user()),
                loops,
                dialer);
    }

    private ServerCredentials credentials(DatabaseConfig database, String user) {
        if (database.user() != null) {
            return ServerCredentials.configured(ServerCredential.of(database.password()));
        }
        Secret configured = serverPassword(user);
        return configured == null || ServerCredential.isVerifier(configured)
                ? ServerCredentials.fromClients()
                : ServerCredentials.configured(ServerCredential.of(configured));
    }

    private ServerTarget target(DatabaseConfig database, String user, PoolConfig pool) {
        String fixedUser = database.user();
        return new ServerTarget(
                database.host(),
                database.port(),
                database.serverDatabase(),
                fixedUser == null ? user : fixedUser,
                null,
                database.tls(),
                pool.serverConnectTimeout(),
                config.limits().maxPreparedStatements());
    }

    private @Nullable Secret serverPassword(String user) {
        UserConfig known = config.users().get(user);
        if (known == null) {
            return null;
        }
        return known.serverPassword() != null ? known.serverPassword() : known.password();
    }

    /**
     * Passes a cancel request to the session whose key it shows; {@code done} runs when it is
     * settled, on any thread.
     */
    void cancel(CancelKey key, Runnable done) {
        ClientSession session = cancelKeys.find(key);
        if (session == null) {
            done.run();
        } else {
            session.channel().eventLoop().execute(() -> session.cancel(done));
        }
    }
}

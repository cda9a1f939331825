package dev.weir.session;

import dev.weir.auth.ClientLogin;
import dev.weir.auth.ClientLogins;
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
            Executor blocking) {
        this.config = config;
        this.loops = loops;
        this.pools = pools;
        this.dialer = dialer;
        this.tls = tls;
        this.blocking = blocking;
        this.logins = new ClientLogins(config.login().authType(), config.users());
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

    WeirConfig config() {
        return config;
    }

    ClientTls tls() {
        return tls;
    }

    Executor blocking() {
        return blocking;
    }

    ClientLogin login(String user) {
        return logins.begin(user);
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

    /** The pool of a client that has proved to be {@code user}. */
    Pool pool(DatabaseConfig database, String user) {
        return pools.get(new PoolKey(database.name(), user), key -> newPool(key, database));
    }

    private Pool newPool(PoolKey key, DatabaseConfig database) {
        UserConfig known = config.users().get(key.user());
        PoolConfig pool = known == null ? database.pool() : known.pool().applyTo(database.pool());
        return new Pool(key, pool, target(database, key.user(), pool), loops, dialer);
    }

    private ServerTarget target(DatabaseConfig database, String user, PoolConfig pool) {
        String fixedUser = database.user();
        return new ServerTarget(
                database.host(),
                database.port(),
                database.serverDatabase(),
                fixedUser == null ? user : fixedUser,
                fixedUser == null ? serverPassword(user) : database.password(),
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

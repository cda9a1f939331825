package dev.weir.pool;

import dev.weir.auth.ServerCredential;
import dev.weir.auth.ServerCredentials;
import dev.weir.config.PoolConfig;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerUnavailableException.Kind;
import dev.weir.wire.SqlState;

import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens the server connections of a pool, within its limits and those that it shares, with a pause
 * after a failure, and counts them until they are closed. Any thread may use it.
 */
final class Opener {
    private static final Logger LOG = LoggerFactory.getLogger(Opener.class);

    /** Hears what becomes of the attempts, and of the server connections. */
    interface Listener {
        /** There is one more, and nobody uses it. On its loop. */
        void opened(ServerConnection server);

        /** Another attempt may succeed, or have its place: whoever waits may look again. */
        void mayTryAgain();

        /** None is left, and none could be opened: what was known of the server counts no more. */
        void away(ServerUnavailableException failure);

        /** PostgreSQL has refused what a client proved. */
        void credentialIsStale();
    }

    private final PoolKey key;
    private final PoolSettings settings;
    private final Shares.Portion portion;
    private final ServerDialer dialer;
    private final Reachability reachability;
    private final Retirement retirement;
    private final Established established;

    /** Who is asked about each new server connection; null if none is in doubt. */
    private final @Nullable Admission admission;

    private final Listener listener;

    /**
     * Server connections that exist or are being opened; the one number that the size limits bound.
     */
    private final AtomicInteger open = new AtomicInteger();

    /** The part of {@link #open} that is still being opened. */
    private final AtomicInteger connecting = new AtomicInteger();

    /** The part of {@link #connecting} that leads where it should; replaced when that changes. */
    private volatile AtomicInteger attempts = new AtomicInteger();

    /** The shared limit that stands in the way of a waiting client; null if none does. */
    private volatile @Nullable Share exhausted;

    Opener(
            PoolKey key,
            PoolSettings settings,
            Shares.Portion portion,
            ServerDialer dialer,
            Reachability reachability,
            Retirement retirement,
            Established established,
            @Nullable Admission admission,
            Listener listener) {
        this.key = key;
        this.settings = settings;
        this.portion = portion;
        this.dialer = dialer;
        this.reachability = reachability;
        this.retirement = retirement;
        this.established = established;
        this.admission = admission;
        this.listener = listener;
    }

    /** Server connections that exist or are being opened. */
    int open() {
        return open.get();
    }

    /** The part of {@link #open} that is still being opened. */
    int connecting() {
        return connecting.get();
    }

    /** The shared limit that stood in the way of the last attempt; null if none did. */
    @Nullable Share exhausted() {
        return exhausted;
    }

    /** Server connections lead elsewhere from now on: what is under way counts for nobody. */
    void redirected() {
        attempts = new AtomicInteger();
    }

    /**
     * Opens one more for clients that wait, if there are not enough attempts under way for them.
     *
     * @param first the client that has waited longest; null if nobody waits
     * @param waiting how many wait
     * @return false if the size, a shared limit or the pause after a failure do not allow it
     */
    boolean openFor(@Nullable Waiter first, int waiting) {
        exhausted = null;
        if (first == null || attempts.get() >= waiting) {
            return false;
        }
        PoolConfig config = settings.config();
        boolean reserve =
                config.reservePoolSize() > 0
                        && retirement.coarseNanos() - first.sinceNanos()
                                >= config.reservePoolTimeout().toNanos();
        int limit = config.defaultPoolSize() + (reserve ? config.reservePoolSize() : 0);
        return open(first.loop(), limit);
    }

    /** Opens one more server connection if the size, and the pause after a failure, allow it. */
    boolean open(EventLoop loop, int limit) {
        if (!reachability.mayTry(connecting.get())) {
            return false;
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
        AtomicInteger among = attempts;
        among.incrementAndGet();
        int begun = retirement.generation();
        ServerCredentials credentials = settings.credentials();
        ServerCredential credential = credentials.current();
        dialer.dial(
                loop,
                settings.target().withCredential(credential),
                new Attempt(credential, begun, among));
        return true;
    }

    /** One attempt to connect. On the loop of the server connection. */
    private final class Attempt implements ServerDialer.Listener {
        private final @Nullable ServerCredential used;
        private final int begun;
        private final AtomicInteger among;
        private final long begunNanos = System.nanoTime();

        Attempt(@Nullable ServerCredential used, int begun, AtomicInteger among) {
            this.used = used;
            this.begun = begun;
            this.among = among;
        }

        private void ended() {
            connecting.decrementAndGet();
            among.decrementAndGet();
        }

        /** Whether another was wanted meanwhile. */
        private boolean overtaken() {
            return begun != retirement.generation();
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
            ended();
            established.add(server);
            reachability.answers();
            server.channel().closeFuture().addListener(_ -> lost(server));
            ServerCredential newest = settings.credentials().current();
            boolean outdated = used != null && newest != null && !used.equals(newest);
            retirement.admit(server, outdated || overtaken());
            listener.opened(server);
        }

        @Override
        public void failed(ServerUnavailableException failure) {
            ended();
            open.decrementAndGet();
            portion.give();
            if (overtaken()) {
                // It tells nothing of the server that is wanted now.
                listener.mayTryAgain();
                return;
            }
            if (failure.isAboutCredential()) {
                if (settings.credentials().refused(used)) {
                    listener.mayTryAgain();
                    return;
                }
                listener.credentialIsStale();
            }
            reachability.failed(failure, settings.config().serverLoginRetry());
            if (failure.kind() == Kind.FULL) {
                LOG.warn("{}: no slot on the server, waiting: {}", key, failure.sentence());
            } else if (established.count() == 0) {
                away(failure);
            }
        }
    }

    /** A server connection has closed, for whatever reason: there is room for another. */
    private void lost(ServerConnection server) {
        int left = established.remove(server);
        open.decrementAndGet();
        ServerUnavailableException failure = left == 0 ? reachability.failureUntilRetry() : null;
        if (failure != null) {
            away(failure);
        }
        if (!portion.give()) {
            listener.mayTryAgain();
        }
    }

    private void away(ServerUnavailableException failure) {
        if (reachability.away(failure)) {
            LOG.warn("{}: {}", key, failure.sentence());
        }
        listener.away(failure);
    }
}

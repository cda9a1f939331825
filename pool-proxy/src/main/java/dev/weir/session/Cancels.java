package dev.weir.session;

import dev.weir.pool.Pool;
import dev.weir.server.ServerConnection;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerTarget;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes cancel requests on, with a budget of their own so that a flood of them cannot take
 * PostgreSQL's slots from statements. Any loop may use it.
 */
final class Cancels {
    private static final Logger LOG = LoggerFactory.getLogger(Cancels.class);

    /**
     * Cancel requests under way at once; further ones are dropped, which the protocol allows at any
     * time.
     */
    private static final int MAX_UNDER_WAY = 64;

    private final ServerDialer dialer;
    private final Duration timeout;
    private final AtomicInteger underWay = new AtomicInteger();

    Cancels(ServerDialer dialer, Duration timeout) {
        this.dialer = dialer;
        this.timeout = timeout;
    }

    /**
     * Cancels what runs on {@code server}, on whose loop this is called; {@code done} runs there
     * when that is settled.
     */
    void send(Pool pool, ServerConnection server, Runnable done) {
        if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
            underWay.decrementAndGet();
            LOG.warn("{}: cancel request dropped, {} are under way", pool.key(), MAX_UNDER_WAY);
            done.run();
            return;
        }
        server.cancelStarted();
        ServerTarget target = server.target();
        dialer.cancel(
                server,
                target.withConnectTimeout(timeout),
                delivered -> {
                    underWay.decrementAndGet();
                    pool.cancelSettled(server, delivered);
                    done.run();
                });
    }
}

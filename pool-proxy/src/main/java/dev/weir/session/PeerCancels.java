package dev.weir.session;

import dev.weir.config.PeeringConfig;
import dev.weir.config.ServerTlsConfig;
import dev.weir.net.EventLoops;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerTarget;
import dev.weir.wire.CancelKey;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes cancel requests on to the Weir process whose session they are for. Any thread may use it.
 */
final class PeerCancels {
    private static final Logger LOG = LoggerFactory.getLogger(PeerCancels.class);

    /**
     * Requests under way at once; further ones are dropped, which the protocol allows at any time.
     */
    private static final int MAX_UNDER_WAY = 64;

    private final EventLoops loops;
    private final ServerDialer dialer;
    private final AtomicInteger underWay = new AtomicInteger();

    PeerCancels(EventLoops loops, ServerDialer dialer) {
        this.loops = loops;
        this.dialer = dialer;
    }

    /**
     * Passes a request on that is for no session here, if another process may know it; {@code done}
     * runs when that is settled, on any thread.
     */
    void send(PeeringConfig peering, CancelKey key, Duration timeout, Runnable done) {
        int id = PeerBits.peer(key.pid());
        PeeringConfig.Peer peer = id == peering.id() ? null : peering.peers().get(id);
        int hops = PeerBits.hops(key.pid());
        if (peering.id() == 0 || peer == null || hops == 0) {
            done.run();
            return;
        }
        if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
            underWay.decrementAndGet();
            LOG.warn("cancel request for peer {} dropped, {} are under way", id, MAX_UNDER_WAY);
            done.run();
            return;
        }
        ServerTarget target =
                new ServerTarget(
                        peer.host(), peer.port(), "", "", null, ServerTlsConfig.NONE, timeout, 0);
        // One hop less: what two processes each take for the other's would go round for ever.
        CancelKey passed = new CancelKey(key.pid() - 1, key.secret());
        dialer.passOn(
                loops.group().next(),
                passed,
                target,
                delivered -> {
                    underWay.decrementAndGet();
                    if (!delivered) {
                        LOG.warn(
                                "cancel request for peer {} not delivered to {}",
                                id,
                                target.address());
                    }
                    done.run();
                });
    }
}

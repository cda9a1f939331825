package dev.weir.session;

import dev.weir.net.EventLoops;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerTarget;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The listeners of all databases. Any thread may use it. */
final class ChannelListeners {
    /** Channels are a database's, whoever the user is. */
    private record Place(String address, String database) {}

    private final ConcurrentMap<Place, ChannelListener> listeners = new ConcurrentHashMap<>();
    private final EventLoops loops;
    private final ServerDialer dialer;

    ChannelListeners(EventLoops loops, ServerDialer dialer) {
        this.loops = loops;
        this.dialer = dialer;
    }

    /**
     * The primary of a database is elsewhere now: nothing is notified any more where it was, and
     * who listens there has to hear so.
     *
     * @param before where it is not
     */
    void left(ServerTarget before) {
        ChannelListener listener = listeners.remove(new Place(before.address(), before.database()));
        if (listener != null) {
            listener.leave();
        }
    }

    /** The listener of the database that {@code target} names; as its user if it is the first. */
    ChannelListener of(ServerTarget target) {
        return listeners.computeIfAbsent(
                new Place(target.address(), target.database()),
                _ -> new ChannelListener(loops.group().next(), dialer, target));
    }
}

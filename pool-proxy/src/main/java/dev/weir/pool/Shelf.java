package dev.weir.pool;

import dev.weir.server.ServerConnection;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.Predicate;

/**
 * The idle server connections of one pool on one loop, last used first: the few that a light load
 * needs stay warm, and the rest reach their idle timeout. Only that loop may touch it, but for
 * {@link #idle}.
 */
final class Shelf {
    private final ArrayDeque<ServerConnection> servers = new ArrayDeque<>();

    /** Written by the owning loop; read by loops that look for a server connection to take over. */
    private volatile int idle;

    @Nullable ServerConnection take() {
        ServerConnection server = servers.pollFirst();
        if (server != null) {
            publish();
        }
        return server;
    }

    /** The one that has been idle for longest; null if none is. */
    @Nullable ServerConnection takeCoolest() {
        ServerConnection server = servers.pollLast();
        publish();
        return server;
    }

    void put(ServerConnection server) {
        servers.addFirst(server);
        publish();
    }

    boolean remove(ServerConnection server) {
        boolean removed = servers.remove(server);
        publish();
        return removed;
    }

    /** Takes out all that {@code which} says, longest idle first, and hands them to nobody. */
    void removeIf(Predicate<ServerConnection> which) {
        for (Iterator<ServerConnection> each = servers.descendingIterator(); each.hasNext(); ) {
            if (which.test(each.next())) {
                each.remove();
            }
        }
        publish();
    }

    /** How many are idle; from another loop a hint only. */
    int idle() {
        return idle;
    }

    private void publish() {
        idle = servers.size();
    }
}

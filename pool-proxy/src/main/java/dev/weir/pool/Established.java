package dev.weir.pool;

import dev.weir.server.ServerConnection;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The server connections of one pool that have finished their login and are not closed, whoever has
 * them. Any thread may use it.
 */
final class Established {
    private final AtomicInteger count = new AtomicInteger();
    private final Set<ServerConnection> servers = ConcurrentHashMap.newKeySet();

    void add(ServerConnection server) {
        count.incrementAndGet();
        servers.add(server);
    }

    /** It has closed. Returns how many are left. */
    int remove(ServerConnection server) {
        servers.remove(server);
        return count.decrementAndGet();
    }

    int count() {
        return count.get();
    }

    /** All of them; the set changes at any time. */
    Set<ServerConnection> servers() {
        return Collections.unmodifiableSet(servers);
    }

    /** How many are due at {@code now}. */
    long retiring(long now) {
        return servers.stream().filter(server -> now - server.retireNanos() >= 0).count();
    }

    /** Lets each be replaced once nobody uses it. */
    void retireAt(long nanos) {
        for (ServerConnection server : servers) {
            server.loop().execute(() -> server.retireAt(nanos));
        }
    }

    /** Closes all, whatever they are doing. */
    void close() {
        for (ServerConnection server : servers) {
            server.loop().execute(server::close);
        }
    }

    /** Closes those that lead elsewhere than to {@code address}, whatever they are doing. */
    void closeElsewhere(String address) {
        for (ServerConnection server : servers) {
            if (!server.target().address().equals(address)) {
                server.loop().execute(server::close);
            }
        }
    }
}

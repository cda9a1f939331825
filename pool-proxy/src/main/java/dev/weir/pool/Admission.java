package dev.weir.pool;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/** Says of each new server connection whether its server is still what it is taken for. */
public interface Admission {
    /**
     * Finds out; on the connection's loop.
     *
     * @param begunNanos when the connection was begun, by {@link System#nanoTime}
     * @param heard called once, on that loop: with the reason why it must not be used, or null
     */
    void ask(
            ServerConnection server,
            long begunNanos,
            Consumer<@Nullable ServerUnavailableException> heard);
}

package dev.weir.pool;

import dev.weir.server.ServerConnection;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;

/** Takes an idle server connection from its loop to another one. */
final class LoopMove {
    private LoopMove() {}

    /**
     * Starts the move, on the connection's present loop.
     *
     * @param arrived runs on {@code destination} in any case; the channel is inactive if it did not
     *     survive
     */
    static void start(ServerConnection server, EventLoop destination, Runnable arrived) {
        Channel channel = server.channel();
        // io_uring starts a cancelled read again as long as reading is wanted, and would never let
        // the channel go.
        channel.config().setAutoRead(false);
        EventLoop origin = channel.eventLoop();
        // io_uring says that the channel is free in the midst of putting its things away: only the
        // next task finds that done.
        channel.deregister()
                .addListener(_ -> origin.execute(() -> register(channel, destination, arrived)));
    }

    private static void register(Channel channel, EventLoop destination, Runnable arrived) {
        destination
                .register(channel)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        channel.unsafe().closeForcibly();
                    }
                    destination.execute(() -> {
                        channel.config().setAutoRead(true);
                        arrived.run();
                    });
                });
    }
}

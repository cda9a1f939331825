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
        EventLoop origin = server.loop();
        // io_uring starts a cancelled read again as long as reading is wanted, and would never let
        // the channel go.
        channel.config().setAutoRead(false);
        // io_uring tells of the end of the registration while it still works on the channel: not
        // until it has returned may another loop touch it.
        channel.deregister()
                .addListener(_ -> origin.execute(() -> arrive(channel, destination, arrived)));
    }

    private static void arrive(Channel channel, EventLoop destination, Runnable arrived) {
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

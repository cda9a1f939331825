package dev.weir.pool;

import dev.weir.server.ServerConnection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Takes an idle server connection from its loop to another one. */
final class LoopMove {
    /** It takes some ten microseconds; one that is not through by then never will be. */
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private final Channel channel;
    private final EventLoop origin;
    private final EventLoop destination;
    private final Runnable arrived;
    private final AtomicBoolean over = new AtomicBoolean();

    /** Whoever waits for a connection that the server closes in the midst waits no longer. */
    private final ChannelFutureListener lost;

    private LoopMove(ServerConnection server, EventLoop destination, Runnable arrived) {
        this.channel = server.channel();
        this.origin = server.loop();
        this.destination = destination;
        this.arrived = arrived;
        this.lost = _ -> destination.execute(this::end);
    }

    /**
     * Starts the move, on the connection's present loop.
     *
     * @param arrived runs on {@code destination} in any case; the channel is inactive if it did not
     *     survive
     */
    static void start(ServerConnection server, EventLoop destination, Runnable arrived) {
        new LoopMove(server, destination, arrived).begin();
    }

    private void begin() {
        channel.closeFuture().addListener(lost);
        Future<?> limit = origin.schedule(this::giveUp, LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        // io_uring starts a cancelled read again as long as reading is wanted, and would never let
        // the channel go.
        channel.config().setAutoRead(false);
        // io_uring tells of the end of the registration while it still works on the channel: not
        // until it has returned may another loop touch it.
        channel.deregister()
                .addListener(_ -> {
                    limit.cancel(false);
                    origin.execute(this::arrive);
                });
    }

    private void arrive() {
        destination
                .register(channel)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        channel.unsafe().closeForcibly();
                    }
                    destination.execute(() -> {
                        channel.config().setAutoRead(true);
                        channel.closeFuture().removeListener(lost);
                        end();
                    });
                });
    }

    /** The channel has not come out of its registration, as when the server has just gone. */
    private void giveUp() {
        channel.close();
    }

    /** On the destination. */
    private void end() {
        if (over.compareAndSet(false, true)) {
            arrived.run();
        }
    }
}

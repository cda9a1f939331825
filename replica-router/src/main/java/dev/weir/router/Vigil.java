package dev.weir.router;

import dev.weir.balance.Replica;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Watches for replicas that have fallen silent, so that those whose reads are there need not look
 * at a clock. It has a virtual thread of its own.
 */
final class Vigil implements AutoCloseable {
    private static final long TICK_NANOS = Duration.ofMillis(100).toNanos();

    private final Supplier<List<Replica>> replicas;
    private final Consumer<Replica> silent;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * Starts to watch.
     *
     * @param silent called again and again while a replica answers neither the router nor its
     *     reads; may block
     */
    Vigil(Object name, Supplier<List<Replica>> replicas, Consumer<Replica> silent) {
        this.replicas = replicas;
        this.silent = silent;
        this.thread = Thread.ofVirtual().name("weir-vigil " + name).start(this::run);
    }

    private void run() {
        long before = System.nanoTime();
        while (!closed) {
            LockSupport.parkNanos(this, TICK_NANOS);
            long now = System.nanoTime();
            // A process that was stopped itself has heard nobody.
            if (now - before < 3 * TICK_NANOS) {
                for (Replica replica : replicas.get()) {
                    if (replica.watch()) {
                        silent.accept(replica);
                    }
                }
            }
            before = System.nanoTime();
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}

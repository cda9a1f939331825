package dev.weir.router;

import dev.weir.balance.Replica;
import dev.weir.health.Beat;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Watches for replicas that have fallen silent, so that those whose reads are there need not look
 * at a clock. It has a virtual thread of its own.
 */
final class Vigil implements AutoCloseable {
    /** Who wakes later than that was stopped itself, and has heard nobody. */
    private static final long LATE_NANOS = 3 * Beat.EVERY.toNanos();

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
            LockSupport.parkNanos(this, Beat.next(before));
            long now = System.nanoTime();
            if (now - before < LATE_NANOS) {
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

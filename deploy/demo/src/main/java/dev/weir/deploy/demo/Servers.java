package dev.weir.deploy.demo;

import dev.weir.deploy.local.DemoteCommand;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.deploy.local.LocalPostgresBuilder;
import dev.weir.deploy.local.LocalServerException;
import dev.weir.deploy.local.Replication;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The demo's PostgreSQL servers: a primary, and replicas of it. Their kept folders are {@code DIR}
 * and {@code DIR-replica-1} and so on, whichever of them is the primary: a promotion lasts.
 *
 * <p>For one thread.
 */
final class Servers implements AutoCloseable {
    static final int MOST_REPLICAS = 4;

    private static final Executor THREADS = Thread::startVirtualThread;

    private final @Nullable Path data;
    private final int wanted;
    private final List<CompletableFuture<LocalPostgres>> beginning = new ArrayList<>();
    private final List<LocalPostgres> replicas = new ArrayList<>();
    private List<Path> spare = List.of();
    private @Nullable LocalPostgres primary;
    private @Nullable DemoteCommand demote;

    /**
     * @param data the folder to keep; null for temporary ones
     * @param wanted how many replicas, 0 to {@link #MOST_REPLICAS}
     */
    Servers(@Nullable Path data, int wanted) {
        this.data = data;
        this.wanted = wanted;
    }

    /** How many replicas there shall be. */
    int wanted() {
        return wanted;
    }

    /**
     * The primary.
     *
     * @throws IllegalStateException before it is started
     */
    LocalPostgres primary() {
        if (primary == null) {
            throw new IllegalStateException("the primary is not started");
        }
        return primary;
    }

    /** The replicas that run. */
    List<LocalPostgres> replicas() {
        return replicas;
    }

    /** Returns once the primary accepts connections. */
    void startPrimary() {
        LocalPostgresBuilder builder =
                LocalPostgres.builder()
                        .setting("max_connections", "100")
                        .setting("shared_buffers", "64MB")
                        .setting("log_min_duration_statement", "1s")
                        .setting("log_lock_waits", "on");
        Path kept = data;
        if (kept != null) {
            List<Path> folders =
                    Stream.concat(
                                    Stream.of(kept),
                                    IntStream.rangeClosed(1, MOST_REPLICAS)
                                            .mapToObj(i ->
                                                    Path.of(
                                                            kept.toAbsolutePath().normalize()
                                                                    + "-replica-"
                                                                    + i)))
                            .toList();
            // A demo before this one may have had more replicas, and may have been killed.
            folders.forEach(LocalPostgres::endLeftOver);
            Path first = Replication.lastPrimary(folders).orElse(kept);
            builder.data(first);
            spare = folders.stream().filter(it -> !it.equals(first)).toList();
        }
        primary = builder.start();
    }

    /** Begins to start all replicas at once. */
    void beginReplicas() {
        for (int i = 0; i < wanted; i++) {
            LocalPostgresBuilder builder = primary().replica();
            if (!spare.isEmpty()) {
                builder.data(spare.get(i));
            }
            beginning.add(CompletableFuture.supplyAsync(builder::start, THREADS));
        }
    }

    /** Returns once all accept connections. */
    void awaitReplicas() {
        LocalServerException failure = null;
        for (CompletableFuture<LocalPostgres> replica : beginning) {
            try {
                replicas.add(replica.join());
            } catch (CompletionException e) {
                failure =
                        e.getCause() instanceof LocalServerException known
                                ? known
                                : new LocalServerException("A replica cannot be started.", e);
            }
        }
        beginning.clear();
        if (failure != null) {
            throw failure;
        }
    }

    /** What the shell runs to make a replica of a former primary; once all run. */
    String demoteCommand() {
        if (demote == null) {
            demote =
                    new DemoteCommand(
                            Stream.concat(Stream.of(primary()), replicas.stream()).toList());
        }
        return demote.text();
    }

    /** Ends them, the replicas before the primary, which would wait for them. */
    @Override
    public void close() {
        try {
            awaitReplicas();
        } finally {
            if (demote != null) {
                demote.close();
            }
            CompletableFuture.allOf(
                            replicas.stream()
                                    .map(it -> CompletableFuture.runAsync(it::close, THREADS))
                                    .toArray(CompletableFuture<?>[]::new))
                    .join();
            if (primary != null) {
                primary.close();
            }
        }
    }
}

package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.stream.Stream;

/**
 * What must be undone when the bench ends, in reverse order: also by Ctrl-C or SIGTERM, when the
 * JVM's shutdown thread runs it while the main thread may still be measuring. Thread-safe; each
 * entry is closed once.
 */
final class Cleanup implements AutoCloseable {
    private final Deque<AutoCloseable> entries = new ArrayDeque<>();
    private boolean closed;

    /** Written by the JVM's shutdown thread, read by the one that measures. */
    private volatile boolean shuttingDown;

    /** Registers itself with the JVM's shutdown. */
    static Cleanup atExit() {
        Cleanup cleanup = new Cleanup();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("cleanup").unstarted(cleanup::shutDown));
        return cleanup;
    }

    private void shutDown() {
        shuttingDown = true;
        Child.shutDown();
        close();
    }

    /** Adds what {@link #close} shall close; if that has already happened, closes it at once. */
    <T extends AutoCloseable> T add(T entry) {
        synchronized (this) {
            if (!closed) {
                entries.push(entry);
                return entry;
            }
        }
        quietly(entry);
        return entry;
    }

    /** Closes one entry before its time. */
    void closeNow(AutoCloseable entry) {
        boolean mine;
        synchronized (this) {
            mine = entries.remove(entry);
        }
        if (mine) {
            quietly(entry);
        }
    }

    /** Whether the JVM is going, and failures mean nothing. */
    boolean isShuttingDown() {
        return shuttingDown;
    }

    /** A new folder that goes when the rest goes. */
    Path temporaryFolder() throws IOException {
        Path folder = Files.createTempDirectory("weir-bench-");
        add(() -> delete(folder));
        return folder;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        while (true) {
            AutoCloseable entry;
            synchronized (this) {
                entry = entries.poll();
            }
            if (entry == null) {
                return;
            }
            quietly(entry);
        }
    }

    private static void quietly(AutoCloseable entry) {
        try {
            entry.close();
        } catch (Exception e) {
            // The other entries matter more than this one's reason.
            System.err.println("weir bench: clean-up: " + e);
        }
    }

    /** Deletes a folder and all that is in it, if it exists. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

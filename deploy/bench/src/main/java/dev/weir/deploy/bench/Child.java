package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that the bench has started, with its output in a file. Ends with {@link #close}. */
final class Child implements AutoCloseable {
    private static final int QUOTED_LINES = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** All that run: what Ctrl-C must end while the thread that waits for them cannot. */
    private static final Set<Child> RUNNING = ConcurrentHashMap.newKeySet();

    /** Written by the JVM's shutdown thread, read by whoever would start another child. */
    private static volatile boolean shuttingDown;

    private final Process process;
    private final Path output;

    private Child(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts it, or a sentence says why not.
     *
     * @param output where its standard output and error go
     * @param folder where it runs; null for the bench's own
     */
    static Child start(
            List<String> command,
            Path output,
            @Nullable Path folder,
            Map<String, String> environment)
            throws RoundFailure {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(output.toFile());
        if (folder != null) {
            builder.directory(folder.toFile());
        }
        builder.environment().putAll(environment);
        try {
            Child child = new Child(builder.start(), output);
            RUNNING.add(child);
            if (shuttingDown) {
                child.close();
                throw new RoundFailure("the bench is being stopped");
            }
            return child;
        } catch (IOException e) {
            throw new RoundFailure(command.getFirst() + " cannot be started", e);
        }
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for its end; false if it still runs. */
    boolean ends(Duration within) throws InterruptedException {
        return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Only after its end. */
    int exitStatus() {
        return process.exitValue();
    }

    /** All that it has written so far. */
    String output() throws IOException {
        return Files.readString(output, StandardCharsets.UTF_8);
    }

    /** The last lines that it has written, for an error message. */
    String lastWords() {
        try {
            List<String> lines = output().lines().filter(line -> !line.isBlank()).toList();
            return String.join(
                    "\n", lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size()));
        } catch (IOException e) {
            return "(" + output + " cannot be read)";
        }
    }

    /** Ends every child that runs. */
    static void closeAll() {
        RUNNING.forEach(Child::close);
    }

    /** Ends every child that runs, and lets none begin: the JVM is going. */
    static void shutDown() {
        shuttingDown = true;
        closeAll();
    }

    /** Asks it and its children to end, and kills what has not after a few seconds. */
    @Override
    public void close() {
        RUNNING.remove(this);
        List<ProcessHandle> all =
                Stream.concat(process.descendants(), Stream.of(handle())).toList();
        all.forEach(ProcessHandle::destroy);
        boolean interrupted = false;
        try {
            ends(PATIENCE);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        all.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

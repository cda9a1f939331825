package dev.weir.deploy.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A server's first process with all that descend from it. Only the first makes new ones, as in
 * PostgreSQL; so once it is stopped, the list is complete.
 */
final class ServerProcess {
    private static final Duration POLL = Duration.ofMillis(2);
    private static final Duration SIGNAL_PATIENCE = Duration.ofSeconds(5);

    private final ProcessIdentity first;

    private ServerProcess(ProcessIdentity first) {
        this.first = first;
    }

    /** The signals that servers are steered by, by their names without SIG. */
    enum Signal {
        /** PostgreSQL: fast shutdown (manual 18.5). */
        INT,
        /** PostgreSQL: immediate shutdown (manual 18.5). */
        QUIT,
        KILL,
        STOP,
        CONT
    }

    /** A server that runs already. */
    static ServerProcess of(ProcessIdentity first) {
        return new ServerProcess(first);
    }

    /**
     * Starts a server that stays in the foreground.
     *
     * @param log what it writes is added to this file
     */
    static ServerProcess launch(ServerUser user, List<String> command, Path log) {
        // A session of its own: Ctrl-C in the terminal is for the program that started it, which
        // stops its servers when it is ready to.
        List<String> full = new ArrayList<>(List.of("setsid"));
        full.addAll(user.command(command));
        ProcessBuilder builder = Command.builder(full).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.redirectInput(new File("/dev/null"));
        try {
            long pid = builder.start().pid();
            // One that has ended already is as good as one that ends now.
            return new ServerProcess(
                    ProcessIdentity.of(pid).orElseGet(() -> new ProcessIdentity(0, pid, -1)));
        } catch (IOException e) {
            throw Command.missing(full, e);
        }
    }

    long pid() {
        return first.pid();
    }

    boolean alive() {
        return first.startTicks() >= 0 && first.alive();
    }

    /** The ids of all its processes, its own first; empty if it has ended. */
    List<Long> pids() {
        return members().stream().map(ProcessIdentity::pid).toList();
    }

    /** Sends a signal to the first process. */
    void signal(Signal signal) {
        send(signal, List.of(first));
    }

    /** Waits for the end of the first process; false if that took too long. */
    boolean awaitEnd(Duration patience) {
        return await(patience, () -> !alive());
    }

    /**
     * Stops all processes where they are, as a machine that hangs; returns when all stand still.
     */
    void pause() {
        send(Signal.STOP, List.of(first));
        await(SIGNAL_PATIENCE, () -> !alive() || first.stopped());
        List<ProcessIdentity> members = members();
        send(Signal.STOP, members);
        if (!await(
                SIGNAL_PATIENCE,
                () -> members.stream().allMatch(it -> it.stopped() || !it.alive()))) {
            throw new LocalServerException("The server's processes do not stop: " + pids());
        }
    }

    /** Lets all processes run again after {@link #pause}. */
    void resume() {
        List<ProcessIdentity> members = new ArrayList<>(members());
        // The first last: it must not see its children hang.
        send(Signal.CONT, members.reversed());
    }

    /** Kills all processes at once, as if by the kernel, and waits until they are gone. */
    void kill() {
        send(Signal.STOP, List.of(first));
        await(SIGNAL_PATIENCE, () -> !alive() || first.stopped());
        List<ProcessIdentity> members = members();
        send(Signal.KILL, members);
        if (!await(SIGNAL_PATIENCE, () -> members.stream().noneMatch(ProcessIdentity::alive))) {
            throw new LocalServerException("The server's processes survive kill -9: " + members);
        }
    }

    /**
     * Kills the PostgreSQL processes that work in a data folder after their first process is gone:
     * one that is busy learns of that only later.
     */
    static void killStragglers(Path data) {
        List<ProcessIdentity> stragglers =
                ProcessHandle.allProcesses()
                        .flatMap(it -> ProcessIdentity.of(it.pid()).stream())
                        .filter(it -> it.worksAsPostgresIn(data))
                        .toList();
        send(Signal.KILL, stragglers);
        await(SIGNAL_PATIENCE, () -> stragglers.stream().noneMatch(ProcessIdentity::alive));
    }

    /** Waits for a condition by looking; false if it never held. */
    static boolean await(Duration patience, BooleanSupplier condition) {
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() - start > patience.toNanos()) {
                    return false;
                }
                try {
                    Thread.sleep(POLL);
                } catch (InterruptedException e) {
                    // Half-stopped servers help nobody: finish, then pass it on.
                    interrupted = true;
                }
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private List<ProcessIdentity> members() {
        if (!alive()) {
            return List.of();
        }
        Set<ProcessIdentity> members = new LinkedHashSet<>();
        members.add(first);
        ProcessHandle.of(first.pid())
                .ifPresent(handle ->
                        handle.descendants()
                                .forEach(it ->
                                        ProcessIdentity.of(it.pid()).ifPresent(members::add)));
        return List.copyOf(members);
    }

    private static void send(Signal signal, List<ProcessIdentity> processes) {
        List<String> command = new ArrayList<>();
        // The shell's own kill is everywhere; the program of that name is not.
        command.addAll(
                List.of("sh", "-c", "s=$1; shift; kill -s $s \"$@\"", "kill", signal.name()));
        int without = command.size();
        processes.stream()
                .filter(ProcessIdentity::alive)
                .forEach(it -> command.add(Long.toString(it.pid())));
        if (command.size() > without) {
            // A process that ended in the meantime makes it fail; the callers look for the effect.
            Command.tryRun(command);
        }
    }
}

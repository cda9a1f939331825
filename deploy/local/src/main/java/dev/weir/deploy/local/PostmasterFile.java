package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * What a server says of itself in its data folder's {@code postmaster.pid} (manual 65.1; the lines
 * are those of PostgreSQL's miscadmin.h).
 *
 * @param data the data folder, without symbolic links
 * @param pid the process that wrote it, which may be gone
 * @param sharedMemory the System V segment that interlocks the data folder, or -1
 * @param ready whether connections are accepted
 */
record PostmasterFile(Path data, long pid, long sharedMemory, boolean ready) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int STATUS_LINE = 7;
    private static final int SHARED_MEMORY_LINE = 6;

    /** Empty if there is no such file, or it is being written. */
    static Optional<PostmasterFile> read(Path data) {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            // A standby that accepts reads says "ready" too.
            boolean ready =
                    lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
            return Optional.of(
                    new PostmasterFile(
                            data.toRealPath(),
                            Long.parseLong(lines.getFirst().strip()),
                            sharedMemory(lines),
                            ready));
        } catch (IOException | NumberFormatException | NoSuchElementException e) {
            return Optional.empty();
        }
    }

    /**
     * The server, if it runs: a process of that id, which is a {@code postgres} and works in this
     * very folder, as every PostgreSQL process does. So an id that was used again hurts nobody.
     */
    Optional<ProcessIdentity> running() {
        return ProcessIdentity.of(pid).filter(it -> it.worksAsPostgresIn(data));
    }

    /** Ends the server if it runs, and removes what it holds outside its data folder. */
    void end() {
        running()
                .map(ServerProcess::of)
                .ifPresent(server -> {
                    server.resume();
                    server.signal(ServerProcess.Signal.INT);
                    if (!server.awaitEnd(PATIENCE)) {
                        server.kill();
                    }
                });
        cleanUp();
    }

    /** Removes what a server that is gone left behind, if it was killed; else there is nothing. */
    void cleanUp() {
        if (running().isPresent()) {
            return;
        }
        ServerProcess.killStragglers(data);
        removeSharedMemory();
        try {
            // In a container the same small ids come again soon, and PostgreSQL would take another
            // process for this server.
            Files.deleteIfExists(data.resolve("postmaster.pid"));
        } catch (IOException e) {
            throw new LocalServerException(data + " cannot be written: " + e, e);
        }
    }

    /**
     * Removes the shared memory of a server that was killed: some bytes that the system would keep
     * until it is restarted. Only if nobody is attached and its creator was this server.
     */
    private void removeSharedMemory() {
        if (sharedMemory < 0) {
            return;
        }
        try {
            // shmctl(2): key shmid perms size cpid lpid nattch ...
            for (String line : Files.readAllLines(Path.of("/proc/sysvipc/shm"))) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > 6
                        && fields[1].equals(Long.toString(sharedMemory))
                        && fields[4].equals(Long.toString(pid))
                        && fields[6].equals("0")) {
                    Command.tryRun(List.of("ipcrm", "-m", fields[1]));
                }
            }
        } catch (IOException e) {
            // No System V memory in this kernel: then nothing is left over either.
            return;
        }
    }

    private static long sharedMemory(List<String> lines) {
        if (lines.size() <= SHARED_MEMORY_LINE) {
            return -1;
        }
        String[] keyAndId = lines.get(SHARED_MEMORY_LINE).strip().split("\\s+", -1);
        return keyAndId.length == 2 ? Long.parseLong(keyAndId[1]) : -1;
    }
}

package dev.weir.deploy.local;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * A command of the shell that makes a replica of a former primary, for programs that know no more
 * of servers than their ports: it finds them in {@code WEIR_OLD_PORT} and {@code WEIR_NEW_PORT},
 * and fails, with a reason, where {@link LocalPostgres#rejoin} does.
 *
 * <p>The command puts its question into a folder, where a thread of this JVM, which has the
 * servers, finds and answers it. Threads: any.
 */
public final class DemoteCommand implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DemoteCommand.class);
    private static final Duration STEP = Duration.ofMillis(50);
    private static final String QUESTION = ".question";
    private static final String ANSWER = ".answer";

    private static final String SCRIPT =
            """
            #!/bin/sh
            set -e
            cd '%s'
            echo "$WEIR_OLD_PORT $WEIR_NEW_PORT" >$$.next
            mv $$.next $$.question
            until [ -e $$.answer ]; do sleep 0.1; done
            cat $$.answer
            test ! -s $$.answer
            """;

    private final Path folder;
    private final Collection<LocalPostgres> servers;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * Begins to listen.
     *
     * @param servers those that may be named, not closed here
     */
    public DemoteCommand(Collection<LocalPostgres> servers) {
        this.servers = List.copyOf(servers);
        this.folder = ScratchFolder.create();
        try {
            Path script = folder.resolve("demote");
            Files.writeString(script, SCRIPT.formatted(folder));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new LocalServerException(folder + " cannot be used: " + e, e);
        }
        this.thread = Thread.ofVirtual().name("weir-demote").start(this::listen);
    }

    /** What the shell has to run. */
    public String text() {
        return folder.resolve("demote").toString();
    }

    private void listen() {
        while (!closed) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path question :
                        files.filter(it -> it.toString().endsWith(QUESTION)).toList()) {
                    answer(question);
                }
                Thread.sleep(STEP);
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                LOG.warn("{} cannot be read any more", folder, e);
                return;
            }
        }
    }

    private void answer(Path question) throws IOException {
        String[] ports = Files.readString(question).strip().split(" ", -1);
        Files.delete(question);
        String name = question.toString();
        Path answer = Path.of(name.substring(0, name.length() - QUESTION.length()) + ANSWER);
        Path next = Path.of(answer + ".next");
        Files.writeString(next, demote(ports));
        Files.move(next, answer, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Empty if it is done, else why not. */
    private String demote(String[] ports) {
        try {
            server(ports[0]).rejoin(server(ports[ports.length - 1]));
            return "";
        } catch (LocalServerException e) {
            return e.getMessage() + "\n";
        }
    }

    private LocalPostgres server(String port) {
        return servers.stream()
                .filter(it -> port.equals(Integer.toString(it.port())))
                .findFirst()
                .orElseThrow(
                        () -> new LocalServerException("There is no server on port " + port + "."));
    }

    /** Questions are not answered any more; one that is under way is finished. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        FileTree.delete(folder);
    }
}

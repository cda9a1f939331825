package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One process, for ever: its id is used again after its death, its id together with its start is
 * not.
 *
 * @param namespace the inode of the process-id namespace in which {@code pid} means something
 * @param pid the process id, positive
 * @param startTicks when it started, in clock ticks since boot (proc(5), stat, field 22)
 */
record ProcessIdentity(long namespace, long pid, long startTicks) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})-(\\d{1,18})-(\\d{1,18})");
    private static final int STATE = 0;
    private static final int START_TICKS = 19;

    /** This JVM. */
    static ProcessIdentity self() {
        long pid = ProcessHandle.current().pid();
        return of(pid).orElseThrow(() -> new LocalServerException("/proc is not mounted."));
    }

    /** The process that has this id now, unless there is none or it is a zombie. */
    static Optional<ProcessIdentity> of(long pid) {
        return stat(pid)
                .filter(fields -> !isDead(fields))
                .map(fields -> new ProcessIdentity(ownNamespace(), pid, startTicks(fields)));
    }

    /** The reverse of {@link #text}; empty if it is no such text. */
    static Optional<ProcessIdentity> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                new ProcessIdentity(
                        Long.parseLong(matcher.group(1)),
                        Long.parseLong(matcher.group(2)),
                        Long.parseLong(matcher.group(3))));
    }

    /** A form that may stand in a file's name. */
    String text() {
        return namespace + "-" + pid + "-" + startTicks;
    }

    /**
     * Whether it still runs. What another namespace runs cannot be seen, so it counts as running.
     */
    boolean alive() {
        return namespace != ownNamespace()
                || stat(pid)
                        .filter(fields -> !isDead(fields) && startTicks(fields) == startTicks)
                        .isPresent();
    }

    /** Whether it is alive and stopped by SIGSTOP. */
    boolean stopped() {
        return stat(pid)
                .filter(fields -> fields[STATE].equals("T") && startTicks(fields) == startTicks)
                .isPresent();
    }

    /**
     * Whether it is a {@code postgres} that works in this very folder, as each process of a
     * PostgreSQL server does. False also if that may not be looked at.
     *
     * @param data a data folder, without symbolic links
     */
    boolean worksAsPostgresIn(Path data) {
        return link("cwd").filter(data::equals).isPresent()
                && link("exe").filter(ProcessIdentity::isPostgres).isPresent();
    }

    private static boolean isPostgres(Path program) {
        String name = String.valueOf(program.getFileName());
        // A program that was replaced while it ran is shown with this ending.
        return name.equals("postgres") || name.equals("postgres (deleted)");
    }

    private Optional<Path> link(String name) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), name));
            return alive() ? Optional.of(target) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * The fields of proc(5)'s stat from the third on: the second, the name, may contain anything.
     */
    private static Optional<String[]> stat(long pid) {
        try {
            String line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return Optional.of(line.substring(line.lastIndexOf(')') + 2).split(" ", -1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean isDead(String[] fields) {
        return fields[STATE].equals("Z") || fields[STATE].equals("X");
    }

    private static long startTicks(String[] fields) {
        return Long.parseLong(fields[START_TICKS]);
    }

    private static long ownNamespace() {
        return Namespace.OWN;
    }

    private static final class Namespace {
        static final long OWN = read();

        private static long read() {
            try {
                String link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
                return Long.parseLong(link.replaceAll("\\D", ""));
            } catch (IOException | NumberFormatException e) {
                return 0;
            }
        }
    }
}

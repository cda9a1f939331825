package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the programs of this machine that the bench stands on. */
final class Tools {
    static final String PGBENCH_ADVICE =
            "pgbench is not installed. On Debian and Ubuntu: apt-get install postgresql-contrib;"
                    + " on Fedora: dnf install postgresql-contrib;"
                    + " or put the bin folder of any PostgreSQL from 14 on your PATH.";
    static final String PGBOUNCER_ADVICE =
            "PgBouncer is not installed, so the bench goes on without it. On Debian and Ubuntu:"
                    + " apt-get install pgbouncer; on Fedora: dnf install pgbouncer.";

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)");
    private static final Pattern FOLDER_VERSION = Pattern.compile("\\d+");

    private Tools() {}

    /** pgbench, or null. */
    static @Nullable Path pgbench() {
        List<Path> folders = path();
        folders.addAll(debianPostgresFolders(Path.of("/usr/lib/postgresql")));
        return find("pgbench", folders);
    }

    /** PgBouncer, or null. */
    static @Nullable Path pgBouncer() {
        List<Path> folders = path();
        // Debian keeps servers where an ordinary user's PATH does not look.
        folders.add(Path.of("/usr/sbin"));
        folders.add(Path.of("/usr/local/sbin"));
        return find("pgbouncer", folders);
    }

    static @Nullable Path find(String program, List<Path> folders) {
        return folders.stream()
                .map(folder -> folder.resolve(program))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst()
                .orElse(null);
    }

    /** The folders of Debian's PostgreSQL versions, newest first. */
    static List<Path> debianPostgresFolders(Path parent) {
        List<Path> versions = new ArrayList<>();
        if (Files.isDirectory(parent)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
                entries.forEach(versions::add);
            } catch (IOException e) {
                return List.of();
            }
        }
        return versions.stream()
                .filter(v -> FOLDER_VERSION.matcher(name(v)).matches())
                .sorted(Comparator.comparingInt((Path v) -> Integer.parseInt(name(v))).reversed())
                .map(v -> v.resolve("bin"))
                .toList();
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static List<Path> path() {
        List<Path> folders = new ArrayList<>();
        String path = System.getenv("PATH");
        for (String folder : (path == null ? "" : path).split(File.pathSeparator, -1)) {
            if (!folder.isEmpty()) {
                folders.add(Path.of(folder));
            }
        }
        return folders;
    }

    /** The first line that {@code program --version} prints. */
    static String versionLine(Path program) throws BenchFailure {
        return firstLine(List.of(program.toString(), "--version"), null);
    }

    /** The first line that a short command prints, or a failure that quotes it. */
    static String firstLine(List<String> command, @Nullable Path folder) throws BenchFailure {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            if (folder != null) {
                builder.directory(folder.toFile());
            }
            Process process = builder.start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new BenchFailure(String.join(" ", command) + " failed: " + output.strip());
            }
            return output.lines().findFirst().orElse("").strip();
        } catch (IOException e) {
            throw new BenchFailure(command.getFirst() + " cannot be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted", e);
        }
    }

    /** Whether the first {@code major.minor} in a line is at least the given one. */
    static boolean atLeast(String versionLine, int major, int minor) {
        Matcher matcher = VERSION.matcher(versionLine);
        if (!matcher.find()) {
            return false;
        }
        int foundMajor = Integer.parseInt(matcher.group(1));
        return foundMajor > major
                || (foundMajor == major && Integer.parseInt(matcher.group(2)) >= minor);
    }
}

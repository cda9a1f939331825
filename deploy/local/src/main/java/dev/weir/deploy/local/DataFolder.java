package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A PostgreSQL data folder: made once, configured before each start. */
final class DataFolder {
    /** Its presence makes the server a standby (manual 26.2.2). */
    static final String STANDBY = "standby.signal";

    private static final String SETTINGS = "weir.conf";
    private static final String INCOMPLETE = "weir.incomplete";
    private static final String OWNER = "weir.owner";
    private static final String VERSION = "PG_VERSION";
    private static final String TEMPLATE_FORM = "1";
    private static final long LOG_LIMIT = 16L << 20;

    private final Path path;
    private final ServerUser user;

    private DataFolder(Path path, ServerUser user) {
        this.path = path;
        this.user = user;
    }

    /**
     * The data folder at this place, made if it is absent or empty.
     *
     * @param superuser only used if it is made
     * @param kept whether it must survive a power failure
     * @param scratch an existing folder for what is only needed meanwhile
     * @param upstream what it becomes a replica of if it is made
     */
    static DataFolder prepare(
            Path path,
            PostgresInstallation installation,
            Credentials superuser,
            boolean kept,
            Path scratch,
            Optional<LocalPostgres> upstream) {
        try {
            boolean exists = Files.exists(path.resolve(VERSION));
            ServerUser user = ServerUser.forData(exists ? Optional.of(path) : Optional.empty());
            DataFolder folder = new DataFolder(path, user);
            if (Files.exists(path.resolve(INCOMPLETE))) {
                FileTree.empty(path);
                exists = false;
            }
            if (exists) {
                folder.refuseForeign();
                endLeftOver(path);
            } else {
                folder.make(installation, superuser, kept, scratch, upstream);
            }
            return folder;
        } catch (IOException e) {
            throw new LocalServerException("The data folder " + path + " cannot be used: " + e, e);
        }
    }

    Path path() {
        return path;
    }

    ServerUser user() {
        return user;
    }

    Path log() {
        return path.resolve("log").resolve("server.log");
    }

    /**
     * Writes what the next start needs.
     *
     * @param settings name and value of each setting; a later ALTER SYSTEM wins over them
     * @param hba the lines of pg_hba.conf (manual 20.1)
     * @param files other files of text to copy here, by their names here
     */
    void configure(Map<String, String> settings, List<String> hba, Map<String, Path> files) {
        List<String> lines = new ArrayList<>();
        lines.add("# Written anew by each start: lasting settings belong into ALTER SYSTEM.");
        settings.forEach((name, value) -> lines.add(name + " = " + literal(name, value)));
        try {
            write(OWNER, List.of(ProcessIdentity.self().text()));
            write(SETTINGS, lines);
            write("pg_hba.conf", hba);
            for (Map.Entry<String, Path> file : files.entrySet()) {
                write(file.getKey(), Files.readAllLines(file.getValue()));
            }
            Path logs = path.resolve("log");
            Files.createDirectories(logs);
            user.own(logs);
            if (Files.exists(log()) && Files.size(log()) > LOG_LIMIT) {
                Path old = log().resolveSibling("server.log.1");
                Files.move(log(), old, StandardCopyOption.REPLACE_EXISTING);
            }
            if (!Files.exists(log())) {
                user.own(Files.createFile(log()));
            }
        } catch (IOException e) {
            throw new LocalServerException("The data folder " + path + " cannot be used: " + e, e);
        }
    }

    private void write(String name, List<String> lines) throws IOException {
        Path file = path.resolve(name);
        Path next = path.resolve(name + ".next");
        Files.write(next, lines, StandardCharsets.UTF_8);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        user.own(next);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String literal(String name, String value) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_.]*")) {
            throw new LocalServerException("`" + name + "` is no name of a PostgreSQL setting.");
        }
        if (value.chars().anyMatch(c -> c < ' ')) {
            throw new LocalServerException(
                    "The value of " + name + " contains a control character.");
        }
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    private void refuseForeign() {
        if (!Files.exists(path.resolve(SETTINGS))) {
            throw new LocalServerException(
                    "The data folder "
                            + path
                            + " was not made by Weir, and its settings would be overwritten. Name an empty or new"
                            + " folder, or start that server yourself.");
        }
    }

    /**
     * Ends the server of a data folder and what a killed one left, unless the program that started
     * it is alive.
     *
     * @throws LocalServerException if it is alive, and so is the server
     */
    static void endLeftOver(Path data) {
        if (isOwned(data)) {
            PostmasterFile.read(data)
                    .flatMap(PostmasterFile::running)
                    .ifPresent(server -> {
                        throw new LocalServerException(
                                "The data folder "
                                        + data
                                        + " is in use by the server with process id "
                                        + server.pid()
                                        + ". Stop the program that started it, or: kill -INT "
                                        + server.pid());
                    });
        }
        PostmasterFile.read(data).ifPresent(PostmasterFile::end);
    }

    /** Whether a server of Weir's has been started there. */
    static boolean isKnown(Path data) {
        return Files.exists(data.resolve(OWNER));
    }

    /** Whether there is one that has been made to its end. */
    static boolean isComplete(Path data) {
        return Files.exists(data.resolve(VERSION)) && !Files.exists(data.resolve(INCOMPLETE));
    }

    /** Whether the program that started it last is alive. */
    static boolean isOwned(Path data) {
        try {
            return ProcessIdentity.parse(Files.readString(data.resolve(OWNER)).strip())
                    .filter(ProcessIdentity::alive)
                    .isPresent();
        } catch (IOException e) {
            // Not even configured for its first start.
            return false;
        }
    }

    private void make(
            PostgresInstallation installation,
            Credentials superuser,
            boolean kept,
            Path scratch,
            Optional<LocalPostgres> upstream)
            throws IOException {
        refuseUnreachable();
        if (Files.exists(path)) {
            try (Stream<Path> entries = Files.list(path)) {
                if (entries.findAny().isPresent()) {
                    throw new LocalServerException(
                            "The folder "
                                    + path
                                    + " is neither empty nor a PostgreSQL data folder. Name another.");
                }
            }
        } else {
            Files.createDirectories(path);
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        user.own(path);
        Path incomplete = path.resolve(INCOMPLETE);
        user.own(Files.createFile(incomplete));
        if (upstream.isPresent()) {
            BaseBackup.take(upstream.get(), path, user);
        } else {
            FileTree.copyContents(source(installation, superuser, scratch), path, user);
        }
        if (kept) {
            Command.run(
                    user.command(
                            List.of(
                                    installation.program("initdb"),
                                    "--sync-only",
                                    "-D",
                                    path.toString())));
        }
        Files.delete(incomplete);
    }

    /** Root sees everything; the user that the server runs as may not. */
    private void refuseUnreachable() {
        Path parent = Objects.requireNonNullElse(path.getParent(), path);
        while (!Files.exists(parent)) {
            parent = Objects.requireNonNullElse(parent.getParent(), Path.of("/"));
        }
        if (Command.tryRun(user.command(List.of("test", "-x", parent.toString()))).status() != 0) {
            throw new LocalServerException(
                    "The folder "
                            + path
                            + " cannot be reached by the ordinary user (uid "
                            + user.uid()
                            + ") that PostgreSQL runs as, since it refuses to run as root. Name a folder whose"
                            + " parents all users may enter, such as one in /var/lib.");
        }
    }

    /** A data folder to copy. With the usual credentials there is one for all on this machine. */
    private Path source(PostgresInstallation installation, Credentials superuser, Path scratch)
            throws IOException {
        if (superuser.equals(Credentials.DEFAULT)) {
            return CacheFolder.get(
                            "data-" + installation.key() + "-" + user.uid() + "-" + TEMPLATE_FORM,
                            folder -> initialise(folder.resolve("data"), installation, superuser))
                    .resolve("data");
        }
        Path fresh = scratch.resolve("initdb");
        FileTree.delete(fresh);
        initialise(fresh, installation, superuser);
        return fresh;
    }

    private void initialise(Path folder, PostgresInstallation installation, Credentials superuser)
            throws IOException {
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        user.own(folder);
        Path password = folder.resolveSibling("password");
        Files.createFile(
                password,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        user.own(password);
        Files.writeString(password, superuser.password() + "\n");
        Command.run(
                user.command(
                        List.of(
                                installation.program("initdb"),
                                "--pgdata=" + folder,
                                "--username=" + superuser.name(),
                                "--pwfile=" + password,
                                "--auth=scram-sha-256",
                                "--encoding=UTF8",
                                "--no-locale",
                                "--no-sync",
                                "--no-instructions")));
        Files.delete(password);
        Files.writeString(
                folder.resolve("postgresql.conf"),
                "\ninclude = '" + SETTINGS + "'\n",
                StandardOpenOption.APPEND);
        user.own(Files.createFile(folder.resolve(SETTINGS)));
    }
}

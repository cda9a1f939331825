package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/**
 * A copy of a running server's data folder, from which a replica can start: what pg_basebackup
 * would make, by the low-level interface (manual 25.3.4), for not every installation has that
 * program.
 */
final class BaseBackup {
    /** Folders whose contents belong to the running server alone (manual 25.3.4). */
    private static final Set<String> EMPTIED =
            Set.of(
                    "pg_dynshmem",
                    "pg_notify",
                    "pg_replslot",
                    "pg_serial",
                    "pg_snapshots",
                    "pg_stat_tmp",
                    "pg_subtrans",
                    "pg_wal");

    private static final Set<String> LEFT_OUT =
            Set.of("postmaster.pid", "postmaster.opts", "backup_label", DataFolder.STANDBY, "log");

    /** What ALTER SYSTEM may have set for the copied server's own part in replication. */
    private static final List<String> OF_ITS_ROLE =
            List.of("primary_conninfo", "primary_slot_name", "recovery_min_apply_delay");

    private BaseBackup() {}

    /**
     * Makes the copy.
     *
     * @param from a running server, a primary or a replica of one
     * @param to an existing folder
     * @param user who shall own it
     */
    static void take(LocalPostgres from, Path to, ServerUser user) throws IOException {
        try (Connection connection = from.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('weir', true)");
            Path source = from.data().toRealPath();
            refuseTablespaces(source);
            Files.walkFileTree(source, new Copy(source, to, user));
            Path label = to.resolve("backup_label");
            try (ResultSet stopped =
                    statement.executeQuery(
                            "SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)")) {
                stopped.next();
                Files.writeString(label, stopped.getString(1));
            }
            user.own(label);
            user.own(Files.createFile(to.resolve(DataFolder.STANDBY)));
            forgetRole(to);
        } catch (SQLException e) {
            throw new LocalServerException(
                    "The server on port " + from.port() + " cannot be copied: " + e.getMessage(),
                    e);
        }
    }

    private static void refuseTablespaces(Path source) throws IOException {
        try (var links = Files.list(source.resolve("pg_tblspc"))) {
            if (links.findAny().isPresent()) {
                throw new LocalServerException("A server with tablespaces cannot be copied.");
            }
        }
    }

    /** Removes from a data folder what ALTER SYSTEM has set for a former part in replication. */
    static void forgetRole(Path data) throws IOException {
        Path settings = data.resolve("postgresql.auto.conf");
        List<String> kept =
                Files.readAllLines(settings).stream()
                        .filter(line -> OF_ITS_ROLE.stream().noneMatch(line::startsWith))
                        .toList();
        Files.write(settings, kept);
    }

    /** Copies while the server writes: pages that it tears are mended from its WAL. */
    private static final class Copy extends FileTree.Changing {
        private final Path source;
        private final Path target;
        private final ServerUser user;

        Copy(Path source, Path target, ServerUser user) {
            this.source = source;
            this.target = target;
            this.user = user;
        }

        private Path at(Path original) {
            return target.resolve(source.relativize(original).toString());
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
            Path name = source.relativize(folder);
            if (LEFT_OUT.contains(name.toString())) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (!folder.equals(source)) {
                Files.copy(folder, at(folder), StandardCopyOption.COPY_ATTRIBUTES);
                user.own(at(folder));
            }
            return EMPTIED.contains(name.toString())
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            String name = source.relativize(file).toString();
            if (!LEFT_OUT.contains(name) && attributes.isRegularFile()) {
                try {
                    Files.copy(
                            file,
                            at(file),
                            StandardCopyOption.COPY_ATTRIBUTES,
                            LinkOption.NOFOLLOW_LINKS);
                    user.own(at(file));
                } catch (NoSuchFileException e) {
                    // Dropped meanwhile: the WAL says so, too.
                    return FileVisitResult.CONTINUE;
                }
            }
            return FileVisitResult.CONTINUE;
        }
    }
}

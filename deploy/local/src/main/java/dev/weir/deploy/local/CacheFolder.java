package dev.weir.deploy.local;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Folders that are made once on this machine and then shared by all processes of a user: made under
 * another name and renamed into place, so that what has the name is complete, and made by one
 * process while the others wait.
 */
final class CacheFolder {
    /** System property that names another place for the cache. */
    static final String PROPERTY = "weir.cache";

    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);

    /** File locks are the process's; this one is between its threads. */
    private static final ReentrantLock THREADS = new ReentrantLock();

    private CacheFolder() {}

    /** Makes the content of a folder. */
    @FunctionalInterface
    interface Maker {
        /**
         * @param folder exists and is empty; whoever may run servers can reach it
         */
        void make(Path folder) throws IOException;
    }

    /** The folder of that name, made now unless it was made before. */
    static Path get(String name, Maker maker) {
        Path root = root();
        Path folder = root.resolve(name);
        if (Files.isDirectory(folder)) {
            return folder;
        }
        THREADS.lock();
        try (FileChannel channel =
                        FileChannel.open(
                                root.resolve(name + ".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assert lock.isValid();
            if (!Files.isDirectory(folder)) {
                LOG.info("Making {}, once for all later starts", folder);
                // The lock is ours: if this exists, its maker was killed.
                Path unfinished = root.resolve(name + ".unfinished");
                FileTree.delete(unfinished);
                open(Files.createDirectory(unfinished));
                maker.make(unfinished);

                Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
            }
            return folder;
        } catch (IOException e) {
            throw new LocalServerException(
                    "The cache folder " + folder + " cannot be made: " + e + ". " + hint(), e);
        } finally {
            THREADS.unlock();
        }
    }

    private static Path root() {
        Path root = place();
        try {
            if (!Files.isDirectory(root)) {
                open(Files.createDirectories(root));
            }
            return root;
        } catch (IOException e) {
            throw new LocalServerException(
                    "The cache folder " + root + " cannot be made: " + e + ". " + hint(), e);
        }
    }

    /** Lets every user in, whatever this process's umask is. */
    private static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path place() {
        String property = System.getProperty(PROPERTY);
        if (property != null) {
            return Path.of(property).toAbsolutePath();
        }
        if (ServerUser.uidOf(Path.of("/proc/self")) == 0) {
            // Root's home is closed to the ordinary user that the servers run as.
            return Path.of("/var/cache/weir");
        }
        @Nullable String xdg = System.getenv("XDG_CACHE_HOME");
        return xdg != null && xdg.startsWith("/")
                ? Path.of(xdg, "weir")
                : Path.of(System.getProperty("user.home"), ".cache", "weir");
    }

    private static String hint() {
        return "Another place can be given with -D" + PROPERTY + "=FOLDER.";
    }
}

package dev.weir.deploy.local;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A temporary folder whose name says which process owns it, so that there is no moment in which an
 * owner could be killed and leave a folder that nobody knows to be stale.
 *
 * <p>It holds {@code data}, the server's data folder or a symbolic link to one that is kept: so the
 * servers that a killed owner left running are found from here too.
 */
final class ScratchFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ScratchFolder.class);
    private static final String PREFIX = "weir-local-";
    private static final int MAX_PARENT = 35;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private ScratchFolder() {}

    /** A new folder of this JVM's; any user may enter it. */
    static Path create() {
        Path parent = parent();
        String owner = PREFIX + ProcessIdentity.self().text() + ".";
        while (true) {
            Path folder = parent.resolve(owner + NUMBER.incrementAndGet());
            try {
                Files.createDirectory(folder);
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
                return folder;
            } catch (FileAlreadyExistsException e) {
                // Somebody squats on that name: take the next.
            } catch (IOException e) {
                throw new LocalServerException(
                        "No folder can be made in "
                                + parent
                                + ": "
                                + e
                                + ". Another place can be given with -Djava.io.tmpdir=FOLDER.",
                        e);
            }
        }
    }

    static Path data(Path scratch) {
        return scratch.resolve("data");
    }

    /** Stops what dead owners left running, and deletes what they left lying about. */
    static void sweep() {
        int self = ServerUser.uidOf(Path.of("/proc/self"));
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent(), PREFIX + "*")) {
            for (Path folder : folders) {
                if (isStale(folder, self)) {
                    sweep(folder);
                }
            }
        } catch (IOException e) {
            throw new LocalServerException(parent() + " cannot be read: " + e, e);
        }
    }

    private static void sweep(Path folder) {
        try {
            Path data = data(folder);
            // A kept folder may have found a new owner.
            if (!DataFolder.isOwned(data)) {
                DataFolder.endLeftOver(data);
                if (Files.exists(data)) {
                    ServerProcess.killStragglers(data.toRealPath());
                }
            }
            FileTree.delete(folder);
        } catch (LocalServerException | IOException e) {
            // Somebody else's leavings must not keep a new server from starting.
            LOG.warn("{} is left over from a killed process and cannot be removed", folder, e);
        }
    }

    private static boolean isStale(Path folder, int self) {
        String name = folder.getFileName().toString().substring(PREFIX.length());
        int dot = name.indexOf('.');
        Optional<ProcessIdentity> owner =
                dot < 0 ? Optional.empty() : ProcessIdentity.parse(name.substring(0, dot));
        try {
            // The temporary folder is everybody's: what another user put there is not ours to
            // trust.
            return owner.isPresent()
                    && !owner.get().alive()
                    && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    && ServerUser.uidOf(folder) == self;
        } catch (LocalServerException e) {
            // Another process sweeps as well and was faster.
            return false;
        }
    }

    private static Path parent() {
        Path folder = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
        // The path of a Unix-domain socket has 107 bytes at most (unix(7)).
        return folder.toString().length() <= MAX_PARENT ? folder : Path.of("/tmp");
    }
}

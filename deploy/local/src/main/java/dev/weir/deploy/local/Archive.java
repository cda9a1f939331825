package dev.weir.deploy.local;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A tar archive of programs, unpacked so that every user may run them and none may change them. */
final class Archive {
    private static final int EXECUTABLE = 0111;

    private Archive() {}

    static void unpack(TarArchiveInputStream tar, Path folder) throws IOException {
        for (@Nullable TarArchiveEntry entry = tar.getNextEntry();
                entry != null;
                entry = tar.getNextEntry()) {
            Path path = folder.resolve(entry.getName()).normalize();
            if (!path.startsWith(folder)) {
                throw new IOException("The archive's entry " + entry.getName() + " leads outside.");
            }
            if (entry.isDirectory()) {
                folder(path);
                continue;
            }
            @Nullable Path parent = path.getParent();
            if (parent != null) {
                folder(parent);
            }
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            } else if (entry.isLink()) {
                Files.createLink(path, folder.resolve(entry.getLinkName()).normalize());
            } else {
                Files.copy(tar, path);
                boolean executable = (entry.getMode() & EXECUTABLE) != 0;
                mode(path, executable ? "rwxr-xr-x" : "rw-r--r--");
            }
        }
    }

    private static void folder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            mode(folder, "rwxr-xr-x");
        }
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }
}

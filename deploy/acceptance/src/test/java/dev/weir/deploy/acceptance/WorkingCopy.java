package dev.weir.deploy.acceptance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The files at the root of the repository. */
final class WorkingCopy {
    private WorkingCopy() {}

    /** The folder that holds the launcher. */
    static Path root() {
        return Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent)
                .filter(folder -> Files.isRegularFile(folder.resolve("weir")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no launcher above the current folder"));
    }
}

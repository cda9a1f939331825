package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a file that the configuration names is there to be read. */
final class ReadableFile {
    private ReadableFile() {}

    /** What stands in the way, to complete the sentence "the file …"; null if nothing does. */
    static @Nullable String obstacle(Path file) {
        if (Files.isDirectory(file)) {
            return "is a folder";
        }
        if (!Files.exists(file)) {
            return "does not exist";
        }
        return Files.isReadable(file) ? null : "may not be read by the user that Weir runs as";
    }
}

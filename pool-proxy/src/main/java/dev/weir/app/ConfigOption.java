package dev.weir.app;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;

/** Which configuration file: the same for every command that reads one. */
final class ConfigOption {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file; without it ./weir.yaml.")
    private @Nullable Path file;

    /** Null if it was not named. */
    @Nullable Path file() {
        return file;
    }
}

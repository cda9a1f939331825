package dev.weir.app;

import dev.weir.config.ConfigException;
import dev.weir.config.ConfigFile;
import dev.weir.config.WeirConfig;

import org.jspecify.annotations.Nullable;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds and reads the configuration for a command, and says so if there is none. */
final class GivenConfig {
    private static final Path USUAL = Path.of("weir.yaml");

    private GivenConfig() {}

    /**
     * The configuration, or null if it cannot be used; then {@code err} has been told why.
     *
     * @param file as given; null takes weir.yaml in the working directory
     * @param command as typed, for the advice
     */
    static @Nullable WeirConfig load(@Nullable Path file, String command, PrintWriter err) {
        if (file == null && !Files.exists(USUAL)) {
            err.println("weir: there is no weir.yaml here, and no -c FILE.");
            err.println();
            advise(err, "init", "writes one with every key at its default");
            advise(err, command, "then uses it");
            advise(err, command + " -c FILE", "uses another file");
            err.flush();
            return null;
        }
        try {
            return ConfigFile.load(path(file));
        } catch (ConfigException e) {
            e.problems().forEach(err::println);
            int count = e.problems().size();
            err.println(
                    count == 1
                            ? "weir: one mistake in the configuration"
                            : "weir: " + count + " mistakes in the configuration");
            err.flush();
            return null;
        }
    }

    /** The file that is meant. */
    static Path path(@Nullable Path file) {
        return file == null ? USUAL : file;
    }

    private static void advise(PrintWriter err, String command, String effect) {
        err.printf("  weir %-14s %s%n", command, effect);
    }
}

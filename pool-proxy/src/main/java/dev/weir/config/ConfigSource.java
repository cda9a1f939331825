package dev.weir.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a configuration comes from, and can be read again from: what a reload needs. Any thread may
 * read it, but not an event loop.
 */
@FunctionalInterface
public interface ConfigSource {
    /**
     * Reads it.
     *
     * @param set values by key that go before those at the top level of the file
     * @throws ConfigException with all mistakes
     */
    WeirConfig read(Map<String, String> set) throws ConfigException;

    /** A file, which may have changed each time. */
    static ConfigSource file(Path file) {
        return set -> ConfigFile.load(file, set);
    }

    /**
     * A text, always the same.
     *
     * @param sourceName how messages name it
     */
    static ConfigSource text(String text, String sourceName) {
        return set -> ConfigFile.parse(text, sourceName, set);
    }
}

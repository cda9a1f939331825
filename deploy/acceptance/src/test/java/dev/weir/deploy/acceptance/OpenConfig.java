package dev.weir.deploy.acceptance;

import dev.weir.config.ConfigSource;
import dev.weir.deploy.local.LocalPostgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The configuration file of a Weir that lets everybody in, and boss to its console too: for tests
 * of keys that {@link Proxy} does not know, and of reloads.
 */
final class OpenConfig {
    private OpenConfig() {}

    /**
     * Writes it anew, at the same place each time.
     *
     * @param folder where it is
     * @param postgres where all databases are
     * @param httpPort of the page of metrics; 0 for none
     * @param keys what it says besides, in lines
     */
    static ConfigSource write(Path folder, LocalPostgres postgres, int httpPort, String keys)
            throws IOException {
        Path file = folder.resolve("weir.yaml");
        Files.writeString(
                file,
                """
                listen-port: 0
                http-port: %d
                auth-type: trust
                admin-users: boss
                %s
                databases: { "*": { host: 127.0.0.1, port: %d } }
                """
                        .formatted(httpPort, keys, postgres.port()));
        return ConfigSource.file(file);
    }
}

package dev.weir.app;

import dev.weir.config.DatabaseConfig;
import dev.weir.config.PoolConfig;
import dev.weir.config.UserConfig;
import dev.weir.config.WeirConfig;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** Whether the kernel lets this process have the sockets that the configuration promises. */
final class DescriptorLimit {
    /** What a process needs besides: jars, event loops, the HTTP port and its clients. */
    private static final long OTHERS = 150;

    private DescriptorLimit() {}

    /** The sentence for the operator; null if all is well or the limit cannot be known. */
    static @Nullable String warning(WeirConfig config) {
        try {
            return warning(
                    config,
                    softLimit(
                            Files.readString(
                                    Path.of("/proc/self/limits"), StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            return null;
        }
    }

    static @Nullable String warning(WeirConfig config, long limit) {
        long clients = config.limits().maxClientConn();
        // A server connection is only opened for a client that waits for it.
        long servers = Math.min(clients, serverConnections(config));
        if (clients + servers + OTHERS <= limit) {
            return null;
        }
        long room = Math.max(0, limit - OTHERS);
        long possible = room >= 2 * servers ? room - servers : room / 2;
        return "max-client-conn (%d) and up to %d server connections do not fit into the limit of %d open files: about %d client connections do. Raise the limit (ulimit -n, or LimitNOFILE= under systemd) to %d, or lower max-client-conn"
                .formatted(clients, servers, limit, possible, clients + servers + OTHERS);
    }

    /** If every pair of database and user has as many as it may. */
    private static long serverConnections(WeirConfig config) {
        Collection<UserConfig> users = config.users().values();
        long sum = 0;
        for (DatabaseConfig database : config.databases().values()) {
            if (users.isEmpty()) {
                sum += size(database.pool());
            }
            for (UserConfig user : users) {
                sum += size(user.pool().applyTo(database.pool()));
            }
        }
        return sum;
    }

    private static long size(PoolConfig pool) {
        return (long) pool.defaultPoolSize() + pool.reservePoolSize();
    }

    /**
     * The number that counts now; the JVM has raised it to the hard limit.
     *
     * @param limits the text of /proc/self/limits
     */
    static long softLimit(String limits) throws IOException {
        for (String line : limits.split("\n", -1)) {
            if (line.startsWith("Max open files")) {
                String soft = line.strip().split("\\s+", -1)[3];
                return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
            }
        }
        throw new IOException("no limit of open files");
    }
}

package dev.weir.deploy.local;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The servers that this JVM has to close before it ends. Threads: any. */
final class LiveServers {
    private static final Set<AutoCloseable> OPEN = new LinkedHashSet<>();
    private static boolean hooked;

    private LiveServers() {}

    static synchronized void add(AutoCloseable server) {
        if (!hooked) {
            Runtime.getRuntime().addShutdownHook(new Thread(LiveServers::closeAll, "weir-local"));
            hooked = true;
        }
        OPEN.add(server);
    }

    static synchronized void remove(AutoCloseable server) {
        OPEN.remove(server);
    }

    private static synchronized List<AutoCloseable> newestFirst() {
        return List.copyOf(OPEN).reversed();
    }

    private static void closeAll() {
        for (AutoCloseable server : newestFirst()) {
            try {
                server.close();
            } catch (Exception e) {
                // Too late for anybody to handle; the next start cleans up.
                System.err.println("A local server could not be closed: " + e.getMessage());
            }
        }
    }
}

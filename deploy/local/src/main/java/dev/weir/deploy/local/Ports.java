package dev.weir.deploy.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/** Which TCP port of the loopback address may a server take? */
final class Ports {
    static final String LOOPBACK = "127.0.0.1";

    private static final Path EPHEMERAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 32_767;
    private static final int TRIES = 1_000;

    private Ports() {}

    /**
     * A port that was free a moment ago. It lies below those that the kernel gives to outgoing
     * sockets: those may take a server's port while it restarts, and a client that dials such a
     * port while the server is down may even be connected to itself.
     */
    static int free() {
        int end = Math.min(HIGHEST, lowestEphemeral() - 1);
        int start = end - LOWEST > 1_000 ? LOWEST : 1_024;
        if (end - start < 1_000) {
            start = LOWEST;
            end = 65_535;
        }
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(start, end + 1);
            if (isFree(port)) {
                return port;
            }
        }
        throw new LocalServerException(
                "No free port between " + start + " and " + end + " on " + LOOPBACK + ".");
    }

    /** Whether a server could listen on the port now; the answer may be stale at once. */
    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // PostgreSQL sets the same option: sockets in TIME_WAIT do not hold the port.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(LOOPBACK), port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int lowestEphemeral() {
        try {
            return Integer.parseInt(Files.readString(EPHEMERAL).strip().split("\\s+", 2)[0]);
        } catch (IOException | NumberFormatException e) {
            return HIGHEST + 1;
        }
    }
}

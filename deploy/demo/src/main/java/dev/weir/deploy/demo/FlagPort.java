package dev.weir.deploy.demo;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * A port and the flag that chooses it.
 *
 * @param flag such as --port
 * @param port 1 to 65535, or 0 if any will do
 */
record FlagPort(String flag, int port) {
    static final String LOOPBACK = "127.0.0.1";

    /** What to tell the user about the first of the ports that is taken; null if none is. */
    static @Nullable String firstTaken(FlagPort... ports) {
        for (FlagPort each : ports) {
            if (each.port != 0 && !each.isFree()) {
                return each.taken();
            }
        }
        return null;
    }

    /** That it is taken, and what to do. */
    String taken() {
        return "port %d on %s is taken by another program. Stop that, or choose another port: %s %d"
                .formatted(port, LOOPBACK, flag, port < 60_000 ? port + 1_000 : port - 1_000);
    }

    /** Whether a server could listen there now; the answer may be stale at once. */
    private boolean isFree() {
        try (ServerSocket socket = new ServerSocket()) {
            // As Weir's own listener: sockets in TIME_WAIT do not hold the port.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(LOOPBACK), port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}

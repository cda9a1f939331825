package dev.weir.deploy.local;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** Which TCP port of the loopback address may a server take? */
final class Ports {
    static final String LOOPBACK = "127.0.0.1";

    private static final String EPHEMERAL = "/proc/sys/net/ipv4/ip_local_port_range";
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 32_767;
    private static final int ENOUGH = 1_000;
    private static final int TRIES = 1_000;

    private Ports() {}

    /**
     * A port that was free a moment ago. It lies below those that the kernel gives to outgoing
     * sockets: those may take a server's port while it restarts, and a client that dials such a
     * port while the server is down may even be connected to itself.
     */
    static int free() {
        Range range = rangeBelow(lowestEphemeral());
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(range.first(), range.last() + 1);
            if (isFree(port)) {
                return port;
            }
        }
        throw new LocalServerException(
                "No free port between "
                        + range.first()
                        + " and "
                        + range.last()
                        + " on "
                        + LOOPBACK
                        + ".");
    }

    /**
     * Where to look for free ports.
     *
     * @param lowestEphemeral the first port of outgoing sockets; if it leaves no room, then all
     *     ports are looked at
     */
    static Range rangeBelow(int lowestEphemeral) {
        int last = Math.min(HIGHEST, lowestEphemeral - 1);
        return last - LOWEST >= ENOUGH ? new Range(LOWEST, last) : new Range(LOWEST, 65_535);
    }

    /**
     * Ports from the first to the last.
     *
     * @param first inclusive
     * @param last inclusive
     */
    record Range(int first, int last) {}

    /** Whether a server could listen on the port now; the answer may be stale at once. */
    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // PostgreSQL sets the same option: sockets in TIME_WAIT do not hold the port.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(LOOPBACK), port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The first of the ports that the kernel gives to outgoing sockets (ip(7)). */
    static int lowestEphemeral() {
        byte[] range = new byte[64];
        // In one read: the kernel ends such a file after the first, however short it was, and
        // Files.readString begins with a single byte.
        try (InputStream file = new FileInputStream(EPHEMERAL)) {
            int length = Math.max(0, file.read(range));
            String text = new String(range, 0, length, StandardCharsets.US_ASCII);
            return Integer.parseInt(text.strip().split("\\s+", 2)[0]);
        } catch (IOException | NumberFormatException e) {
            return HIGHEST + 1;
        }
    }
}

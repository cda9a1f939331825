package dev.weir.config;

import java.util.Map;

/**
 * Several Weir processes behind one address, so that a cancel request may come to another one than
 * its session.
 *
 * @param id this process's number, 1 to {@link #MAX_ID}; 0 if it is alone
 * @param peers where the others are, by their numbers; this process may be among them
 */
public record PeeringConfig(int id, Map<Integer, Peer> peers) {
    /** The largest number, as in PgBouncer. */
    public static final int MAX_ID = 16_383;

    /** Alone. */
    public static final PeeringConfig NONE = new PeeringConfig(0, Map.of());

    /**
     * Another process.
     *
     * @param host IP address or host name, or the folder of its Unix-domain socket
     * @param port 1 to 65535
     */
    public record Peer(String host, int port) {}

    public PeeringConfig {
        peers = Map.copyOf(peers);
    }
}

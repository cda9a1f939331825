package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;
import static dev.weir.config.Key.Change.RESTART;

/** The part of the key table that is about several processes behind one address. */
final class PeerKeys {
    static final Group<PeeringConfig> PEERING = new Group<>("Several processes behind one address");

    static final Key<PeeringConfig, Integer> PEER_ID =
            PEERING.key(
                    "peer-id",
                    Types.integer(0, PeeringConfig.MAX_ID),
                    "0",
                    RESTART,
                    PeeringConfig::id,
                    "The number of this process among those that share an address, so that cancel"
                            + " requests find their way (peers); 0 is alone.");

    static final Group<PeeringConfig.Peer> PEER = new Group<>("Another process");

    static final Key<PeeringConfig.Peer, String> PEER_HOST =
            PEER.optional(
                    "host",
                    Types.host(),
                    RELOAD,
                    PeeringConfig.Peer::host,
                    "Where it alone is, not the address that all share. Required.");
    static final Key<PeeringConfig.Peer, Integer> PEER_PORT =
            PEER.key(
                    "port",
                    Types.integer(1, 65_535),
                    "6432",
                    RELOAD,
                    PeeringConfig.Peer::port,
                    "Its port there.");

    private PeerKeys() {}
}

package dev.weir.config;

import java.util.Map;

/** Finds what is wrong with the processes that are to share an address. */
final class PeeringContradictions {
    private final Section top;
    private final Map<String, Section> peers;
    private final Problems problems;

    PeeringContradictions(Section top, Map<String, Section> peers, Problems problems) {
        this.top = top;
        this.peers = peers;
        this.problems = problems;
    }

    void find() {
        peers.forEach(this::peer);
        if (!peers.isEmpty() && top.isSound(PeerKeys.PEER_ID) && top.get(PeerKeys.PEER_ID) == 0) {
            problems.add(
                    peers.values().iterator().next().line(),
                    "there are `peers` and this process has no `peer-id`; expected the number that it has among them");
        }
    }

    private void peer(String name, Section section) {
        if (!name.matches("[1-9][0-9]{0,4}") || Integer.parseInt(name) > PeeringConfig.MAX_ID) {
            problems.add(
                    section.line(),
                    "a peer is named %s; expected its `peer-id`, a whole number from 1 to %d"
                            .formatted(Shown.name(name), PeeringConfig.MAX_ID));
        }
        if (!section.names(PeerKeys.PEER_HOST)) {
            problems.add(
                    section.line(),
                    "peer %s has no `host`; expected the address where it alone is"
                            .formatted(Shown.name(name)));
        }
    }
}

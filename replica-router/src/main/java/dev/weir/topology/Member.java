package dev.weir.topology;

/**
 * A server of a database as it is listed, or was found.
 *
 * @param weight what it can do, compared with others: 1 to 1000
 * @param zone where it is; empty if nobody has said
 * @param origin how it is known
 */
public record Member(Node node, int weight, String zone, Origin origin) {
    /** The weight of a server of which nothing else is said. */
    public static final int USUAL_WEIGHT = 100;

    private static final int MOST = 1000;

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if the weight is out of range
     */
    public Member {
        if (weight < 1 || weight > MOST) {
            throw new IllegalArgumentException("a weight of " + weight);
        }
    }

    /** A server that is listed. */
    public Member(Node node, int weight, String zone) {
        this(node, weight, zone, Origin.LISTED);
    }

    /** A server like any other. */
    public static Member of(Node node) {
        return new Member(node, USUAL_WEIGHT, "");
    }

    /** As people write it. */
    @Override
    public String toString() {
        return node
                + (weight == USUAL_WEIGHT ? "" : " weight=" + weight)
                + (zone.isEmpty() ? "" : " zone=" + zone);
    }
}

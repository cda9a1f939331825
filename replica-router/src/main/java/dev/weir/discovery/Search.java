package dev.weir.discovery;

import dev.weir.topology.Member;

import java.time.Duration;
import java.util.List;

/**
 * How replicas are looked for that nobody has listed.
 *
 * @param names each address of which is a replica, with what is said of it
 * @param standbys what tells the address of a standby that streams from a node
 * @param port of addresses that have none, 1 to 65535
 * @param interval between two looks
 */
public record Search(List<Member> names, Standbys standbys, int port, Duration interval) {
    private static final int POSTGRES_PORT = 5432;

    /** None are looked for. */
    public static final Search NONE =
            new Search(List.of(), Standbys.OFF, POSTGRES_PORT, Duration.ofSeconds(10));

    /** What tells, in {@code pg_stat_replication}, where a standby is. */
    public enum Standbys {
        /** Standbys are not asked for. */
        OFF,
        /** The address that it has connected from. */
        CLIENT_ADDR,
        /** The name that it has given itself, which is to be an address or a host name. */
        APPLICATION_NAME
    }

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if the interval is not positive
     */
    public Search {
        names = List.copyOf(names);
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("an interval of " + interval);
        }
    }

    /** Whether there is anything to look at. */
    public boolean any() {
        return standbys != Standbys.OFF || !names.isEmpty();
    }
}

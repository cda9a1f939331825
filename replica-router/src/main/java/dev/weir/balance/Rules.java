package dev.weir.balance;

import dev.weir.freshness.MaxLag;

import java.time.Duration;

/**
 * How a replica is chosen.
 *
 * @param zone whose replicas are preferred; empty if it does not matter
 * @param slowStart how long it takes until a replica that has come back gets its whole share; zero
 *     if it does at once
 * @param timeout for how long a replica may leave both the router's question and a read unanswered;
 *     after half of it no more reads are sent to it
 * @param prefer a replica that is further behind the primary is taken if no other is within that
 * @param never a replica that is further behind is not taken
 * @param pause how long a replica gets no reads after several have failed there
 */
public record Rules(
        String zone,
        Duration slowStart,
        Duration timeout,
        MaxLag prefer,
        MaxLag never,
        Duration pause) {
    /** What counts if nobody says otherwise. */
    public static final Rules DEFAULT =
            new Rules(
                    "",
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(1),
                    MaxLag.OFF,
                    MaxLag.OFF,
                    Duration.ofSeconds(5));

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if a duration is negative, or zero where it must not be
     */
    public Rules {
        if (slowStart.isNegative() || !timeout.isPositive() || !pause.isPositive()) {
            throw new IllegalArgumentException(
                    "durations of %s, %s and %s".formatted(slowStart, timeout, pause));
        }
    }
}

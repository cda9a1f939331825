package dev.weir.config;

import java.time.Duration;

/**
 * When Weir itself promotes a replica.
 *
 * @param mode whether it does
 * @param after how long the primary must not have answered
 */
public record PromotionConfig(Mode mode, Duration after) {
    /** Somebody else promotes, or nobody. */
    public static final PromotionConfig NEVER =
            new PromotionConfig(Mode.NEVER, Duration.ofSeconds(10));

    /** Who promotes. */
    public enum Mode {
        /** A person, or a tool such as Patroni. */
        NEVER,
        /** Weir, when the primary is lost. */
        AUTOMATIC
    }

    /** Whether it does. */
    public boolean automatic() {
        return mode == Mode.AUTOMATIC;
    }
}

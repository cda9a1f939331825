package dev.weir.config;

import java.time.Duration;

/**
 * How the kernel watches TCP connections, on both sides.
 *
 * @param keepalive whether it asks the other side for signs of life at all
 * @param keepidle how long nothing must have come before it asks, zero for its own default
 * @param keepintvl between two questions, zero for its own default
 * @param keepcnt questions without an answer before it gives up, 0 for its own default
 * @param userTimeout how long what was sent may stay without an answer, zero for its own default
 */
public record TcpConfig(
        boolean keepalive,
        Duration keepidle,
        Duration keepintvl,
        int keepcnt,
        Duration userTimeout) {
    /** As the kernel has it. */
    public static final TcpConfig DEFAULTS =
            new TcpConfig(true, Duration.ZERO, Duration.ZERO, 0, Duration.ZERO);
}

package dev.weir.config;

import java.time.Duration;
import java.util.List;

/**
 * What operators may do, and how Weir ends.
 *
 * @param adminUsers who may order anything on the console
 * @param statsUsers who may look at all that the console shows, and order nothing
 * @param statsPeriod over what time averages are taken, more than zero
 * @param shutdownTimeout how long transactions under way may take when Weir is told to end
 */
public record AdminConfig(
        List<String> adminUsers,
        List<String> statsUsers,
        Duration statsPeriod,
        Duration shutdownTimeout) {
    /** Nobody but who the configuration names may order anything. */
    public static final AdminConfig DEFAULT =
            new AdminConfig(List.of(), List.of(), Duration.ofMinutes(1), Duration.ofSeconds(20));

    public AdminConfig {
        adminUsers = List.copyOf(adminUsers);
        statsUsers = List.copyOf(statsUsers);
    }
}

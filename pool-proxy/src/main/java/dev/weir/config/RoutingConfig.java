package dev.weir.config;

import dev.weir.balance.Rules;
import dev.weir.classify.Route;
import dev.weir.discovery.Search;
import dev.weir.freshness.MaxLag;
import dev.weir.topology.Member;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/**
 * Where the reads of a database may go besides its primary.
 *
 * @param replicas streaming replicas of it that are listed
 * @param user the role that asks the servers how far they are; null only without replicas
 * @param patience how long a read waits for a replica that is nearly fresh enough; zero does not
 *     wait
 * @param failoverWait how long a statement that was not started waits for the primary or its
 *     successor; zero does not wait
 * @param operator the superuser as whom a switchover is carried out; null if there is none
 * @param switchoverWait how long a switchover waits for running transactions
 * @param switchoverCommand what carries a switchover out, instead of SQL; null for SQL
 * @param demoteCommand what makes a standby of an old primary; null if nothing does
 * @param promotion when a replica is promoted without an order
 * @param readOnlyOnPrimary whether the primary answers reads of read-only sessions if no replica
 *     can
 * @param usual what its sessions ask for
 * @param rules how one of the replicas is chosen
 * @param search how replicas are found that are not listed
 */
public record RoutingConfig(
        List<Member> replicas,
        @Nullable String user,
        Duration patience,
        Duration failoverWait,
        @Nullable String operator,
        Duration switchoverWait,
        @Nullable String switchoverCommand,
        @Nullable String demoteCommand,
        PromotionConfig promotion,
        boolean readOnlyOnPrimary,
        RouteConfig usual,
        Rules rules,
        Search search) {
    /** All statements go to the primary. */
    public static final RoutingConfig NONE =
            new RoutingConfig(
                    List.of(),
                    null,
                    Duration.ofMillis(10),
                    Duration.ofSeconds(30),
                    null,
                    Duration.ofSeconds(10),
                    null,
                    null,
                    PromotionConfig.NEVER,
                    true,
                    new RouteConfig(Route.AUTO, MaxLag.OFF),
                    Rules.DEFAULT,
                    Search.NONE);

    public RoutingConfig {
        replicas = List.copyOf(replicas);
    }

    /** Whether there are, or may be, replicas. */
    public boolean any() {
        return !replicas.isEmpty() || search.any();
    }
}

package dev.weir.deploy.acceptance;

import dev.weir.balance.Rules;
import dev.weir.config.PromotionConfig;
import dev.weir.config.RouteConfig;
import dev.weir.config.RoutingConfig;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.discovery.Search;
import dev.weir.topology.Member;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Where the reads of a Weir under test may go: nowhere but to the primary unless said. */
final class ProxyRouting {
    private List<Member> replicas = List.of();
    private String routerUser = "app";
    private Rules rules = Rules.DEFAULT;
    private Duration replicaWait = Duration.ofMillis(50);
    private Duration failoverWait = Duration.ofSeconds(30);
    private @Nullable String operator;
    private @Nullable String demoteCommand;
    private PromotionConfig promotion = PromotionConfig.NEVER;
    private boolean readOnlyOnPrimary = true;
    private RouteConfig usual = RouteConfig.NONE;

    /** Replicas of the database postgres; everybody may log in there as app. */
    ProxyRouting replicas(LocalPostgres... servers) {
        replicas =
                Stream.of(servers).map(it -> Member.of(new Node("127.0.0.1", it.port()))).toList();
        return this;
    }

    /** The same, with what is said of each. */
    ProxyRouting members(Member... listed) {
        replicas = List.of(listed);
        return this;
    }

    /** Asks the servers how far they are; app if nobody is named. */
    ProxyRouting routerUser(String name) {
        routerUser = name;
        return this;
    }

    /** How one of them is chosen. */
    ProxyRouting rules(Rules value) {
        rules = value;
        return this;
    }

    /** How long reads wait for replicas. */
    ProxyRouting replicaWait(Duration value) {
        replicaWait = value;
        return this;
    }

    /** How long what was not started waits for a primary. */
    ProxyRouting failoverWait(Duration value) {
        failoverWait = value;
        return this;
    }

    /** As whom a switchover is carried out, and what demotes the old primary. */
    ProxyRouting switchover(String superuser, @Nullable String demote) {
        operator = superuser;
        demoteCommand = demote;
        return this;
    }

    /** Promotes a replica by itself, as the operator, when the primary has not answered so long. */
    ProxyRouting promotesAfter(Duration value) {
        promotion = new PromotionConfig(PromotionConfig.Mode.AUTOMATIC, value);
        return this;
    }

    /** What all sessions ask of the routing. */
    ProxyRouting usual(RouteConfig value) {
        usual = value;
        return this;
    }

    /** Whether the primary answers those who cannot write, if nobody else can. */
    ProxyRouting readOnlyOnPrimary(boolean value) {
        readOnlyOnPrimary = value;
        return this;
    }

    boolean hasReplicas() {
        return !replicas.isEmpty();
    }

    Rules rules() {
        return rules;
    }

    RoutingConfig config() {
        return new RoutingConfig(
                replicas,
                routerUser,
                replicaWait,
                failoverWait,
                operator,
                Duration.ofSeconds(10),
                null,
                demoteCommand,
                promotion,
                readOnlyOnPrimary,
                usual,
                rules,
                Search.NONE);
    }
}

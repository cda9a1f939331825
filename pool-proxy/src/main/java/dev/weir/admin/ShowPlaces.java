package dev.weir.admin;

import dev.weir.balance.Replica;
import dev.weir.failover.Promotion;
import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.router.Router;
import dev.weir.session.RouteCounters;
import dev.weir.session.Routers;
import dev.weir.topology.Lsn;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** SHOW PLACES and ROUTES: the servers of the databases that have replicas, and why what stays. */
final class ShowPlaces {
    private static final List<Column> PLACES =
            Column.list(
                    "ssssqsqqqqsqqsss",
                    "database",
                    "place",
                    "role",
                    "state",
                    "timeline",
                    "position",
                    "lag_bytes",
                    "lag_ms",
                    "outstanding",
                    "reads",
                    "breaker",
                    "weight",
                    "share",
                    "zone",
                    "origin",
                    "failure");

    private static final List<Column> ROUTES =
            Column.list("ssq", "database", "outcome", "statements");

    static final String TOO_FAR_BEHIND = "it is further behind than replica-lag-never allows";

    private final Routers routers;

    ShowPlaces(Routers routers) {
        this.routers = routers;
    }

    Map<String, Command> commands() {
        return Map.of(
                "places", new Show(PLACES, this::places), "routes", new Show(ROUTES, this::routes));
    }

    private List<Row> places() {
        List<Row> rows = new ArrayList<>();
        routers.all()
                .forEach((database, router) -> {
                    rows.add(primary(database, router));
                    router.replicas()
                            .forEach(replica -> rows.add(replica(database, router, replica)));
                });
        return rows;
    }

    private Row primary(String database, Router router) {
        Probe probe = router.primary();
        RouteCounters counters = routers.counters().get(database);
        return Row.of(
                database,
                probe.node().toString(),
                role(probe.last()),
                probe.last() == null ? "down" : router.leadership().settled() ? "up" : "unfit",
                timeline(probe.last()),
                position(probe.last()),
                0,
                0,
                null,
                counters == null ? 0 : counters.onPrimary(),
                null,
                null,
                null,
                null,
                router.origin(probe).toString(),
                failure(probe, routers.promotion(database), router.complaint()));
    }

    /** Why the primary does not answer, has no successor, or does not tell of its replicas. */
    private static @Nullable String failure(
            Probe primary, @Nullable Promotion promotion, @Nullable String complaint) {
        List<String> all = new ArrayList<>();
        String failure = primary.failure();
        if (failure != null) {
            all.add(failure);
        }
        String refusal = promotion == null ? null : promotion.refusal();
        if (refusal != null) {
            all.add(
                    (failure == null
                                    ? "no replica could be promoted: "
                                    : "no replica is promoted: ")
                            + refusal);
        }
        if (complaint != null) {
            all.add("not all replicas are found: " + complaint);
        }
        return all.isEmpty() ? null : String.join("; ", all);
    }

    private static Row replica(String database, Router router, Replica replica) {
        Probe probe = replica.probe();
        return Row.of(
                database,
                probe.node().toString(),
                role(probe.last()),
                probe.last() == null
                        ? "down"
                        : router.leadership().refuses(probe)
                                ? "fenced"
                                : !router.takes(replica)
                                        ? "unfit"
                                        : replica.tooFarBehind() ? "behind" : "up",
                timeline(probe.last()),
                position(probe.last()),
                known(router.lagBytes(replica)),
                known(router.lagMillis(replica)),
                replica.outstanding(),
                replica.reads(),
                replica.breaker().toString(),
                replica.member().weight(),
                replica.share(),
                replica.member().zone(),
                replica.member().origin().toString(),
                replica.tooFarBehind() && router.takes(replica)
                        ? TOO_FAR_BEHIND
                        : why(router, probe));
    }

    /** Why a node is not asked to read; null if it is. */
    static @Nullable String why(Router router, Probe probe) {
        Sample told = probe.last();
        if (told == null) {
            return probe.failure();
        }
        if (!told.standby() && probe.sameServer(router.primary())) {
            return "it is the primary, under another name";
        }
        if (!told.standby()) {
            return "it calls itself primary of timeline %d; the primary is on %d"
                    .formatted(told.timeline(), router.timeline());
        }
        return told.timeline() == router.timeline()
                ? null
                : "it follows timeline %d, the primary is on %d; to see a change at once, router-user needs pg_monitor"
                        .formatted(told.timeline(), router.timeline());
    }

    private static @Nullable Long known(long value) {
        return value < 0 ? null : value;
    }

    private static @Nullable String role(@Nullable Sample sample) {
        return sample == null ? null : sample.standby() ? "replica" : "primary";
    }

    private static @Nullable Integer timeline(@Nullable Sample sample) {
        return sample == null || sample.timeline() == 0 ? null : sample.timeline();
    }

    private static @Nullable String position(@Nullable Sample sample) {
        return sample == null ? null : Lsn.text(sample.position());
    }

    private List<Row> routes() {
        List<Row> rows = new ArrayList<>();
        routers.counters()
                .forEach((database, counters) -> {
                    rows.add(Row.of(database, "answered by replicas", counters.onReplicas()));
                    rows.add(Row.of(database, "answered by the primary", counters.onPrimary()));
                    rows.add(Row.of(database, "waited for a replica", counters.waits()));
                    counters.stayed()
                            .forEach((reason, count) ->
                                    rows.add(Row.of(database, "stayed: " + reason, count)));
                });
        return rows;
    }
}

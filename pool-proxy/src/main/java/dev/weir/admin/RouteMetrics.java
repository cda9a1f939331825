package dev.weir.admin;

import static dev.weir.admin.PoolMetrics.DATABASE;
import static dev.weir.admin.PoolMetrics.ORIGIN;
import static dev.weir.admin.PoolMetrics.PLACE;
import static dev.weir.admin.PoolMetrics.REASON;

import dev.weir.balance.Replica;
import dev.weir.failover.Leadership;
import dev.weir.failover.Promotion;
import dev.weir.health.Probe;
import dev.weir.health.Sample;
import dev.weir.router.Router;
import dev.weir.session.Routers;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.resources.Resource;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongBiFunction;

/** Where the statements of databases with replicas went, and how far those are. */
final class RouteMetrics {
    private final Routers routers;

    RouteMetrics(Routers routers) {
        this.routers = routers;
    }

    /** Adds nothing if no database has replicas. */
    void addTo(List<MetricData> found, Resource resource, Reading.Span span) {
        if (routers.counters().isEmpty() && routers.all().isEmpty()) {
            return;
        }
        found.add(
                Reading.gauge(
                        resource,
                        span,
                        "weir.place.up",
                        "1 while the server answers and has the role that it is listed with",
                        "",
                        up()));
        found.add(
                Reading.gauge(
                        resource,
                        span,
                        "weir.place.lag.bytes",
                        "WAL that the replica has not replayed yet",
                        "",
                        places(Router::lagBytes)));
        found.add(
                Reading.time(
                        resource,
                        span,
                        "weir.place.lag",
                        "For how long the primary has had what the replica does not show",
                        places((router, replica) ->
                                TimeUnit.MILLISECONDS.toNanos(router.lagMillis(replica)))));
        found.add(
                Reading.gauge(
                        resource,
                        span,
                        "weir.place.outstanding",
                        "Reads that the replica is answering",
                        "",
                        places((router, replica) -> replica.outstanding())));
        found.add(
                Reading.counter(
                        resource,
                        span,
                        "weir.place.reads",
                        "Reads that the replica was given",
                        "",
                        places((router, replica) -> replica.reads())));
        found.add(
                Reading.gauge(
                        resource,
                        span,
                        "weir.place.breaker",
                        "0 while reads succeed there, 2 while it gets none because they fail, 1 while a few try",
                        "",
                        places((router, replica) -> replica.breaker().ordinal())));
        Map<Attributes, Long> stayed = new LinkedHashMap<>();
        Map<Attributes, Long> waits = new LinkedHashMap<>();
        routers.counters()
                .forEach((database, counters) -> {
                    waits.put(Attributes.of(DATABASE, database), counters.waits());
                    counters.stayed()
                            .forEach((reason, count) ->
                                    stayed.put(
                                            Attributes.of(DATABASE, database, REASON, reason),
                                            count));
                });
        found.add(
                Reading.counter(
                        resource,
                        span,
                        "weir.route.stayed",
                        "Statements that stayed on the primary, by reason",
                        "",
                        stayed));
        found.add(
                Reading.counter(
                        resource,
                        span,
                        "weir.route.waits",
                        "Reads that waited for a replica",
                        "",
                        waits));
        addLeadership(found, resource, span);
    }

    private void addLeadership(List<MetricData> found, Resource resource, Reading.Span span) {
        Map<Attributes, Long> failovers = new LinkedHashMap<>();
        Map<Attributes, Long> losses = new LinkedHashMap<>();
        Map<Attributes, Long> timelines = new LinkedHashMap<>();
        Map<Attributes, Long> fenced = new LinkedHashMap<>();
        Map<Attributes, Long> promotions = new LinkedHashMap<>();
        routers.all()
                .forEach((database, router) -> {
                    Attributes name = Attributes.of(DATABASE, database);
                    Leadership leadership = router.leadership();
                    failovers.put(name, leadership.failovers());
                    losses.put(name, leadership.losses());
                    timelines.put(name, (long) leadership.timeline());
                    Promotion promotion = routers.promotion(database);
                    promotions.put(name, promotion == null ? 0L : promotion.count());
                    fenced.put(
                            name,
                            router.replicas().stream()
                                    .filter(it -> leadership.refuses(it.probe()))
                                    .count());
                });
        found.add(
                Reading.counter(
                        resource,
                        span,
                        "weir.primary.failovers",
                        "How often another node has become the primary",
                        "",
                        failovers));
        found.add(
                Reading.counter(
                        resource,
                        span,
                        "weir.primary.losses",
                        "How often the primary has ceased to answer",
                        "",
                        losses));
        found.add(
                Reading.counter(
                        resource,
                        span,
                        "weir.primary.promotions",
                        "How often this process has promoted a replica by itself",
                        "",
                        promotions));
        found.add(
                Reading.gauge(
                        resource,
                        span,
                        "weir.primary.timeline",
                        "The primary's timeline",
                        "",
                        timelines));
        found.add(
                Reading.gauge(
                        resource,
                        span,
                        "weir.primary.fenced",
                        "Nodes that call themselves primary and are not",
                        "",
                        fenced));
    }

    /** Of all nodes, also how they are known. */
    private Map<Attributes, Long> up() {
        Map<Attributes, Long> values = new LinkedHashMap<>();
        routers.all()
                .forEach((database, router) -> {
                    Sample told = router.primary().last();
                    values.put(
                            node(database, router, router.primary()),
                            told != null && !told.standby() ? 1L : 0L);
                    for (Replica replica : router.replicas()) {
                        values.put(
                                node(database, router, replica.probe()),
                                replica.healthy() ? 1L : 0L);
                    }
                });
        return values;
    }

    private static Attributes node(String database, Router router, Probe probe) {
        return Attributes.of(
                DATABASE,
                database,
                PLACE,
                probe.node().toString(),
                ORIGIN,
                router.origin(probe).toString());
    }

    /** What is known of each replica; a negative value is not known. */
    private Map<Attributes, Long> places(ToLongBiFunction<Router, Replica> value) {
        Map<Attributes, Long> values = new LinkedHashMap<>();
        routers.all()
                .forEach((database, router) -> {
                    for (Replica replica : router.replicas()) {
                        long now = value.applyAsLong(router, replica);
                        if (now >= 0) {
                            values.put(
                                    Attributes.of(
                                            DATABASE, database, PLACE, replica.node().toString()),
                                    now);
                        }
                    }
                });
        return values;
    }
}

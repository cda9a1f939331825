package dev.weir.admin;

import dev.weir.net.AcceptRate;
import dev.weir.pool.Hold;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;
import dev.weir.session.Sessions;
import dev.weir.telemetry.Count;
import dev.weir.telemetry.Histogram;
import dev.weir.telemetry.Tally;
import dev.weir.telemetry.Timing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.resources.Resource;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What has been counted, as metrics. Reading them adds some arrays up: no session is looked at, and
 * no event loop is asked. For one reader at a time.
 */
final class PoolMetrics implements MetricProducer {
    /** Pools that have labels of their own; those that come later share {@link Tally#OTHER}. */
    private static final int MOST_POOLS = 200;

    static final AttributeKey<String> DATABASE = AttributeKey.stringKey("database");
    private static final AttributeKey<String> USER = AttributeKey.stringKey("user");
    static final AttributeKey<String> PLACE = AttributeKey.stringKey("place");
    static final AttributeKey<String> ORIGIN = AttributeKey.stringKey("origin");
    private static final AttributeKey<String> STATE = AttributeKey.stringKey("state");
    static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");
    private static final AttributeKey<String> SQLSTATE = AttributeKey.stringKey("sqlstate");

    private static final Attributes REST = Attributes.of(DATABASE, Tally.OTHER, USER, Tally.OTHER);

    private static final List<Double> BOUNDARIES =
            Histogram.bounds().stream().map(nanos -> nanos / 1e9).toList();

    private final Pools pools;
    private final Sessions sessions;
    private final AcceptRate accepts;
    private final RouteMetrics routes;
    private final long startNanos = nowNanos();
    private final Map<PoolKey, Attributes> labels = new HashMap<>();

    PoolMetrics(Pools pools, Sessions sessions, AcceptRate accepts) {
        this.pools = pools;
        this.sessions = sessions;
        this.accepts = accepts;
        this.routes = new RouteMetrics(sessions.routers());
    }

    private static long nowNanos() {
        return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    }

    private Attributes labels(Pool pool) {
        Attributes known = labels.get(pool.key());
        if (known == null) {
            known = labels.size() < MOST_POOLS ? attributes(pool.key()) : REST;
            if (known != REST) {
                labels.put(pool.key(), known);
            }
        }
        return known;
    }

    /** Of a replica's pool they say where it is. */
    private static Attributes attributes(PoolKey key) {
        return key.place().isEmpty()
                ? Attributes.of(DATABASE, key.database(), USER, key.user())
                : Attributes.of(DATABASE, key.database(), USER, key.user(), PLACE, key.place());
    }

    @Override
    public synchronized Collection<MetricData> produce(Resource resource) {
        return new Look(resource, new Reading.Span(startNanos, nowNanos())).all();
    }

    /** One look at everything. */
    private final class Look {
        private final Resource resource;
        private final Reading.Span span;
        private final List<MetricData> found = new ArrayList<>();

        Look(Resource resource, Reading.Span span) {
            this.resource = resource;
            this.span = span;
        }

        List<MetricData> all() {
            gauge(
                    "weir.clients",
                    "Clients that are logged in",
                    "",
                    pool -> pool.status().clients());
            gauge(
                    "weir.clients.waiting",
                    "Clients that wait for a server connection",
                    "",
                    pool -> pool.status().waiting());
            gauge(
                    "weir.clients.limited",
                    "Clients that wait for their turn, or a place, under a limit of transactions",
                    "",
                    pool -> pool.status().heldUp());
            found.add(
                    Reading.time(
                            resource,
                            span,
                            "weir.wait.longest",
                            "How long the first in the queue has waited",
                            longestWaits()));
            found.add(
                    Reading.gauge(
                            resource, span, "weir.servers", "Server connections", "", servers()));
            gauge(
                    "weir.pool.size",
                    "Server connections that the pool may have",
                    "",
                    pool -> pool.config().defaultPoolSize());
            gauge(
                    "weir.pool.held",
                    "1 while the pool is paused or suspended",
                    "",
                    pool -> pool.hold() == Hold.NONE ? 0 : 1);
            counter("weir.logins", "Clients that have logged in", "", Count.LOGINS);
            found.add(
                    Reading.counter(
                            resource,
                            span,
                            "weir.logins.refused",
                            "Logins that Weir has refused",
                            "",
                            refusedLogins()));
            counter("weir.assignments", "Server connections lent", "", Count.ASSIGNMENTS);
            counter("weir.transactions", "Transactions that have ended", "", Count.TRANSACTIONS);
            counter("weir.queries", "Queries answered", "", Count.QUERIES);
            counter("weir.received", "Bytes received from clients", "By", Count.RECEIVED);
            counter("weir.sent", "Bytes received from PostgreSQL for clients", "By", Count.SENT);
            counter("weir.parses", "Parse messages of clients", "", Count.CLIENT_PARSES);
            counter(
                    "weir.server.parses",
                    "Parse messages carried out by PostgreSQL",
                    "",
                    Count.SERVER_PARSES);
            counter("weir.binds", "Bind messages of clients", "", Count.BINDS);
            tally(
                    "weir.errors",
                    "Errors that clients were told",
                    SQLSTATE,
                    pool -> pool.counters().errors());
            tally(
                    "weir.pins",
                    "Sessions kept on their server connection",
                    REASON,
                    pool -> pool.counters().pins());
            histogram("weir.wait.duration", "Waits for a server connection", Timing.WAIT);
            histogram("weir.query.duration", "From a query to the end of its answer", Timing.QUERY);
            histogram(
                    "weir.transaction.duration",
                    "From the begin of a transaction to its end",
                    Timing.TRANSACTION);
            routes.addTo(found, resource, span);
            found.add(
                    Reading.gauge(
                            resource,
                            span,
                            "weir.connections",
                            "Connections of clients, those that are logging in included",
                            "",
                            Map.of(Attributes.empty(), (long) sessions.clients())));
            found.add(
                    Reading.gauge(
                            resource,
                            span,
                            "weir.connections.limit",
                            "max-client-conn",
                            "",
                            Map.of(
                                    Attributes.empty(),
                                    (long) sessions.config().limits().maxClientConn())));
            found.add(
                    Reading.gauge(
                            resource,
                            span,
                            "weir.client.memory",
                            "What the buffers of all connections take",
                            "By",
                            Map.of(Attributes.empty(), sessions.memory().used())));
            found.add(
                    Reading.gauge(
                            resource,
                            span,
                            "weir.client.memory.limit",
                            "max-client-memory",
                            "By",
                            Map.of(Attributes.empty(), sessions.memory().max())));
            found.add(
                    Reading.counter(
                            resource,
                            span,
                            "weir.accept.rests",
                            "Times that nothing was accepted for a while, for max-accept-rate",
                            "",
                            Map.of(Attributes.empty(), accepts.rests())));
            found.add(
                    Reading.timeSum(
                            resource,
                            span,
                            "weir.accept.rested",
                            "How long nothing was accepted, for max-accept-rate",
                            Map.of(Attributes.empty(), accepts.restedNanos())));
            return found;
        }

        private Map<Attributes, Long> refusedLogins() {
            Map<Attributes, Long> sums = new LinkedHashMap<>();
            sessions.refusedLogins()
                    .values()
                    .forEach((state, count) -> sums.put(Attributes.of(SQLSTATE, state), count));
            return sums;
        }

        private void gauge(String name, String meaning, String unit, ToLongFunction<Pool> value) {
            found.add(Reading.gauge(resource, span, name, meaning, unit, sums(value)));
        }

        private void counter(String name, String meaning, String unit, Count what) {
            found.add(
                    Reading.counter(
                            resource,
                            span,
                            name,
                            meaning,
                            unit,
                            sums(pool -> pool.counters().get(what))));
        }

        private Map<Attributes, Long> sums(ToLongFunction<Pool> value) {
            Map<Attributes, Long> sums = new LinkedHashMap<>();
            pools.all()
                    .forEach(pool -> sums.merge(labels(pool), value.applyAsLong(pool), Long::sum));
            return sums;
        }

        private Map<Attributes, Long> longestWaits() {
            Map<Attributes, Long> longest = new LinkedHashMap<>();
            pools.all()
                    .forEach(pool ->
                            longest.merge(
                                    labels(pool), pool.status().longestWaitNanos(), Math::max));
            return longest;
        }

        private Map<Attributes, Long> servers() {
            Map<Attributes, Long> sums = new LinkedHashMap<>();
            for (Pool pool : pools.all()) {
                Attributes its = labels(pool);
                long idle = pool.status().idle();
                long connecting = pool.status().connecting();
                long lent = Math.max(0, pool.status().size() - idle - connecting);
                sums.merge(with(its, STATE, "idle"), idle, Long::sum);
                sums.merge(with(its, STATE, "active"), lent, Long::sum);
                sums.merge(with(its, STATE, "login"), connecting, Long::sum);
            }
            return sums;
        }

        private void tally(
                String name, String meaning, AttributeKey<String> key, Function<Pool, Tally> of) {
            Map<Attributes, Long> sums = new LinkedHashMap<>();
            for (Pool pool : pools.all()) {
                Attributes its = labels(pool);
                of.apply(pool)
                        .values()
                        .forEach((label, count) ->
                                sums.merge(with(its, key, label), count, Long::sum));
            }
            found.add(Reading.counter(resource, span, name, meaning, "", sums));
        }

        private static Attributes with(Attributes its, AttributeKey<String> key, String value) {
            return its.toBuilder().put(key, value).build();
        }

        private void histogram(String name, String meaning, Timing what) {
            Map<Attributes, Histogram> sums = new LinkedHashMap<>();
            pools.all()
                    .forEach(pool ->
                            sums.merge(
                                    labels(pool),
                                    pool.counters().histogram(what),
                                    Histogram::plus));
            List<HistogramPointData> points = new ArrayList<>();
            sums.forEach((its, histogram) ->
                    points.add(
                            HistogramPointData.create(
                                    span.from(),
                                    span.to(),
                                    its,
                                    histogram.sumNanos() / 1e9,
                                    false,
                                    0,
                                    false,
                                    0,
                                    BOUNDARIES,
                                    histogram.counts())));
            found.add(Reading.histogram(resource, name, meaning, points));
        }
    }
}

package dev.weir.admin;

import dev.weir.balance.Replica;
import dev.weir.classify.Route;
import dev.weir.classify.Verdict;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.WeirConfig;
import dev.weir.freshness.FloorToken;
import dev.weir.health.Sample;
import dev.weir.router.Router;
import dev.weir.session.Routers;
import dev.weir.topology.Lsn;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * EXPLAIN ROUTE [ON database] statement: where it would go if a session that connects now sent it
 * outside a transaction block, and why. It is not carried out.
 *
 * @param config what counts at the time of each call
 */
record ExplainRoute(Routers routers, Supplier<WeirConfig> config) implements Command {
    @Override
    public Access access() {
        return Access.LOOK;
    }

    @Override
    public List<Column> columns() {
        return Column.list("sss", "subject", "answer", "because");
    }

    @Override
    public Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned)
            throws ConsoleException {
        String form = "EXPLAIN ROUTE [ON database] statement";
        if (arguments.size() < 2 || !arguments.getFirst().lower().equals("route")) {
            throw new ConsoleException(SqlState.SYNTAX_ERROR, "expected " + form);
        }
        String statement = arguments.getLast().text();
        if (statement.isEmpty()) {
            throw new ConsoleException(
                    SqlState.SYNTAX_ERROR, "no statement follows; expected " + form);
        }
        String database = arguments.size() > 2 ? arguments.get(1).text() : only();
        Router router = routers.all().get(database);
        if (router == null) {
            throw new ConsoleException(
                    SqlState.INVALID_CATALOG_NAME,
                    "database \"%s\" has no replicas: all goes to its primary".formatted(database),
                    "SHOW PLACES lists those that have.");
        }
        return new Answer(rows(router, database, statement), "EXPLAIN", null);
    }

    private String only() throws ConsoleException {
        Map<String, Router> all = routers.all();
        if (all.size() == 1) {
            return all.keySet().iterator().next();
        }
        throw new ConsoleException(
                SqlState.INVALID_CATALOG_NAME,
                all.isEmpty()
                        ? "no database has replicas: all goes to the primary"
                        : "of which database? There are " + String.join(", ", all.keySet()),
                "EXPLAIN ROUTE ON database statement");
    }

    private List<Row> rows(Router router, String database, String statement) {
        List<Row> rows = new ArrayList<>();
        Verdict verdict = verdict(router, database, statement);
        rows.add(
                Row.of(
                        "statement",
                        verdict.mayLeave() ? "may leave the primary" : "stays on the primary",
                        verdict.toString()));
        Sample now = router.primary().last();
        String primary = router.primary().node().toString();
        rows.add(
                Row.of(
                        "floor",
                        now == null ? null : new FloorToken(router.timeline(), now.position()),
                        now == null
                                ? "the primary does not answer"
                                : "all that the primary had written when it was asked last, which a session that connects now may expect to see"));
        List<String> fit = new ArrayList<>();
        for (Replica replica : router.replicas()) {
            String unfit = unfit(router, replica, now);
            if (unfit == null) {
                fit.add(replica.node().toString());
            }
            Sample told = replica.probe().last();
            rows.add(
                    Row.of(
                            "node " + replica.node(),
                            told == null ? null : new FloorToken(told.timeline(), told.position()),
                            unfit == null ? "it has replayed that" : unfit));
        }
        rows.add(place(router, database, primary, verdict, fit));
        return rows;
    }

    private Verdict verdict(Router router, String database, String statement) {
        byte[] text = statement.getBytes(StandardCharsets.UTF_8);
        DatabaseConfig known = config.get().database(database);
        Route usual = known == null ? null : known.routing().usual().route();
        return usual == null ? router.verdict(text) : router.verdict(text, usual);
    }

    private Row place(
            Router router, String database, String primary, Verdict verdict, List<String> fit) {
        if (!verdict.mayLeave()) {
            return Row.of("place", "primary " + primary, verdict.reason().sentence());
        }
        boolean any = router.replicas().stream().anyMatch(router::takes);
        if (!any) {
            return Row.of("place", "primary " + primary, "no replica is healthy");
        }
        DatabaseConfig known = config.get().database(database);
        long wait = known == null ? 0 : known.routing().patience().toMillis();
        return fit.isEmpty()
                ? Row.of(
                        "place",
                        "primary " + primary,
                        "unless a replica gets there within replica-wait (%d ms)".formatted(wait))
                : Row.of(
                        "place",
                        "replica " + String.join(" or ", fit),
                        fit.size() == 1
                                ? "it is the only one that is fresh enough"
                                : "%s are fresh enough: a session stays where it was, else a less busy one answers"
                                        .formatted(fit.size() == 2 ? "both" : "all of them"));
    }

    /** Why a node would not answer; null if it could. */
    private static @Nullable String unfit(Router router, Replica replica, @Nullable Sample now) {
        if (!router.takes(replica)) {
            String why = ShowPlaces.why(router, replica.probe());
            return why == null ? "it has not answered of late" : why;
        }
        if (replica.tooFarBehind()) {
            return ShowPlaces.TOO_FAR_BEHIND;
        }
        Sample told = replica.probe().last();
        if (told == null || now == null) {
            return "it is not known how far it is";
        }
        return Lsn.reached(told.position(), now.position())
                ? null
                : "it is %d bytes behind that".formatted(now.position() - told.position());
    }
}

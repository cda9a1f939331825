package dev.weir.admin;

import dev.weir.admin.DatabaseStats.Totals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** SHOW STATS and its kin, with PgBouncer's columns. */
final class ShowStats {
    private static final List<String> NAMES =
            List.of(
                    "server_assignment_count",
                    "xact_count",
                    "query_count",
                    "received",
                    "sent",
                    "xact_time",
                    "query_time",
                    "wait_time",
                    "client_parse_count",
                    "server_parse_count",
                    "bind_count");

    private final DatabaseStats stats;

    private ShowStats(DatabaseStats stats) {
        this.stats = stats;
    }

    static Map<String, Command> commands(DatabaseStats stats) {
        ShowStats show = new ShowStats(stats);
        return Map.of(
                "stats", new Show(columns(true, true), show::both),
                "stats_totals", new Show(columns(true, false), show::totals),
                "stats_averages", new Show(columns(false, true), show::averages),
                "totals", new Show(Column.list("sn", "name", "value"), show::sums));
    }

    private static List<Column> columns(boolean totals, boolean averages) {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("database", Column.Type.TEXT));
        boolean both = totals && averages;
        if (totals) {
            NAMES.forEach(name -> columns.add(numeric((both ? "total_" : "") + name)));
        }
        if (averages) {
            NAMES.forEach(name -> columns.add(numeric(both ? averageName(name) : plain(name))));
        }
        return List.copyOf(columns);
    }

    private static Column numeric(String name) {
        return new Column(name, Column.Type.NUMERIC);
    }

    /** PgBouncer has avg_recv, and the full word elsewhere. */
    private static String averageName(String name) {
        return "avg_" + plain(name);
    }

    private static String plain(String name) {
        return name.equals("received") ? "recv" : name;
    }

    private static List<Long> values(Totals totals) {
        return List.of(
                totals.assignments(),
                totals.transactions(),
                totals.queries(),
                totals.received(),
                totals.sent(),
                totals.transactionTime(),
                totals.queryTime(),
                totals.waitTime(),
                totals.clientParses(),
                totals.serverParses(),
                totals.binds());
    }

    private static Row row(String database, Totals... parts) {
        List<Object> values = new ArrayList<>();
        values.add(database);
        for (Totals part : parts) {
            values.addAll(values(part));
        }
        return Row.of(values.toArray());
    }

    private List<Row> both() {
        Map<String, Totals> averages = stats.averages();
        return stats.totals().entrySet().stream()
                .map(entry ->
                        row(
                                entry.getKey(),
                                entry.getValue(),
                                averages.getOrDefault(entry.getKey(), Totals.NONE)))
                .toList();
    }

    private List<Row> totals() {
        return rows(stats.totals());
    }

    private List<Row> averages() {
        return rows(stats.averages());
    }

    private static List<Row> rows(Map<String, Totals> by) {
        return by.entrySet().stream().map(entry -> row(entry.getKey(), entry.getValue())).toList();
    }

    private List<Row> sums() {
        List<Row> rows = new ArrayList<>();
        List<Long> totals = values(sum(stats.totals()));
        List<Long> averages = values(sum(stats.averages()));
        for (int i = 0; i < NAMES.size(); i++) {
            rows.add(Row.of("total_" + NAMES.get(i), totals.get(i)));
        }
        for (int i = 0; i < NAMES.size(); i++) {
            rows.add(Row.of(averageName(NAMES.get(i)), averages.get(i)));
        }
        return rows;
    }

    private static Totals sum(Map<String, Totals> by) {
        return by.values().stream().reduce(Totals.NONE, Totals::plus);
    }
}

package dev.weir.admin;

import dev.weir.admin.DatabaseStats.Totals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** SHOW STATS and its kin, with PgBouncer's columns, which are not named alike in all of them. */
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
                "stats", new Show(both(), show::totalsAndAverages),
                "stats_totals", new Show(alone(), show::totals),
                "stats_averages", new Show(alone(), show::averages),
                "totals", new Show(Column.list("sn", "name", "value"), show::sums));
    }

    private static List<Column> both() {
        List<Column> columns = begun();
        NAMES.forEach(name -> columns.add(numeric("total_" + name)));
        NAMES.forEach(
                name -> columns.add(numeric("avg_" + (name.equals("received") ? "recv" : name))));
        return List.copyOf(columns);
    }

    private static List<Column> alone() {
        List<Column> columns = begun();
        NAMES.forEach(name -> columns.add(numeric(isBytes(name) ? "bytes_" + name : name)));
        return List.copyOf(columns);
    }

    private static List<Column> begun() {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("database", Column.Type.TEXT));
        return columns;
    }

    private static Column numeric(String name) {
        return new Column(name, Column.Type.NUMERIC);
    }

    private static boolean isBytes(String name) {
        return name.equals("received") || name.equals("sent");
    }

    /** In SHOW TOTALS it is told from whom the bytes come. */
    private static String summed(String name) {
        return switch (name) {
            case "received" -> "client_bytes";
            case "sent" -> "server_bytes";
            default -> name;
        };
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

    private List<Row> totalsAndAverages() {
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
            rows.add(Row.of("total_" + summed(NAMES.get(i)), totals.get(i)));
        }
        for (int i = 0; i < NAMES.size(); i++) {
            rows.add(Row.of("avg_" + summed(NAMES.get(i)), averages.get(i)));
        }
        return rows;
    }

    private static Totals sum(Map<String, Totals> by) {
        return by.values().stream().reduce(Totals.NONE, Totals::plus);
    }
}

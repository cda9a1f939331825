package dev.weir.deploy.bench;

import java.util.ArrayList;
import java.util.List;

/** All that the bench can compare, in the order in which it runs. */
final class Rows {
    private static final int[] CLIENTS = {1, 20, 200, 1000};
    private static final int CROWD = 10_000;

    private Rows() {}

    static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        for (String mode : List.of("simple", "extended", "prepared")) {
            for (int clients : CLIENTS) {
                rows.add(
                        new PgbenchRow(
                                "select-" + mode + "-" + clients,
                                new PgbenchRun.Load(true, mode, clients, false),
                                Login.TRUST));
            }
        }
        rows.add(
                new PgbenchRow(
                        "tpcb-20", new PgbenchRun.Load(false, "simple", 20, false), Login.TRUST));
        rows.add(new TransferRow("result-rows", TransferRow.Kind.ROWS, 1000));
        rows.add(new TransferRow("result-copy", TransferRow.Kind.COPY_OUT, 1000));
        rows.add(new TransferRow("result-huge", TransferRow.Kind.HUGE_VALUES, 1000));
        rows.add(new TransferRow("copy-in", TransferRow.Kind.COPY_IN, 512));
        rows.add(new IdleRow(CROWD));
        rows.add(new StartRow());
        PgbenchRun.Load storm = new PgbenchRun.Load(true, "simple", 20, true);
        rows.add(new PgbenchRow("connect-storm-trust", storm, Login.TRUST));
        for (PgbenchRun.Load load :
                List.of(
                        new PgbenchRun.Load(true, "simple", 20, false),
                        new PgbenchRun.Load(true, "simple", 200, false),
                        new PgbenchRun.Load(true, "prepared", 20, false))) {
            String name = "tls-select-" + load.mode() + "-" + load.clients();
            rows.add(new PgbenchRow(name, load, Login.TLS));
        }
        rows.add(new PgbenchRow("tls-connect-storm", storm, Login.TLS));
        // Last, for the proxies restart with another way to log in. With SCRAM-SHA-256 most of the
        // time is that of pgbench, which proves its knowledge of the password each time.
        rows.add(new PgbenchRow("connect-storm", storm, Login.SCRAM));
        rows.add(new CrowdRow(new PgbenchRun.Load(true, "simple", 20, false)));
        return rows;
    }

    /**
     * The rows that are asked for, in their usual order.
     *
     * @param names whole names, or beginnings of several; empty for all
     * @throws IllegalArgumentException if one matches nothing, with the sentence to show
     */
    static List<Row> select(List<String> names) {
        List<Row> all = all();
        for (String name : names) {
            if (all.stream().noneMatch(row -> matches(row, name))) {
                throw new IllegalArgumentException(
                        "there is no row '"
                                + name
                                + "'; the rows are: "
                                + String.join(", ", all.stream().map(Row::name).toList()));
            }
        }
        return names.isEmpty()
                ? all
                : all.stream()
                        .filter(row -> names.stream().anyMatch(name -> matches(row, name)))
                        .toList();
    }

    /** A whole name means one row, even if another's begins with it. */
    private static boolean matches(Row row, String name) {
        boolean whole = all().stream().anyMatch(other -> other.name().equals(name));
        return whole ? row.name().equals(name) : row.name().startsWith(name);
    }
}

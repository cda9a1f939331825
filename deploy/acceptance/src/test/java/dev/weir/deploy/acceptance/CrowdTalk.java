package dev.weir.deploy.acceptance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What a client of the crowd may say, appended to an exchange with all that must come back. Each
 * row carries the client's marker and a number that it has never used before.
 */
final class CrowdTalk {
    /** Names of prepared statements, the same for all clients. */
    private static final List<String> NAMES = List.of("s1", "s2", "S_3", "weir_1");

    /** Texts behind the names: more than a server connection keeps. */
    private static final int TEXTS = 25;

    private static final int LONG = 20_000;

    private final String marker;
    private final Random random;
    private final Map<String, Integer> prepared = new HashMap<>();
    private int number;

    CrowdTalk(String marker, Random random) {
        this.marker = marker;
        this.random = random;
    }

    private interface Saying {
        void say(CrowdExchange exchange);
    }

    /** One saying at random, in whatever state the transaction is. */
    void sayAnything(CrowdExchange exchange) {
        if (exchange.status() == CrowdExchange.FAILED) {
            inFailedTransaction(exchange);
            return;
        }
        List<Saying> sayings =
                List.of(
                        this::simple,
                        this::simple,
                        this::several,
                        this::unnamed,
                        this::unnamed,
                        this::named,
                        this::named,
                        this::named,
                        this::named,
                        this::describe,
                        this::closeStatement,
                        this::duplicate,
                        this::unknownStatement,
                        this::error,
                        this::errorInBatch,
                        this::notice,
                        this::longRow,
                        this::longParameter,
                        this::empty,
                        this::setting);
        sayings.get(random.nextInt(sayings.size())).say(exchange);
    }

    private String select(int n) {
        return "SELECT '%s' AS marker, %d AS n".formatted(marker, n);
    }

    private String row(int n) {
        return "D" + List.of(marker, String.valueOf(n));
    }

    void simple(CrowdExchange exchange) {
        int n = ++number;
        exchange.frames().query(select(n));
        exchange.expect("T", row(n), "CSELECT 1");
        exchange.expectReady();
    }

    private void several(CrowdExchange exchange) {
        int first = ++number;
        int second = ++number;
        exchange.frames().query(select(first) + ";" + select(second));
        exchange.expect("T", row(first), "CSELECT 1", "T", row(second), "CSELECT 1");
        exchange.expectReady();
    }

    private void unnamed(CrowdExchange exchange) {
        int n = ++number;
        exchange.frames().parse("", "SELECT $1::text, " + n);
        boolean twice = random.nextBoolean();
        exchange.expect("1");
        for (int i = 0; i < (twice ? 2 : 1); i++) {
            exchange.frames().bind("", "", marker).describePortal("").execute("", 0);
            exchange.expect("2", "T", row(n), "CSELECT 1");
        }
        exchange.frames().sync();
        exchange.expectReady();
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private static String text(int text) {
        return "SELECT $1::text AS marker, $2::text AS n, 'text %d' AS t".formatted(text);
    }

    /** Prepares the name if that has not been done, and executes what stands behind it. */
    private void named(CrowdExchange exchange) {
        String name = name();
        Integer known = prepared.get(name);
        int text = known == null ? random.nextInt(TEXTS) : known;
        if (known == null) {
            exchange.frames().parse(name, text(text));
            exchange.expect("1");
            prepared.put(name, text);
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            int n = ++number;
            exchange.frames().bind("", name, marker, String.valueOf(n)).execute("", 0);
            exchange.expect(
                    "2", "D" + List.of(marker, String.valueOf(n), "text " + text), "CSELECT 1");
        }
        exchange.frames().sync();
        exchange.expectReady();
    }

    private void describe(CrowdExchange exchange) {
        String name = name();
        if (prepared.containsKey(name)) {
            exchange.frames().describeStatement(name).sync();
            exchange.expect("t", "T");
            exchange.expectReady();
        } else {
            simple(exchange);
        }
    }

    private void closeStatement(CrowdExchange exchange) {
        String name = name();
        prepared.remove(name);
        exchange.frames().closeStatement(name).sync();
        exchange.expect("3");
        exchange.expectReady();
    }

    private void duplicate(CrowdExchange exchange) {
        String name = name();
        if (prepared.containsKey(name)) {
            exchange.frames().parse(name, "SELECT 'never'").bind("", name).execute("", 0).sync();
            exchange.expectError("42P05");
            exchange.expectReady();
        } else {
            unnamed(exchange);
        }
    }

    private void unknownStatement(CrowdExchange exchange) {
        String name = name();
        if (prepared.containsKey(name)) {
            named(exchange);
        } else {
            exchange.frames().bind("", name, marker, "0").execute("", 0).sync();
            exchange.expectError("26000");
            exchange.expectReady();
        }
    }

    private void error(CrowdExchange exchange) {
        int n = ++number;
        exchange.frames().query("SELECT 1 / (%d - %d)".formatted(n, n));
        exchange.expectError("22012");
        exchange.expectReady();
    }

    /** A batch that fails in its middle, with a preparation that is skipped. */
    private void errorInBatch(CrowdExchange exchange) {
        int n = ++number;
        String name = name();
        exchange.frames()
                .parse("", "SELECT $1::text, " + n)
                .bind("", "", marker)
                .execute("", 0)
                .parse("", "SELECT nothing FROM nowhere")
                .parse(name, text(0))
                .closeStatement(name)
                .execute("", 0)
                .sync();
        exchange.expect("1", "2", row(n), "CSELECT 1");
        exchange.expectError("42P01");
        exchange.expectReady();
    }

    private void notice(CrowdExchange exchange) {
        String said = marker + " " + ++number;
        exchange.frames().query("DO $$BEGIN RAISE NOTICE '" + said + "'; END$$");
        exchange.expect("N" + said, "CDO");
        exchange.expectReady();
    }

    private void longRow(CrowdExchange exchange) {
        int n = ++number;
        exchange.frames()
                .query("SELECT '%s', %d, repeat('%s', %d)".formatted(marker, n, marker, LONG / 8));
        exchange.expect(
                "T",
                "D" + List.of(marker, String.valueOf(n), marker.repeat(LONG / 8)),
                "CSELECT 1");
        exchange.expectReady();
    }

    private void longParameter(CrowdExchange exchange) {
        int n = ++number;
        String value = (marker + n).repeat(1 + random.nextInt(LONG));
        exchange.frames()
                .parse("", "SELECT '%s', %d + 0 * length($1::text)".formatted(marker, n))
                .bind("", "", value)
                .execute("", 0)
                .sync();
        exchange.expect("1", "2", row(n), "CSELECT 1");
        exchange.expectReady();
    }

    private void empty(CrowdExchange exchange) {
        exchange.frames().query("");
        exchange.expect("I");
        exchange.expectReady();
    }

    /** A setting of another client's must not be there, and none of this one's stays. */
    private void setting(CrowdExchange exchange) {
        if (exchange.status() == CrowdExchange.OPEN) {
            exchange.frames().query("SET LOCAL crowd.marker = '" + marker + "'");
            exchange.expect("CSET");
            exchange.expectReady();
            exchange.frames().query("SELECT current_setting('crowd.marker')");
            exchange.expect("T", "D" + List.of(marker), "CSELECT 1");
        } else {
            exchange.frames().query("SELECT coalesce(current_setting('crowd.marker', true), '')");
            exchange.expect("T", "D" + List.of(""), "CSELECT 1");
        }
        exchange.expectReady();
    }

    private void inFailedTransaction(CrowdExchange exchange) {
        if (random.nextBoolean()) {
            exchange.frames().query("SELECT 'never'");
        } else {
            exchange.frames().parse("", "SELECT 'never'").sync();
        }
        exchange.expectError("25P02");
        exchange.expectReady();
    }

    // ---- transactions ----

    void begin(CrowdExchange exchange) {
        command(exchange, "BEGIN", "BEGIN", CrowdExchange.OPEN);
    }

    void commit(CrowdExchange exchange) {
        boolean fails = exchange.status() == CrowdExchange.FAILED;
        command(exchange, "COMMIT", fails ? "ROLLBACK" : "COMMIT", CrowdExchange.IDLE);
    }

    void rollback(CrowdExchange exchange) {
        command(exchange, "ROLLBACK", "ROLLBACK", CrowdExchange.IDLE);
    }

    void insert(CrowdExchange exchange, CrowdLedger.Deal deal, int from, int to) {
        String sql =
                "INSERT INTO ledger SELECT %d, %d, generate_series(%d, %d)"
                        .formatted(deal.client(), deal.number(), from, to - 1);
        command(exchange, sql, "INSERT 0 " + (to - from), exchange.status());
    }

    private void command(CrowdExchange exchange, String sql, String tag, char status) {
        exchange.status(status);
        if (random.nextBoolean()) {
            exchange.frames().query(sql);
            exchange.expect("C" + tag);
        } else {
            exchange.frames().parse("", sql).bind("", "").execute("", 0).sync();
            exchange.expect("1", "2", "C" + tag);
        }
        exchange.expectReady();
    }

    /** Rows fetched piece by piece over several Syncs; only within a transaction. */
    void portal(CrowdExchange exchange) {
        int n = ++number;
        exchange.frames()
                .parse("", "SELECT '%s', %d + i FROM generate_series(0, 4) i".formatted(marker, n))
                .bind("cursor", "")
                .execute("cursor", 2)
                .sync();
        exchange.expect("1", "2", row(n), row(n + 1), "s");
        exchange.expectReady();
        simple(exchange);
        exchange.frames().execute("cursor", 2).sync();
        exchange.expect(row(n + 2), row(n + 3), "s");
        exchange.expectReady();
        exchange.frames().execute("cursor", 0).sync();
        exchange.expect(row(n + 4), "CSELECT 1");
        exchange.expectReady();
    }
}

package dev.weir.deploy.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.classify.Catalog;
import dev.weir.classify.CatalogReader;
import dev.weir.classify.Classifier;
import dev.weir.classify.Verdict;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.router.Router;
import dev.weir.sql.Shape;
import dev.weir.topology.Node;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;
import org.postgresql.ds.PGSimpleDataSource;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What it costs to tell whether a statement may leave the primary. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up
public class RoutingMicro {
    private static final int TEXTS = 64;
    private static final int LENGTH = 1024;

    private static final int VALUES = 4096;

    private static final String SHORT = "SELECT abalance FROM pgbench_accounts WHERE aid = $1";

    private static final String BEGINNING =
            """
            SELECT o.id, o.placed_at, c.name AS customer, c.city, sum(l.quantity * l.price) AS total,
                   count(DISTINCT p.category) FILTER (WHERE p.price > 100.0) AS categories
            FROM orders o JOIN customers c ON c.id = o.customer_id -- the buyer
            JOIN order_lines l ON l.order_id = o.id LEFT JOIN products p ON p.id = l.product_id
            WHERE o.status IN ('paid', 'shipped', 'delivered') AND o.placed_at >= $1
                  AND o.placed_at < $2::timestamptz AND coalesce(c.name, '') <> 'it''s nobody'
                  AND lower(c.city) = lower('Berlin') AND EXISTS (SELECT 1 FROM inventory i
                      WHERE i.product_id = p.id AND i.amount BETWEEN 1 AND 500 /* in stock */)
            """;

    private static final String END =
            """
            GROUP BY o.id, o.placed_at, c.name, c.city HAVING sum(l.quantity * l.price) > 1000
            ORDER BY total DESC NULLS LAST, o.placed_at LIMIT 50
            """;

    private LocalPostgres server;
    private Router router;
    private Catalog catalog;
    private byte[] shortText;
    private byte[][] texts;

    /** They differ in a number only. */
    private byte[][] values;

    private int next;

    /** Starts a PostgreSQL, whose catalog is like any other's. */
    @Setup
    public void start() throws SQLException, InterruptedException {
        server = LocalPostgres.builder().start();
        try (Connection connection = server.connect("postgres");
                CatalogReader reader = new CatalogReader(connection)) {
            catalog = reader.read();
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(server.jdbcUrl("postgres", server.superuser()));
        router = new Router(new Node("127.0.0.1", server.port()), List.of(), node -> source);
        shortText = SHORT.getBytes(UTF_8);
        while (!router.verdict(shortText).mayLeave()) {
            Thread.sleep(10);
        }
        values = new byte[VALUES][];
        for (int i = 0; i < VALUES; i++) {
            values[i] = SHORT.replace("$1", String.valueOf(100_000 + i)).getBytes(UTF_8);
        }
        texts = new byte[TEXTS][];
        for (int i = 0; i < TEXTS; i++) {
            StringBuilder text = new StringBuilder(BEGINNING);
            while (text.length() + END.length() < LENGTH) {
                text.append("AND o.note_").append(i).append(" IS NOT NULL ");
            }
            texts[i] = text.append(END).toString().getBytes(UTF_8);
            if (!Classifier.classify(texts[i], catalog).mayLeave()) {
                throw new IllegalStateException("no read: " + text);
            }
        }
    }

    @TearDown
    public void stop() {
        router.close();
        server.close();
    }

    private byte[] text() {
        return texts[next++ & (TEXTS - 1)];
    }

    @Benchmark
    public Verdict knownShortText() {
        return router.verdict(shortText);
    }

    @Benchmark
    public Verdict knownTextOfOneKilobyte() {
        return router.verdict(text());
    }

    /** Not known itself, but others that differ in their values only. */
    @Benchmark
    public Verdict knownShapeOfShortText() {
        return router.verdict(values[next++ & (VALUES - 1)]);
    }

    @Benchmark
    public Verdict newShortText(Blackhole hole) {
        return found(shortText, hole);
    }

    @Benchmark
    public Verdict newTextOfOneKilobyte(Blackhole hole) {
        return found(text(), hole);
    }

    /** All that is done for a text of which nothing is known. */
    private Verdict found(byte[] text, Blackhole hole) {
        hole.consume(Shape.of(text));
        return Classifier.classify(text, catalog);
    }
}

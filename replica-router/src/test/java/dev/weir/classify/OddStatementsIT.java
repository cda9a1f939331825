package dev.weir.classify;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * No oddly written statement that does something is taken for a read; PostgreSQL is the judge.
 *
 * <p>{@code -Dweir.fuzz=600} goes on for so many seconds, {@code -Dweir.fuzz.seed} repeats what a
 * run has printed.
 */
class OddStatementsIT {
    private static final int SECONDS = Integer.getInteger("weir.fuzz", 8);
    private static final long SEED = Long.getLong("weir.fuzz.seed", new Random().nextLong());

    private static final String EFFECTS =
            """
            SELECT concat_ws(' ', pg_current_xact_id_if_assigned(), last_value, is_called,
                (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
                current_setting('work_mem'), current_setting('app.tenant', true))
            FROM counter
            """;

    /** Statements taken for reads that were no mistake of grammar. */
    private int ran;

    private static LocalPostgres primary;
    private static LocalPostgres replica;
    private static Catalog catalog;

    @BeforeAll
    static void start() throws Exception {
        primary = LocalPostgres.builder().authMethod("trust").start();
        primary.execute(CorpusIT.resource("schema.sql"));
        primary.createRole("app", "app");
        primary.execute(
                """
                GRANT ALL ON SCHEMA public, shop TO app;
                GRANT ALL ON ALL TABLES IN SCHEMA public, shop TO app;
                GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app;
                ALTER ROLE app SET statement_timeout = '300ms';
                ALTER ROLE app SET temp_file_limit = '10MB';
                """);
        try (Connection connection = primary.connect("postgres");
                CatalogReader reader = new CatalogReader(connection)) {
            catalog = reader.read();
        }
        replica = primary.replica().start();
        replica.replication().awaitReplayOf(primary);
    }

    @AfterAll
    static void stop() {
        replica.close();
        primary.close();
    }

    @Test
    void noOddlyWrittenStatementThatDoesSomethingIsTakenForARead() throws Exception {
        System.out.println("odd statements: -Dweir.fuzz.seed=" + SEED);
        OddStatements statements =
                new OddStatements(
                        new Random(SEED),
                        CorpusIT.cases().stream().map(CorpusIT.Case::sql).toList());
        Set<String> wrong = new LinkedHashSet<>();
        int texts = 0;
        int reads = 0;
        ran = 0;
        try (Judge here = new Judge(primary.port(), "app");
                Judge there = new Judge(replica.port(), "app")) {
            String before = here.ask(EFFECTS).firstValue();
            long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
            while (System.nanoTime() - end < 0) {
                String sql = statements.next();
                texts++;
                if (sql.indexOf('\0') >= 0
                        || !Classifier.classify(sql.getBytes(UTF_8), catalog).mayLeave()) {
                    continue;
                }
                reads++;
                String objection = objection(here, there, sql, before);
                if (!objection.isEmpty()) {
                    wrong.add(objection + ": " + sql);
                    here.ask("ROLLBACK");
                    before = here.ask(EFFECTS).firstValue();
                }
            }
        }
        System.out.printf(
                "odd statements: %d, of which %d were taken for reads; PostgreSQL ran %d of those%n",
                texts, reads, ran);
        assertThat(wrong).as("seed " + SEED).isEmpty();
        assertThat(ran).isPositive();
    }

    /** What stands against having taken a statement for a read; empty if nothing does. */
    private String objection(Judge here, Judge there, String sql, String before)
            throws IOException {
        here.ask("BEGIN");
        Judge.Answer onPrimary = here.ask(sql);
        if (onPrimary.status() == 'I') {
            return "ends its transaction";
        }
        if (onPrimary.failed()) {
            // What it did before it failed would be undone, but not what it did to a sequence.
            here.ask("ROLLBACK");
        } else if (!onlyReads(onPrimary.tags())) {
            return "is " + onPrimary.tags();
        } else {
            ran++;
        }
        String after = here.ask(EFFECTS).firstValue();
        here.ask("ROLLBACK");
        if (!after.equals(before)) {
            return "changes " + before + " to " + after;
        }
        Judge.Answer onReplica = there.ask(sql);
        if (onReplica.status() != 'I') {
            there.ask("ROLLBACK");
            return "begins a transaction";
        }
        boolean late = (onPrimary.sqlState() + onReplica.sqlState()).contains("57014");
        return late || onPrimary.sqlState().equals(onReplica.sqlState())
                ? ""
                : "ends with "
                        + onPrimary.sqlState()
                        + " on the primary, and on the replica with "
                        + onReplica.sqlState()
                        + " "
                        + onReplica.message();
    }

    /** Whether it was one command, which only reads. */
    private static boolean onlyReads(List<String> tags) {
        return tags.size() == 1
                && tags.getFirst().toUpperCase(Locale.ROOT).matches("(SELECT|COPY) \\d+|EXPLAIN");
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Clients that prepare the same text on one server connection, and what they may share. */
class SharedStatementsIT {
    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
        postgres.createDatabase("play", "app");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void aLiteralIsReadInTheTimeZoneOfTheClientThatPreparesIt() throws IOException {
        String sql = "SELECT '2024-01-01 00:00'::timestamptz AT TIME ZONE 'UTC'";
        try (Weir weir = Proxy.inFrontOf(postgres.port()).poolSize(1).start();
                WireClient utc = login(weir, Map.of("TimeZone", "UTC"));
                WireClient tokyo = login(weir, Map.of("TimeZone", "Asia/Tokyo"))) {
            prepare(utc, sql);
            prepare(tokyo, sql);
            assertThat(run(utc)).contains("DataRow(2024-01-01 00:00:00)");
            assertThat(run(tokyo)).contains("DataRow(2023-12-31 15:00:00)");
            assertThat(run(utc)).contains("DataRow(2024-01-01 00:00:00)");
        }
    }

    @Test
    void theSameBytesAreAnotherTextInAnotherEncoding() throws IOException {
        String sql = "SELECT length('é')";
        try (Weir weir = Proxy.inFrontOf(postgres.port()).poolSize(1).start();
                WireClient utf8 = login(weir, Map.of("client_encoding", "UTF8"));
                WireClient latin1 = login(weir, Map.of("client_encoding", "LATIN1"))) {
            prepare(utf8, sql);
            prepare(latin1, sql);
            assertThat(run(utf8)).contains("DataRow(1)");
            assertThat(run(latin1)).contains("DataRow(2)");
        }
    }

    @Test
    void clientsThatDifferOnlyInTheirNameShareOneStatement() throws IOException {
        String seen = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%shared%'";
        try (Weir weir = Proxy.inFrontOf(postgres.port()).poolSize(1).start();
                WireClient one = login(weir, Map.of("application_name", "one"));
                WireClient two = login(weir, Map.of("application_name", "two"))) {
            prepare(one, "SELECT 'shared'");
            prepare(two, "SELECT 'shared'");
            assertThat(run(one)).contains("DataRow(shared)");
            assertThat(run(two)).contains("DataRow(shared)");
            assertThat(one.one(seen)).isEqualTo("1");
        }
    }

    @Test
    void aPlanThatHasGoneStaleIsReportedOnceAndNotOncePerServerConnection() throws IOException {
        postgres.execute("play", "CREATE TABLE shape (a int); GRANT ALL ON shape TO app");
        try (Weir weir = Proxy.inFrontOf(postgres.port()).poolSize(2).start();
                WireClient client = login(weir, Map.of());
                WireClient other = login(weir, Map.of())) {
            prepare(client, "SELECT * FROM shape");
            assertThat(run(client)).contains("CommandComplete(SELECT 0)");
            other.query("BEGIN");
            other.readAnswer();
            // The other one holds the first server connection: this is the second.
            assertThat(run(client)).contains("CommandComplete(SELECT 0)");
            postgres.execute("play", "ALTER TABLE shape ADD COLUMN b text");
            assertThat(run(client)).anyMatch(message -> message.contains("ERROR 0A000"));
            client.send(Frontend.close('S', "s"));
            prepare(client, "SELECT * FROM shape");
            assertThat(run(client)).contains("CommandComplete(SELECT 0)");
            WireClient third = login(weir, Map.of());
            third.query("BEGIN");
            third.readAnswer();
            other.query("COMMIT");
            other.readAnswer();
            // Back on the first, whose plan is just as old.
            assertThat(run(client)).contains("CommandComplete(SELECT 0)");
            third.close();
        }
    }

    private static WireClient login(Weir weir, Map<String, String> settings) throws IOException {
        Map<String, String> parameters = new HashMap<>(settings);
        parameters.put("user", "app");
        parameters.put("database", "play");
        return WireClient.login(weir.port(), parameters);
    }

    private static void prepare(WireClient client, String sql) throws IOException {
        client.send(Frontend.parse("s", sql), Frontend.sync());
        assertThat(client.readAnswer()).contains("ParseComplete");
    }

    private static List<String> run(WireClient client) throws IOException {
        client.send(Frontend.bind("", "s"), Frontend.execute(""), Frontend.sync());
        return client.readAnswer();
    }
}

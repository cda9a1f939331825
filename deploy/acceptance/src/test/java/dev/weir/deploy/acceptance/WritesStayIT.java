package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is no read never comes to a replica; the replicas' own logs tell. */
class WritesStayIT {
    private static final Path CORPUS =
            Path.of("../../replica-router/src/test/resources/dev/weir/classify");
    private static final Pattern LOGGED = Pattern.compile("/\\* case (\\d+) \\*/");

    @Test
    void noStatementOfTheCorpusThatIsNoReadIsSentToAReplica() throws Exception {
        List<String> cases =
                Files.readAllLines(CORPUS.resolve("corpus.sql")).stream()
                        .filter(it -> !it.startsWith("#") && it.indexOf(' ') > 0)
                        .toList();
        try (Replicated servers = Replicated.start(Files.readString(CORPUS.resolve("schema.sql")));
                Weir weir =
                        servers.proxy()
                                .routing(it -> it.replicaWait(Duration.ofSeconds(10)))
                                .start()) {
            servers.primary()
                    .execute(
                            """
                            GRANT ALL ON SCHEMA public, shop TO app;
                            GRANT ALL ON ALL TABLES IN SCHEMA public, shop TO app;
                            GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app;
                            """);
            for (LocalPostgres replica : List.of(servers.one(), servers.two())) {
                replica.execute("ALTER SYSTEM SET log_statement = 'all'");
                replica.execute("SELECT pg_reload_conf()");
                replica.replication().awaitReplayOf(servers.primary());
            }
            try (Connection connection = Replicated.connect(weir)) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> where(connection) != servers.primary().port());
            }
            for (int i = 0; i < cases.size(); i++) {
                String sql = sql(cases.get(i));
                send(weir, "/* case " + i + " */ " + sql);
            }
            SortedSet<Integer> logged = logged(servers);
            assertThat(logged)
                    .as("reads, which show that the logs tell")
                    .anyMatch(it -> cases.get(it).startsWith("READ "));
            assertThat(logged)
                    .filteredOn(it -> !cases.get(it).startsWith("READ "))
                    .as("others")
                    .extracting(cases::get)
                    .isEmpty();
        }
    }

    private static int where(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT inet_server()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** {@code \\n} and {@code \\\\} are escapes there. */
    private static String sql(String line) {
        return line.substring(line.indexOf(' ') + 1)
                .replace("\\\\", "\0")
                .replace("\\n", "\n")
                .replace("\0", "\\");
    }

    /** In a session of its own, whatever comes of it. */
    private static void send(Weir weir, String sql) throws IOException {
        try (WireClient client = WireClient.login(weir.port(), "app", "postgres")) {
            client.query(sql);
            while (true) {
                Backend message = client.next();
                switch (message.type()) {
                    case 'G' -> client.send(Frontend.copyFail("not here"));
                    case 'Z' -> {
                        return;
                    }
                    default -> {}
                }
            }
        }
    }

    private static SortedSet<Integer> logged(Replicated servers) {
        SortedSet<Integer> logged = new TreeSet<>();
        for (LocalPostgres replica : List.of(servers.one(), servers.two())) {
            Matcher matcher = LOGGED.matcher(replica.log());
            while (matcher.find()) {
                logged.add(Integer.valueOf(matcher.group(1)));
            }
        }
        return logged;
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.weir.app.Weir;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.config.PoolConfig;
import dev.weir.deploy.acceptance.script.Churn;
import dev.weir.deploy.acceptance.script.Performance;
import dev.weir.deploy.acceptance.script.Script;
import dev.weir.deploy.acceptance.script.ScriptFile;
import dev.weir.deploy.acceptance.script.Way;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.TrickleLink;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.acceptance.wire.WireClient.Pace;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The same scripts spoken to PostgreSQL and through Weir give the same transcripts, whatever the
 * pool, the transport and the sizes of the pieces in which bytes arrive.
 */
class DifferentialIT {
    private static final String USER = "app";
    private static final String DATABASE = "play";
    private static final int POOL = 3;

    private static final List<Script> SCRIPTS =
            Stream.of(
                            "errors.script",
                            "pipelines.script",
                            "copy.script",
                            "statements.script",
                            "portals.script",
                            "transactions.script")
                    .flatMap(file -> ScriptFile.load(file).stream())
                    .toList();

    /** A statement that a client ran, by the process that ran it. */
    private static final Pattern LOGGED =
            Pattern.compile(
                    "(?m)^(\\d+) %s\\|(?:LOG: +duration: \\S+ ms +\\w+[^:]*: |ERROR: +)(.*)$"
                            .formatted(USER));

    private static LocalPostgres postgres;
    private static Connection superuser;
    private static final Map<Script, List<String>> DIRECT = new LinkedHashMap<>();

    @BeforeAll
    static void speakToPostgres() throws Exception {
        postgres =
                LocalPostgres.builder()
                        .authMethod("trust")
                        .setting("log_min_duration_statement", "0")
                        .setting("log_line_prefix", "%p %u|")
                        .start();
        postgres.createRole(USER, USER);
        postgres.createDatabase(DATABASE, USER);
        superuser = postgres.connect(DATABASE);
        sql("SET ROLE " + USER);
        ScriptFile.load("world.script").getFirst().given().forEach(DifferentialIT::sql);
        for (Script script : SCRIPTS) {
            DIRECT.put(script, perform(script, DifferentialIT::direct, Pace.WHOLE));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        superuser.close();
        postgres.close();
    }

    @Test
    void everyScriptGetsToItsEndOnPostgresItself() {
        assertThat(SCRIPTS).extracting(Script::name).doesNotHaveDuplicates().hasSizeGreaterThan(60);
        DIRECT.forEach((script, transcript) ->
                assertThat(transcript)
                        .as(script.name())
                        .endsWith("(closed)")
                        .noneMatch(line -> line.startsWith("(no message")));
    }

    @Test
    void aSessionIsGreetedInTheSameWay() throws IOException {
        List<Map<String, String>> wishes =
                List.of(
                        Map.of("user", USER, "database", DATABASE),
                        Map.of("user", USER, "database", DATABASE, "application_name", ""),
                        Map.of(
                                "user",
                                USER,
                                "database",
                                DATABASE,
                                "application_name",
                                "a 'name' with \\ in it",
                                "client_encoding",
                                "LATIN1",
                                "TimeZone",
                                "Asia/Tokyo",
                                "DateStyle",
                                "German"),
                        Map.of(
                                "user",
                                USER,
                                "database",
                                DATABASE,
                                "options",
                                "-c IntervalStyle=iso_8601 --application-name=by\\ option"));
        try (Weir weir = proxy().poolSize(1).start()) {
            for (Map<String, String> wish : wishes) {
                assertThat(greeting(weir.port(), wish))
                        .as("%s", wish)
                        .isEqualTo(greeting(postgres.port(), wish));
            }
        }
    }

    private static List<String> greeting(int port, Map<String, String> wish) throws IOException {
        try (WireClient client = WireClient.connect(port)) {
            client.send(Frontend.startup(wish));
            List<String> greeting = client.readGreeting();
            client.terminate();
            return greeting;
        }
    }

    @TestFactory
    Stream<DynamicTest> aPoolOfOneServerConnection() throws IOException {
        return through(SCRIPTS, proxy().poolSize(1), Pace.WHOLE);
    }

    @TestFactory
    Stream<DynamicTest> aPoolWhoseServerConnectionsTakeTurns() throws IOException {
        return throughChurn(SCRIPTS, proxy().poolSize(POOL).eventLoops(1), Pace.WHOLE);
    }

    @TestFactory
    Stream<DynamicTest> aServerConnectionForTheWholeSession() throws IOException {
        return through(SCRIPTS, proxy().poolSize(POOL).mode(PoolConfig.Mode.SESSION), Pace.WHOLE);
    }

    @TestFactory
    Stream<DynamicTest> singleBytesOverIoUringBetweenTwoLoops() throws IOException {
        return throughChurn(
                SCRIPTS,
                proxy().poolSize(POOL).transport(Transport.IO_URING).maxPreparedStatements(2),
                Pace.BYTES);
    }

    @TestFactory
    Stream<DynamicTest> singleBytesOverEpollWithRoomForOneStatement() throws IOException {
        return through(
                SCRIPTS,
                proxy().poolSize(1).transport(Transport.EPOLL).maxPreparedStatements(1),
                Pace.BYTES);
    }

    @TestFactory
    Stream<DynamicTest> aTricklingServerOverNio() throws IOException {
        long seed = System.nanoTime();
        System.out.println("aTricklingServerOverNio: seed " + seed);
        TrickleLink link = new TrickleLink(postgres.port(), seed);
        Proxy proxy =
                Proxy.inFrontOf(link.port())
                        .poolSize(POOL)
                        .transport(Transport.NIO)
                        .maxPreparedStatements(3);
        return throughChurn(SCRIPTS, proxy, Pace.WHOLE).onClose(closing(link));
    }

    private static WireClient direct() throws IOException {
        return WireClient.login(postgres.port(), USER, DATABASE);
    }

    // ---- how scripts are run ----

    private static Proxy proxy() {
        return Proxy.inFrontOf(postgres.port());
    }

    private static Stream<DynamicTest> through(List<Script> scripts, Proxy proxy, Pace pace)
            throws IOException {
        Weir weir = start(proxy);
        Way way = () -> WireClient.login(weir.port(), USER, DATABASE);
        return scripts.stream()
                .map(script ->
                        DynamicTest.dynamicTest(
                                script.name(),
                                () -> assertSame(script, perform(script, way, pace(script, pace)))))
                .onClose(weir::close);
    }

    private static Stream<DynamicTest> throughChurn(List<Script> scripts, Proxy proxy, Pace pace)
            throws IOException {
        Weir weir = start(proxy);
        Churn churn = new Churn(weir.port(), USER, DATABASE, POOL);
        Way way =
                new Way() {
                    @Override
                    public WireClient open() throws IOException {
                        return WireClient.login(weir.port(), USER, DATABASE);
                    }

                    @Override
                    public void nextServer() throws IOException {
                        churn.rotate();
                    }
                };
        return scripts.stream()
                .filter(script -> !script.oneServer())
                .map(script ->
                        DynamicTest.dynamicTest(
                                script.name(),
                                () -> {
                                    long before = Files.size(log());
                                    assertSame(script, perform(script, way, pace(script, pace)));
                                    if (SCRIPTS.contains(script)
                                            && script.hasSeveralTransactions()) {
                                        assertThat(servers(before))
                                                .as(
                                                        "server connections that served it:\n%s",
                                                        logged(before))
                                                .hasSizeGreaterThan(1);
                                    }
                                }))
                .onClose(closing(churn))
                .onClose(weir::close);
    }

    private static Weir start(Proxy proxy) throws IOException {
        try {
            return proxy.start();
        } catch (IllegalStateException e) {
            return abort(e.getMessage());
        }
    }

    private static Runnable closing(AutoCloseable resource) {
        return () -> {
            try {
                resource.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        };
    }

    /** A byte at a time only where that does not take seconds. */
    private static Pace pace(Script script, Pace wanted) {
        return script.bytes() > 20_000 ? Pace.WHOLE : wanted;
    }

    private static List<String> perform(Script script, Way way, Pace pace) throws IOException {
        sql("DELETE FROM sink; DELETE FROM late");
        script.given().forEach(DifferentialIT::sql);
        return Performance.of(script, way, pace);
    }

    private static void assertSame(Script script, List<String> transcript) {
        assertThat(String.join("\n", transcript))
                .isEqualTo(String.join("\n", DIRECT.getOrDefault(script, List.of())));
    }

    private static void sql(String sql) {
        try (Statement statement = superuser.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** The processes that ran statements of the script's, since the log was that long. */
    private static Set<String> servers(long before) throws IOException {
        return LOGGED.matcher(logged(before))
                .results()
                .filter(logged -> ofTheScript(logged.group(2)))
                .map(logged -> logged.group(1))
                .collect(Collectors.toSet());
    }

    private static String logged(long before) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "r")) {
            file.seek(before);
            byte[] bytes = new byte[(int) (file.length() - before)];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static Path log() {
        return postgres.data().resolve("log").resolve("server.log");
    }

    private static boolean ofTheScript(String sql) {
        return !sql.contains(Churn.MARK) && !sql.equals("ROLLBACK") && !sql.equals("DISCARD ALL");
    }
}

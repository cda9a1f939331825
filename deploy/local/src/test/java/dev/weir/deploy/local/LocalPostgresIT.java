package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** How one server lives. */
class LocalPostgresIT {
    @Test
    void startsAndAnswersSqlThenLeavesNoProcessAndNoFile() throws Exception {
        Path scratch;
        List<Long> pids;
        try (LocalPostgres postgres = LocalPostgres.builder().start()) {
            Credentials app = postgres.createRole("a \"b\"", "it's \\ so");
            postgres.createDatabase("the shop", app.name());
            assertThat(one(postgres.jdbcUrl("the shop", app), "SELECT current_user"))
                    .isEqualTo(app.name());
            assertThat(one(postgres, "SHOW server_version_num")).startsWith("18");
            scratch = postgres.socketFolder().getParent();
            pids = postgres.pids();
            // Of the backends of the connections above, one may just be ending.
            assertThat(pids.stream().filter(LocalPostgresIT::alive)).hasSizeGreaterThan(3);
            assertThat(Files.exists(scratch)).isTrue();
        }
        assertThat(pids).noneMatch(LocalPostgresIT::alive);
        assertThat(Files.exists(scratch)).isFalse();
    }

    @Test
    void twoServersRunAtOnceAndKnowNothingOfEachOther() throws Exception {
        try (LocalPostgres first = LocalPostgres.builder().start();
                LocalPostgres second =
                        LocalPostgres.builder().superuser("root", "secret").start()) {
            assertThat(first.port()).isNotEqualTo(second.port());
            first.createDatabase("shop", "postgres");
            assertThat(one(second, "SELECT count(*) FROM pg_database WHERE datname = 'shop'"))
                    .isEqualTo("0");
            assertThat(one(second, "SELECT usesuper FROM pg_user WHERE usename = current_user"))
                    .isEqualTo("t");
        }
    }

    @Test
    void settingsApplyAndAlterSystemWinsOverThemAlsoAfterARestart() throws Exception {
        try (LocalPostgres postgres =
                LocalPostgres.builder()
                        .setting("max_connections", "37")
                        .setting("work_mem", "5MB")
                        .setting("app.note", "it's \\here")
                        .start()) {
            assertThat(one(postgres, "SHOW max_connections")).isEqualTo("37");
            assertThat(one(postgres, "SHOW app.note")).isEqualTo("it's \\here");
            assertThat(one(postgres, "SHOW fsync")).isEqualTo("off");
            assertThat(one(postgres, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
            postgres.execute("ALTER SYSTEM SET work_mem = '6MB'");
            postgres.stop();
            postgres.start();
            assertThat(one(postgres, "SHOW work_mem")).isEqualTo("6MB");
        }
    }

    @Test
    void aDataFolderIsUsedAgainAndKept() throws Exception {
        Path parent = Files.createTempDirectory("weir-data");
        Path data = parent.resolve("a folder's name").resolve("data");
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
        String system = "SELECT system_identifier FROM pg_control_system()";
        try {
            String first;
            try (LocalPostgres postgres = LocalPostgres.builder().data(data).start()) {
                postgres.execute("CREATE TABLE kept AS SELECT 42 AS n");
                first = one(postgres, system);
                assertThat(one(postgres, "SHOW fsync")).isEqualTo("on");
            }
            try (LocalPostgres postgres = LocalPostgres.builder().data(data).start()) {
                assertThat(one(postgres, "SELECT n FROM kept")).isEqualTo("42");
                assertThat(one(postgres, system)).isEqualTo(first);
            }
            assertThat(data.resolve("PG_VERSION")).exists();
            assertThat(data.resolve("postmaster.pid")).doesNotExist();
        } finally {
            FileTree.delete(parent);
        }
    }

    @Test
    void committedRowsSurviveKill9AndItStartsAgainOnTheSamePort() throws Exception {
        try (LocalPostgres postgres = LocalPostgres.builder().start()) {
            int port = postgres.port();
            postgres.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n");
            try (Connection held = postgres.connect("postgres");
                    Statement statement = held.createStatement()) {
                List<Long> pids = postgres.pids();
                postgres.kill9();
                assertThat(pids).isNotEmpty().noneMatch(LocalPostgresIT::alive);
                assertThat(postgres.running()).isFalse();
                assertThat(postgres.pids()).isEmpty();
                assertThatThrownBy(() -> statement.execute("SELECT 1"))
                        .isInstanceOf(SQLException.class);
            }
            postgres.start();
            assertThat(postgres.port()).isEqualTo(port);
            assertThat(one(postgres, "SELECT count(*) FROM t")).isEqualTo("1000");
            assertThat(postgres.log()).contains("was not properly shut down");
        }
    }

    @Test
    void stopImmediateNeedsRecoveryAndStopDoesNot() throws Exception {
        try (LocalPostgres postgres = LocalPostgres.builder().start()) {
            postgres.stop();
            assertThat(postgres.running()).isFalse();
            postgres.stop();
            postgres.start();
            assertThat(postgres.log()).doesNotContain("was not properly shut down");
            postgres.stopImmediate();
            postgres.start();
            assertThat(postgres.log()).contains("was not properly shut down");
            assertThatThrownBy(postgres::start).hasMessageContaining("is running on port");
        }
    }

    @Test
    void aServerWhoseFirstProcessWasKilledByOthersStartsAgain() throws Exception {
        try (LocalPostgres postgres = LocalPostgres.builder().start()) {
            List<Long> pids = postgres.pids();
            ProcessHandle first = ProcessHandle.of(pids.getFirst()).orElseThrow();
            assertThat(first.destroyForcibly()).isTrue();
            first.onExit().join();
            assertThat(postgres.running()).isFalse();
            postgres.start();
            assertThat(one(postgres, "SELECT 1")).isEqualTo("1");
            assertThat(pids).noneMatch(LocalPostgresIT::alive);
        }
    }

    @Test
    void nothingIsAnsweredWhileItIsPaused() throws Exception {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try (threads;
                LocalPostgres postgres = LocalPostgres.builder().start();
                Connection connection = postgres.connect("postgres")) {
            postgres.pause();
            assertThat(postgres.running()).isTrue();
            assertThat(postgres.pids())
                    .hasSizeGreaterThan(3)
                    .allMatch(pid -> ProcessIdentity.of(pid).orElseThrow().stopped());
            Callable<String> query = () -> one(connection, "SELECT 'late'");
            Future<String> answer = threads.submit(query);
            assertThatThrownBy(() -> answer.get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            postgres.resume();
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("late");
        }
    }

    @Test
    void aPausedServerCanBeClosed() {
        List<Long> pids;
        try (LocalPostgres postgres = LocalPostgres.builder().start()) {
            pids = postgres.pids();
            postgres.pause();
        }
        assertThat(pids).isNotEmpty().noneMatch(LocalPostgresIT::alive);
    }

    @Test
    void aPortThatIsTakenIsNamedAndNothingIsLeft() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int port = taken.getLocalPort();
            long before = scratchFolders();
            assertThatThrownBy(() -> LocalPostgres.builder().port(port).start())
                    .isInstanceOfSatisfying(
                            PortTakenException.class, e -> assertThat(e.port()).isEqualTo(port))
                    .hasMessageContaining("Port " + port);
            assertThat(scratchFolders()).isEqualTo(before);
        }
    }

    @Test
    void aPortThatWasTakenBetweenStopAndStartIsNamed() throws Exception {
        try (LocalPostgres postgres = LocalPostgres.builder().start()) {
            postgres.stop();
            InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
            try (ServerSocket taken = new ServerSocket(postgres.port(), 1, loopback)) {
                assertThat(taken.isBound()).isTrue();
                assertThatThrownBy(postgres::start).isInstanceOf(PortTakenException.class);
            }
            postgres.start();
            assertThat(one(postgres, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aSettingThatPostgresRefusesIsShownWithTheServersOwnWords() throws Exception {
        long before = scratchFolders();
        assertThatThrownBy(() -> LocalPostgres.builder().setting("work_mem", "plenty").start())
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("ended while it started")
                .hasMessageContaining("invalid value for parameter \"work_mem\": \"plenty\"");
        assertThat(scratchFolders()).isEqualTo(before);
    }

    @Test
    void aClosedServerStaysClosed() {
        LocalPostgres postgres = LocalPostgres.builder().start();
        postgres.close();
        postgres.close();
        assertThatThrownBy(postgres::start).hasMessageContaining("is closed");
        assertThatThrownBy(postgres::pause).hasMessageContaining("does not run");
        assertThatThrownBy(() -> postgres.execute("SELECT 1"))
                .isInstanceOf(LocalServerException.class);
    }

    static boolean alive(long pid) {
        return ProcessIdentity.of(pid).isPresent();
    }

    private static String one(LocalPostgres postgres, String sql) throws SQLException {
        try (Connection connection = postgres.connect("postgres")) {
            return one(connection, sql);
        }
    }

    private static String one(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url)) {
            return one(connection, sql);
        }
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    /** This JVM's. */
    private static long scratchFolders() throws Exception {
        String owner = "weir-local-" + ProcessIdentity.self().text();
        try (Stream<Path> entries = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return entries.filter(it -> it.getFileName().toString().startsWith(owner)).count();
        }
    }
}

package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** Streaming replicas. */
class ReplicationIT {
    private static LocalPostgres primary;
    private static LocalPostgres replica;

    @BeforeAll
    static void start() {
        primary = LocalPostgres.builder().start();
        primary.execute("CREATE TABLE notes (n int)");
        replica = primary.replica().start();
    }

    @AfterAll
    static void stop() {
        replica.close();
        primary.close();
    }

    private static long count(LocalPostgres server) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM notes")) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aReplicaShowsWhatThePrimaryHasWrittenAndTakesNoWrite() {
        long before = count(primary);
        primary.execute("INSERT INTO notes VALUES (1), (2)");
        replica.replication().awaitReplayOf(primary);
        assertThat(count(replica)).isEqualTo(before + 2);
        assertThat(replica.replication().standby()).isTrue();
        assertThat(primary.replication().standby()).isFalse();
        assertThatThrownBy(() -> replica.execute("INSERT INTO notes VALUES (3)"))
                .hasMessageContaining("read-only transaction");
    }

    @Test
    void pausedReplayStandsStillUntilItGoesOn() {
        replica.replication().awaitReplayOf(primary);
        long before = count(replica);
        replica.replication().pauseReplay();
        primary.execute("INSERT INTO notes VALUES (4)");
        assertThat(count(replica)).isEqualTo(before);
        replica.replication().resumeReplay();
        replica.replication().awaitReplayOf(primary);
        assertThat(count(replica)).isEqualTo(before + 1);
    }

    @Test
    void delayedReplayComesLater() {
        replica.replication().awaitReplayOf(primary);
        long before = count(replica);
        replica.replication().delay(Duration.ofMinutes(10));
        primary.execute("INSERT INTO notes VALUES (5)");
        assertThat(count(replica)).isEqualTo(before);
        replica.replication().delay(Duration.ZERO);
        await().atMost(Duration.ofSeconds(30)).until(() -> count(replica) == before + 1);
    }

    @Test
    void aReplicaThatWasKilledCatchesUp() {
        replica.kill9();
        primary.execute("INSERT INTO notes VALUES (6)");
        replica.start();
        replica.replication().awaitReplayOf(primary);
        assertThat(count(replica)).isEqualTo(count(primary));
    }

    @Test
    void aPromotedReplicaTakesWritesAndOthersFollowIt() {
        try (LocalPostgres old = LocalPostgres.builder().start();
                LocalPostgres next = old.replica().start();
                LocalPostgres other = old.replica().start()) {
            old.execute("CREATE TABLE notes (n int)");
            next.replication().awaitReplayOf(old);
            int timeline = old.replication().timeline();
            old.kill9();
            next.replication().promote();
            assertThat(next.replication().timeline()).isEqualTo(timeline + 1);
            other.replication().follow(next);
            next.execute("INSERT INTO notes VALUES (1)");
            other.replication().awaitReplayOf(next);
            assertThat(count(other)).isEqualTo(1);
            assertThat(other.replication().timeline()).isEqualTo(timeline + 1);

            int port = old.port();
            old.start();
            old.execute("INSERT INTO notes VALUES (2), (3), (4)");
            old.rejoin(next);
            old.replication().awaitReplayOf(next);
            assertThat(old.port()).isEqualTo(port);
            assertThat(count(old)).isEqualTo(1);
        }
    }

    private static Process demote(DemoteCommand command, int old, int next) throws IOException {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", command.text());
        shell.environment().put("WEIR_OLD_PORT", "" + old);
        shell.environment().put("WEIR_NEW_PORT", "" + next);
        return shell.redirectErrorStream(true).start();
    }

    @Test
    void aCommandOfTheShellMakesAReplicaOfAnOldPrimary() throws Exception {
        try (LocalPostgres old = LocalPostgres.builder().start();
                LocalPostgres next = old.replica().start();
                DemoteCommand command = new DemoteCommand(List.of(old, next))) {
            next.replication().promote();
            assertThat(demote(command, old.port(), next.port()).waitFor()).isZero();
            assertThat(old.replication().standby()).isTrue();
            old.replication().awaitReplayOf(next);

            Process wrong = demote(command, 1, next.port());
            assertThat(new String(wrong.getInputStream().readAllBytes(), UTF_8))
                    .contains("no server on port 1");
            assertThat(wrong.waitFor()).isEqualTo(1);
        }
    }

    private static Path kept() throws IOException {
        // Whoever runs the servers must be able to enter it.
        return Files.createTempDirectory(
                Path.of("/tmp"),
                "weir-kept-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    private static void write(LocalPostgres server, int n) {
        server.execute("INSERT INTO notes VALUES (" + n + ")");
    }

    @Test
    void keptServersTakeUpTheirPartsAgainWhicheverWasThePrimary() throws IOException {
        Path folder = kept();
        List<Path> parts = List.of(folder.resolve("one"), folder.resolve("two"));
        try {
            assertThat(Replication.lastPrimary(parts)).isEmpty();
            try (LocalPostgres one = LocalPostgres.builder().data(parts.get(0)).start();
                    LocalPostgres two = one.replica().data(parts.get(1)).start()) {
                one.execute("CREATE TABLE notes (n int)");
                assertThat(Replication.lastPrimary(parts)).contains(parts.get(0));
                two.replication().awaitReplayOf(one);
                two.replication().promote();
                write(one, 1);
                write(two, 2);
                write(two, 3);
            }
            assertThat(Replication.lastPrimary(parts)).contains(parts.get(1));
            try (LocalPostgres two = LocalPostgres.builder().data(parts.get(1)).start();
                    LocalPostgres one = two.replica().data(parts.get(0)).start()) {
                one.replication().awaitReplayOf(two);
                assertThat(count(one)).as("what only the old primary had is gone").isEqualTo(2);
            }
            try (LocalPostgres two = LocalPostgres.builder().data(parts.get(1)).start()) {
                write(two, 4);
                Path mark = Files.createFile(parts.get(0).resolve("not-copied-anew"));
                try (LocalPostgres one = two.replica().data(parts.get(0)).start()) {
                    one.replication().awaitReplayOf(two);
                    assertThat(count(one)).isEqualTo(3);
                    assertThat(mark).exists();
                }
            }
        } finally {
            FileTree.delete(folder);
        }
    }
}

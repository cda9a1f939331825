package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What is left of a server whose owner ended without closing it, and who removes it. */
class LeftoversIT {
    private Path folder;

    @BeforeEach
    void makeFolder() throws Exception {
        folder = Files.createTempDirectory("weir-leftovers");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void deleteFolder() {
        FileTree.delete(folder);
    }

    @Test
    void theNextStartCleansUpAfterAnOwnerThatWasKilled() throws Exception {
        try (Owner owner = Owner.of(Owner.launch(List.of()))) {
            owner.kill9();
            try (LocalPostgres next = LocalPostgres.builder().start()) {
                assertThat(owner.server.alive()).isFalse();
                assertThat(Files.exists(owner.scratch)).isFalse();
                assertThat(next.running()).isTrue();
            }
        }
    }

    @Test
    void theNextStartCleansUpAfterAnOwnerThatWasKilledWhileItsServerWasPaused() throws Exception {
        try (Owner owner = Owner.of(Owner.launch(List.of()))) {
            owner.server.pause();
            owner.kill9();
            LocalPostgres.builder().start().close();
            assertThat(owner.server.alive()).isFalse();
            assertThat(Files.exists(owner.scratch)).isFalse();
        }
    }

    @Test
    void theNextStartRemovesTheSharedMemoryOfAServerThatWasKilledWithItsOwner() throws Exception {
        try (Owner owner = Owner.of(Owner.launch(List.of()))) {
            long creator = owner.server.pid();
            assertThat(sharedMemoryOf(creator)).isNotEmpty();
            owner.jvm.destroyForcibly().waitFor();
            owner.server.kill();
            assertThat(sharedMemoryOf(creator)).as("what kill -9 leaves").isNotEmpty();
            LocalPostgres.builder().start().close();
            assertThat(sharedMemoryOf(creator)).isEmpty();
            assertThat(Files.exists(owner.scratch)).isFalse();
        }
    }

    @Test
    void aKeptDataFolderIsTakenOverFromAnOwnerThatWasKilled() throws Exception {
        Path data = folder.resolve("data");
        try (Owner owner = Owner.of(Owner.launch(List.of(), data.toString()))) {
            assertThatThrownBy(() -> LocalPostgres.builder().data(data).start())
                    .isInstanceOf(LocalServerException.class)
                    .hasMessageContaining("in use by the server with process id")
                    .hasMessageContaining(Long.toString(owner.server.pid()));
            assertThat(owner.server.alive()).isTrue();
            owner.kill9();
            try (LocalPostgres next = LocalPostgres.builder().data(data).start()) {
                assertThat(owner.server.alive()).isFalse();
                assertThat(Files.exists(owner.scratch)).isFalse();
                next.execute("SELECT 1");
            }
            assertThat(Files.exists(data.resolve("PG_VERSION"))).isTrue();
        }
    }

    @Test
    void aKeptDataFolderIsTakenOverEvenIfTheKilledOwnerUsedAnotherTemporaryFolder()
            throws Exception {
        Path data = folder.resolve("data");
        List<String> elsewhere = List.of("-Djava.io.tmpdir=" + folder);
        try (Owner owner = Owner.of(Owner.launch(elsewhere, data.toString()))) {
            owner.kill9();
            try (LocalPostgres next = LocalPostgres.builder().data(data).start()) {
                assertThat(owner.server.alive()).isFalse();
                next.execute("SELECT 1");
            }
        }
    }

    @Test
    void nothingIsLeftWhenTheOwnerIsAskedToEnd() throws Exception {
        try (Owner owner = Owner.of(Owner.launch(List.of()))) {
            owner.jvm.destroy();
            assertThat(owner.jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(owner.server.alive()).isFalse();
            assertThat(Files.exists(owner.scratch)).isFalse();
        }
    }

    @Test
    void severalProcessesFillOneEmptyCacheTogether() throws Exception {
        List<String> cache = List.of("-D" + CacheFolder.PROPERTY + "=" + folder.resolve("cache"));
        Process first = Owner.launch(cache);
        Process second = Owner.launch(cache);
        try (Owner one = Owner.of(first);
                Owner two = Owner.of(second)) {
            assertThat(one.server.alive()).isTrue();
            assertThat(two.server.alive()).isTrue();
            try (var entries = Files.list(folder.resolve("cache"))) {
                assertThat(entries.map(it -> it.getFileName().toString()))
                        .hasSize(4)
                        .noneMatch(it -> it.endsWith(".unfinished"));
            }
        } finally {
            first.destroy();
            second.destroy();
        }
    }

    /** The lines of System V shared memory that a process created. */
    private static List<String> sharedMemoryOf(long creator) throws Exception {
        return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                .filter(line -> line.strip().split("\\s+", -1)[4].equals(Long.toString(creator)))
                .toList();
    }
}

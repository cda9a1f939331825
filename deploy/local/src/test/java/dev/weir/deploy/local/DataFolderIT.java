package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Which given folders are used, and which are refused untouched. */
class DataFolderIT {
    private Path folder;

    @BeforeEach
    void makeFolder() throws Exception {
        folder = Files.createTempDirectory("weir-data-folder");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void deleteFolder() {
        FileTree.delete(folder);
    }

    @Test
    void aFolderWithOtherFilesIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("thesis.txt"), "years of work");
        assertThatThrownBy(() -> LocalPostgres.builder().data(folder).start())
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("neither empty nor a PostgreSQL data folder");
        assertThat(file).hasContent("years of work");
    }

    @Test
    void aDataFolderThatSomebodyElseMadeIsRefused() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.writeString(data.resolve("PG_VERSION"), "18\n");
        Path hba = Files.writeString(data.resolve("pg_hba.conf"), "mine");
        ServerUser.forData(Optional.empty()).own(data);
        assertThatThrownBy(() -> LocalPostgres.builder().data(data).start())
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("was not made by Weir");
        assertThat(hba).hasContent("mine");
    }

    @Test
    void aDataFolderWhoseMakingWasInterruptedIsMadeAgain() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data/global")).getParent();
        Files.writeString(data.resolve("weir.incomplete"), "");
        Files.writeString(data.resolve("global/pg_control"), "half");
        try (LocalPostgres postgres = LocalPostgres.builder().data(data).start()) {
            postgres.execute("SELECT 1");
        }
        assertThat(data.resolve("weir.incomplete")).doesNotExist();
    }

    @Test
    void aFolderThatTheServersUserCannotReachIsRefused() throws Exception {
        assumeTrue(
                ServerUser.forData(Optional.empty()).stepsDown(),
                "only root runs servers as another user");
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        Path data = closed.resolve("deep").resolve("data");
        assertThatThrownBy(() -> LocalPostgres.builder().data(data).start())
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("cannot be reached by the ordinary user");
        assertThat(closed).isEmptyDirectory();
    }
}

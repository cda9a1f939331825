package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ToolsTest {
    @Test
    void theNewestOfDebiansVersionsComesFirst(@TempDir Path folder) throws IOException {
        for (String name : List.of("9", "15", "18", "common")) {
            Files.createDirectories(folder.resolve(name).resolve("bin"));
        }
        assertThat(Tools.debianPostgresFolders(folder))
                .containsExactly(
                        folder.resolve("18/bin"),
                        folder.resolve("15/bin"),
                        folder.resolve("9/bin"));
    }

    @Test
    void aFolderThatIsNotThereHoldsNothing(@TempDir Path folder) {
        assertThat(Tools.debianPostgresFolders(folder.resolve("absent"))).isEmpty();
        assertThat(Tools.find("pgbench", List.of(folder.resolve("absent")))).isNull();
    }

    @Test
    void onlyAnExecutableFileIsAProgram(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("pgbench"), "");
        assertThat(Tools.find("pgbench", List.of(folder))).isNull();
        assertThat(file.toFile().setExecutable(true)).isTrue();
        assertThat(Tools.find("pgbench", List.of(folder))).isEqualTo(file);
    }

    @Test
    void versionsAreComparedByNumberNotByText() {
        assertThat(Tools.atLeast("PgBouncer 1.18.0", 1, 21)).isFalse();
        assertThat(Tools.atLeast("PgBouncer 1.21.0", 1, 21)).isTrue();
        assertThat(Tools.atLeast("PgBouncer 2.0.0", 1, 21)).isTrue();
        assertThat(Tools.atLeast("PgBouncer 1.9.0", 1, 21)).isFalse();
        assertThat(Tools.atLeast("no version", 1, 21)).isFalse();
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The launcher with what this build has made. */
class LauncherIT {
    private static final Path ROOT = WorkingCopy.root();

    @TempDir private Path folder;

    @BeforeEach
    void needBash() throws Exception {
        assumeTrue(Shell.has("bash"), "skipped: bash is not installed");
    }

    @Test
    void theSidecarTakesTheLaunchersPlace() throws Exception {
        Path config = folder.resolve("weir.yaml");
        Files.writeString(
                config,
                """
                listen-port: 0
                http-port: 0
                auth-type: trust
                databases:
                  "*": { host: 127.0.0.1 }
                """);
        Process process = start("ulimit -S -n 256; exec ./weir run -c '" + config + "'");
        try {
            // Not closed before the end: the sidecar goes on to log.
            BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
            String first = log.readLine();
            assertThat(first).contains("listening on 127.0.0.1");

            Path proc = Path.of("/proc/" + process.pid());
            List<String> command =
                    List.of(Files.readString(proc.resolve("cmdline")).split("\0", -1));
            assertThat(command.getFirst()).as("the process that was started").endsWith("/bin/java");
            assertThat(command).contains("-Dthis.is=added", "dev.weir.app.WeirCommand");
            assertThat(openFiles(proc)).as("soft and hard limit").hasSize(2);
            assertThat(openFiles(proc).getFirst()).isEqualTo(openFiles(proc).getLast());

            // Process.destroy() would close the log as well.
            process.toHandle().destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(log.readAllAsString()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void theStatusOfTheProgramIsThatOfTheLauncher() throws Exception {
        Process version = start("exec ./weir --version");
        assertThat(version.inputReader().readLine()).startsWith("weir ");
        assertThat(version.waitFor()).isZero();
        assertThat(start("exec ./weir nonsense").waitFor()).isEqualTo(2);
    }

    private static Process start(String line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", line).directory(ROOT.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("WEIR_JAVA_OPTS", "-Dthis.is=added");
        // What is to be tested is built already, and Maven is at work just now.
        builder.environment().put("WEIR_BUILD", "off");
        return builder.start();
    }

    private static List<String> openFiles(Path proc) throws IOException {
        return Files.readAllLines(proc.resolve("limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .flatMap(line -> List.of(line.trim().split("\\s+", -1)).subList(3, 5).stream())
                .toList();
    }
}

package dev.weir.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A demo in a process of its own, with a temporary folder of its own. */
final class DemoProcess implements AutoCloseable {
    private static final String READY = "Weir is ready";
    private static final String JDBC = "jdbc:postgresql:";
    private static final String PSQL = "PGPASSWORD=";

    private final Process process;
    private final Path temporary;
    private final Path errors;
    private final List<String> lines = new ArrayList<>();
    private final List<ProcessHandle> servers = new ArrayList<>();

    private DemoProcess(Process process, Path temporary, Path errors) {
        this.process = process;
        this.temporary = temporary;
        this.errors = errors;
    }

    /**
     * Starts it.
     *
     * @param temporary an existing folder, for what it may write and must remove
     */
    static DemoProcess start(Path temporary, String... args) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                // Short runs are over before the better compiler has paid.
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Djava.io.tmpdir=" + temporary,
                                "-cp",
                                System.getProperty("java.class.path"),
                                DemoCommand.class.getName()));
        command.addAll(List.of(args));
        Path errors = Files.createTempFile("weir-demo-it", ".log");
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        return new DemoProcess(process, temporary, errors);
    }

    /** Reads what it prints until it is ready, or has ended. */
    DemoProcess awaitReady() throws IOException {
        // Not closed: the demo goes on to print.
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        while (line != null && !line.equals(READY)) {
            lines.add(line);
            line = output.readLine();
        }
        assertThat(line).as("%s%n%s", String.join("\n", lines), errors()).isEqualTo(READY);
        process.descendants().forEach(servers::add);
        assertThat(servers).as("PostgreSQL's processes").isNotEmpty();
        return this;
    }

    /** The JDBC URL that it has printed. */
    String url() {
        return printed(JDBC);
    }

    /** The address of the health page that it has printed. */
    String health() {
        return printed("http:");
    }

    /** The order for the console that it has printed. */
    String switchover() {
        return printed("SWITCHOVER TO");
    }

    /** The psql line that it has printed. */
    String psql() {
        return printed(PSQL);
    }

    private String printed(String begin) {
        return lines.stream()
                .filter(line -> line.contains(begin))
                .map(line -> line.substring(line.indexOf(begin)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(begin + " in " + lines));
    }

    /** Sends it a signal, such as TERM, and returns its exit status. */
    int end(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the demo ends").isTrue();
        return process.exitValue();
    }

    String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Asserts that none of its PostgreSQL processes is left, or will be in a moment. */
    void assertServersAreGone() {
        // Those of a killed demo end by themselves, a little after their postmaster has.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(servers).noneMatch(DemoProcess::runs));
    }

    /** Whether a process is more than an entry that its new parent has not collected. */
    private static boolean runs(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (NoSuchFileException e) {
            // Gone in between, or a system without /proc.
            return process.isAlive();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asserts that neither process nor file is left. */
    void assertNothingIsLeft() throws IOException {
        assertServersAreGone();
        try (Stream<Path> files = Files.list(temporary)) {
            assertThat(files).as("left in the temporary folder").isEmpty();
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Files.delete(errors);
    }
}

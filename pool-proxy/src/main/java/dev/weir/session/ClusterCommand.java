package dev.weir.session;

import dev.weir.failover.SwitchoverException;
import dev.weir.topology.Node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command of the operator's that does with a node what SQL cannot. It runs in the shell, with the
 * nodes in its environment, and counts as done if it exits with 0. For threads that may block.
 */
final class ClusterCommand {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Of what it has printed, in the error. */
    private static final int MOST_OUTPUT = 1000;

    private ClusterCommand() {}

    /**
     * Runs it to its end.
     *
     * @throws SwitchoverException with the end of what it printed, if it fails or takes too long
     */
    static void run(String command, Node old, Node next) throws SwitchoverException {
        ProcessBuilder builder = new ProcessBuilder(List.of("sh", "-c", command));
        builder.environment()
                .putAll(
                        Map.of(
                                "WEIR_OLD_HOST", old.host(),
                                "WEIR_OLD_PORT", String.valueOf(old.port()),
                                "WEIR_NEW_HOST", next.host(),
                                "WEIR_NEW_PORT", String.valueOf(next.port())));
        try {
            Path output = Files.createTempFile("weir-command", ".log");
            try {
                Process process =
                        builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
                process.getOutputStream().close();
                await(process, command, output);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new SwitchoverException(
                    "`%s` cannot be run: %s".formatted(command, e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SwitchoverException("It was interrupted.", e);
        }
    }

    private static void await(Process process, String command, Path output)
            throws SwitchoverException, InterruptedException, IOException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            throw new SwitchoverException(
                    "`%s` has not ended within %d minutes."
                            .formatted(command, PATIENCE.toMinutes()));
        }
        if (process.exitValue() != 0) {
            String printed = new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
            throw new SwitchoverException(
                    "`%s` exited with %d: %s"
                            .formatted(
                                    command,
                                    process.exitValue(),
                                    printed.substring(
                                            Math.max(0, printed.length() - MOST_OUTPUT))));
        }
    }
}

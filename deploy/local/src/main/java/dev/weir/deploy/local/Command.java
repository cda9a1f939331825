package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Programs that are run to their end. */
final class Command {
    private Command() {}

    /**
     * Runs a program to its end.
     *
     * @throws LocalServerException with all that it wrote, if it is missing or fails
     */
    static void run(List<String> command) {
        Result result = tryRun(command);
        if (result.status() != 0) {
            throw new LocalServerException(
                    "`"
                            + String.join(" ", command)
                            + "` ended with status "
                            + result.status()
                            + ":\n"
                            + result.output());
        }
    }

    /** Runs a program to its end; its failure is the caller's to judge. */
    static Result tryRun(List<String> command) {
        ProcessBuilder builder = builder(command).redirectErrorStream(true);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(waitFor(process), output.strip());
        } catch (IOException e) {
            throw missing(command, e);
        }
    }

    /**
     * A builder with an environment in which PostgreSQL takes nothing from its caller's settings.
     */
    static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        environment.put("LC_ALL", "C");
        environment.put("TZ", "UTC");
        return builder;
    }

    static LocalServerException missing(List<String> command, IOException e) {
        return new LocalServerException(
                "`"
                        + command.getFirst()
                        + "` cannot be run ("
                        + e.getMessage()
                        + "). It belongs to util-linux or coreutils of every Linux distribution: install it.",
                e);
    }

    private static int waitFor(Process process) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return process.waitFor();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * @param status the exit status
     * @param output standard output and standard error, mixed
     */
    record Result(int status, String output) {}
}

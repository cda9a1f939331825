package dev.weir.deploy.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a short command did.
 *
 * @param status its exit status
 * @param output what it wrote, errors among it
 */
record Shell(int status, String output) {
    /**
     * Runs it to its end.
     *
     * @param environment in place of the tests' own; empty for that
     */
    static Shell run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        if (!environment.isEmpty()) {
            builder.environment().clear();
            builder.environment().putAll(environment);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Shell(process.waitFor(), output);
    }

    /** Whether a program can be run at all. */
    static boolean has(String program) throws InterruptedException {
        try {
            return run(Path.of("."), Map.of(), List.of(program, "--version")).status == 0;
        } catch (IOException e) {
            return false;
        }
    }
}

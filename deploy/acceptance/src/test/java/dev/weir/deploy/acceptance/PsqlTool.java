package dev.weir.deploy.acceptance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A client program of PostgreSQL's that may be installed on this machine. */
final class PsqlTool {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final int LIMIT_SECONDS = 120;

    /**
     * How a run ended.
     *
     * @param status the exit status
     * @param output all that it wrote
     */
    record Result(int status, String output) {}

    private final Path program;
    private final Map<String, String> environment;

    private PsqlTool(Path program, Map<String, String> environment) {
        this.program = program;
        this.environment = environment;
    }

    /** The program of this name; without it the test is skipped and says why. */
    static PsqlTool require(String name) {
        Path found = candidates(name).filter(Files::isExecutable).findFirst().orElse(null);
        String advice =
                name
                        + " is not installed (apt-get install postgresql-client postgresql-contrib,"
                        + " or put the bin folder of any PostgreSQL from 14 on the PATH)";
        if (found == null) {
            System.out.println("skipped: " + advice);
        }
        assumeTrue(found != null, advice);
        return new PsqlTool(found, Map.of());
    }

    private static Stream<Path> candidates(String name) {
        List<Path> folders = new ArrayList<>();
        String path = System.getenv("PATH");
        for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
            folders.add(Path.of(folder));
        }
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> versions = Files.list(DEBIAN)) {
                versions.sorted(Comparator.reverseOrder())
                        .forEach(it -> folders.add(it.resolve("bin")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return folders.stream().map(folder -> folder.resolve(name));
    }

    /** The same program with more variables in its environment, such as PGOPTIONS. */
    PsqlTool with(Map<String, String> more) {
        Map<String, String> all = new java.util.HashMap<>(environment);
        all.putAll(more);
        return new PsqlTool(program, all);
    }

    /** As {@code user} on {@code database} at a port of 127.0.0.1. */
    PsqlTool to(int port, String database, String user) {
        return with(
                Map.of(
                        "PGHOST",
                        "127.0.0.1",
                        "PGPORT",
                        String.valueOf(port),
                        "PGDATABASE",
                        database,
                        "PGUSER",
                        user));
    }

    /** Starts it; {@link #end} waits for it. */
    Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(it -> it.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().putAll(environment);
        return builder.start();
    }

    Result run(String input, String... arguments) throws Exception {
        return end(start(List.of(arguments)), input, StandardCharsets.UTF_8);
    }

    /** Gives {@code input}, and returns when the program has ended; kills it when it does not. */
    static Result end(Process process, String input, Charset encoding) throws Exception {
        try {
            CompletableFuture<byte[]> output =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return process.getInputStream().readAllBytes();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            try (var out = process.getOutputStream()) {
                out.write(input.getBytes(encoding));
            }
            byte[] said = output.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("it does not end");
            }
            return new Result(process.exitValue(), new String(said, encoding));
        } finally {
            process.destroyForcibly();
        }
    }
}

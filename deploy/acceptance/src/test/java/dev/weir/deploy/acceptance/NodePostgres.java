package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * node-postgres, in the version that {@code package-lock.json} says, fetched once into the build's
 * folder. Where there is no node, or nothing to fetch it from, the test is skipped and says why.
 */
final class NodePostgres {
    private static final List<String> FILES =
            List.of("package.json", "package-lock.json", "connect.js");

    private final Path folder;

    private NodePostgres(Path folder) {
        this.folder = folder;
    }

    static NodePostgres require() throws IOException, InterruptedException {
        boolean node = Shell.has("node") && Shell.has("npm");
        demand(node, "node and npm are not installed (apt-get install nodejs npm)");
        Path folder = buildFolder().resolve("node-postgres");
        boolean fresh = unpack(folder);
        if (fresh || !Files.exists(folder.resolve("node_modules/.package-lock.json"))) {
            Shell fetched =
                    Shell.run(
                            folder,
                            Map.of(),
                            List.of(
                                    "npm",
                                    "ci",
                                    "--ignore-scripts",
                                    "--no-audit",
                                    "--no-fund",
                                    "--prefer-offline",
                                    "--fetch-retries=0",
                                    "--fetch-timeout=30000"));
            demand(
                    fetched.status() == 0,
                    "npm cannot fetch the package pg: " + fetched.output().strip());
        }
        return new NodePostgres(folder);
    }

    private static void demand(boolean there, String reason) {
        if (!there) {
            System.out.println("skipped: " + reason);
        }
        assumeTrue(there, reason);
    }

    /** The folder beside this class's own. */
    private static Path buildFolder() {
        try {
            return Path.of(
                            NodePostgres.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI())
                    .resolveSibling(".")
                    .normalize();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether anything has changed since the last time. */
    private static boolean unpack(Path folder) throws IOException {
        Files.createDirectories(folder);
        boolean changed = false;
        for (String name : FILES) {
            try (InputStream in = NodePostgres.class.getResourceAsStream("node/" + name)) {
                if (in == null) {
                    throw new UncheckedIOException(new IOException("no resource node/" + name));
                }
                String text = new String(in.readAllBytes(), UTF_8);
                Path file = folder.resolve(name);
                if (!Files.exists(file) || !Files.readString(file).equals(text)) {
                    Files.writeString(file, text);
                    changed = true;
                }
            }
        }
        return changed;
    }

    /** Connects to each; what came of it: {@code plain}, {@code encrypted}, or what went wrong. */
    List<String> connect(List<String> urls) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("node", "--no-warnings", "connect.js"));
        command.addAll(urls);
        Shell shell = Shell.run(folder, Map.of(), command);
        assertThat(shell.status()).as(shell.output()).isZero();
        List<String> lines = shell.output().lines().toList();
        assertThat(lines).hasSameSizeAs(urls);
        return lines;
    }
}

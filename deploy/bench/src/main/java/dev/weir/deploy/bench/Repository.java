package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.stream.Stream;

/** The working copy that this program was built in, if it still is in one. */
record Repository(Path root) {
    /** Looks upward from where this class was loaded from, then from the current folder. */
    static @Nullable Repository find() {
        return Stream.of(home(), Path.of("").toAbsolutePath())
                .flatMap(start -> Stream.iterate(start, p -> p != null, Path::getParent))
                .filter(folder -> Files.isRegularFile(folder.resolve("deploy/bench/pom.xml")))
                .findFirst()
                .map(Repository::new)
                .orElse(null);
    }

    private static Path home() {
        CodeSource source = Repository.class.getProtectionDomain().getCodeSource();
        if (source != null) {
            try {
                return Path.of(source.getLocation().toURI());
            } catch (URISyntaxException e) {
                // Then the current folder has to do.
            }
        }
        return Path.of("").toAbsolutePath();
    }

    /** The command that starts Weir as its users do. */
    Path launcher() {
        return root.resolve("weir");
    }

    /** Where pages about runs are kept. */
    Path results() {
        return root.resolve("deploy").resolve("bench").resolve("results");
    }

    /** The commit, marked if files differ from it; "unknown" outside of Git. */
    String revision() {
        try {
            String commit =
                    Tools.firstLine(List.of("git", "rev-parse", "--short=10", "HEAD"), root);
            String changed =
                    Tools.firstLine(
                            List.of("git", "status", "--porcelain", "--untracked-files=no"), root);
            return changed.isEmpty() ? commit : commit + " with local changes";
        } catch (BenchFailure e) {
            return "unknown";
        }
    }
}

package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** PgBouncer refuses to run as root, so that root's bench runs it as {@code nobody}. */
final class OrdinaryUser {
    private static final String NAME = "nobody";

    private OrdinaryUser() {}

    static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    /** What to put before a command; it becomes that command without a process in between. */
    static List<String> prefix() throws BenchFailure {
        String group = Tools.firstLine(List.of("id", "-g", NAME), null);
        return List.of("setpriv", "--reuid=" + NAME, "--regid=" + group, "--clear-groups", "--");
    }

    /** Makes it the owner of files. */
    static void give(Path... files) throws IOException {
        for (Path file : files) {
            Files.setOwner(
                    file,
                    file.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName(NAME));
        }
    }
}

package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The operating system's user that servers run as. PostgreSQL refuses to run as root (manual 18.1),
 * so root steps down to an ordinary user that exists already.
 *
 * @param uid numeric user, never 0
 * @param gid numeric group
 * @param stepsDown whether this JVM is root and must become that user first
 */
record ServerUser(int uid, int gid, boolean stepsDown) {
    private static final List<String> CANDIDATES = List.of("postgres", "nobody");

    /**
     * @param data an existing data folder, which only its owner can run
     * @throws LocalServerException if this JVM is root and no ordinary user is left to become
     */
    static ServerUser forData(Optional<Path> data) {
        int self = uidOf(Path.of("/proc/self"));
        if (self != 0) {
            return new ServerUser(self, gidOf(Path.of("/proc/self")), false);
        }
        if (data.isPresent()) {
            int owner = uidOf(data.get());
            if (owner == 0) {
                throw new LocalServerException(
                        "The data folder "
                                + data.get()
                                + " belongs to root, and PostgreSQL refuses to run as root. Give it to an ordinary"
                                + " user: chown -R postgres "
                                + data.get());
            }
            return new ServerUser(owner, gidOf(data.get()), true);
        }
        for (String candidate : CANDIDATES) {
            Optional<ServerUser> user = named(candidate);
            if (user.isPresent()) {
                return user.get();
            }
        }
        throw new LocalServerException(
                "PostgreSQL refuses to run as root, and there is no user "
                        + String.join(" or ", CANDIDATES)
                        + " to run it as. Run as an ordinary user, or add one: useradd --system postgres");
    }

    private static Optional<ServerUser> named(String name) {
        try {
            for (String line :
                    Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1)) {
                String[] fields = line.split(":", -1);
                if (fields.length >= 4 && fields[0].equals(name) && !fields[2].equals("0")) {
                    return Optional.of(
                            new ServerUser(
                                    Integer.parseInt(fields[2]),
                                    Integer.parseInt(fields[3]),
                                    true));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new LocalServerException("/etc/passwd cannot be read: " + e.getMessage(), e);
        }
    }

    /** The command as it must be run for the program to run as this user, in the same process. */
    List<String> command(List<String> command) {
        if (!stepsDown) {
            return command;
        }
        List<String> full =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--reuid=" + uid,
                                "--regid=" + gid,
                                "--clear-groups",
                                "--inh-caps=-all"));
        full.addAll(command);
        return full;
    }

    /** Gives a file or folder to this user. */
    void own(Path path) throws IOException {
        if (stepsDown) {
            Files.setAttribute(path, "unix:gid", gid);
            Files.setAttribute(path, "unix:uid", uid);
        }
    }

    static int uidOf(Path path) {
        return attribute(path, "unix:uid");
    }

    private static int gidOf(Path path) {
        return attribute(path, "unix:gid");
    }

    private static int attribute(Path path, String name) {
        try {
            return (Integer) Files.getAttribute(path, name);
        } catch (IOException e) {
            throw new LocalServerException("The owner of " + path + " cannot be read: " + e, e);
        }
    }
}

package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files one process may open. The JVM has raised its own limit to the hard one. */
final class Descriptors {
    private static final int OTHERS = 500;
    private static final int COMMON_LIMIT = 1024;

    private Descriptors() {}

    /** How many sockets fit beside what a process needs for itself. */
    static int usable() {
        try {
            return Math.max(
                    1,
                    hardLimitOf(
                                    Files.readString(
                                            Path.of("/proc/self/limits"),
                                            StandardCharsets.US_ASCII))
                            - OTHERS);
        } catch (IOException e) {
            return COMMON_LIMIT - OTHERS;
        }
    }

    static int hardLimitOf(String limits) throws IOException {
        for (String line : limits.split("\n", -1)) {
            if (line.startsWith("Max open files")) {
                String[] words = line.trim().split("\\s+", -1);
                String hard = words[4];
                return hard.equals("unlimited")
                        ? Integer.MAX_VALUE
                        : (int) Math.min(Integer.MAX_VALUE, Long.parseLong(hard));
            }
        }
        throw new IOException("no limit of open files");
    }
}

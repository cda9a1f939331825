package dev.weir.deploy.acceptance;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The TCP sockets of this process as Linux has them, whatever library opened them. */
@SuppressWarnings("restricted") // it is all about native code
final class KernelSockets {
    private static final Path PROCESS = Path.of("/proc/self");

    /** The state of a line in the kernel's table. */
    private static final String ESTABLISHED = "01";

    private static final MethodHandle GETSOCKOPT = getsockopt();

    /** An option, by the numbers that Linux has for it. */
    enum Option {
        KEEPALIVE(1, 9),
        NODELAY(6, 1),
        KEEPIDLE(6, 4),
        KEEPINTVL(6, 5),
        KEEPCNT(6, 6),
        USER_TIMEOUT(6, 18);

        private final int level;
        private final int name;

        Option(int level, int name) {
            this.level = level;
            this.name = name;
        }
    }

    /** A connected socket with its ports. */
    record Socket(int descriptor, int localPort, int remotePort) {
        int read(Option option) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment value = arena.allocate(JAVA_INT);
                MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
                int failed =
                        (int)
                                GETSOCKOPT.invokeExact(
                                        descriptor, option.level, option.name, value, length);
                if (failed != 0) {
                    throw new AssertionError("getsockopt of " + option + " for " + this);
                }
                return value.get(JAVA_INT, 0);
            } catch (Throwable e) {
                throw new AssertionError(option.name(), e);
            }
        }
    }

    private KernelSockets() {}

    private static MethodHandle getsockopt() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("getsockopt"),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    }

    /** Those that are connected and chosen. */
    static List<Socket> connected(Predicate<Socket> chosen) throws IOException {
        List<String> table = new ArrayList<>();
        for (String family : List.of("net/tcp", "net/tcp6")) {
            Path file = PROCESS.resolve(family);
            if (Files.exists(file)) {
                table.addAll(Files.readAllLines(file));
            }
        }
        List<Socket> sockets = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(PROCESS.resolve("fd"))) {
            for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
                String inode = inode(descriptor);
                for (String line : table) {
                    String[] columns = line.strip().split("\\s+");
                    if (columns[3].equals(ESTABLISHED) && columns[9].equals(inode)) {
                        sockets.add(
                                new Socket(
                                        Integer.parseInt(descriptor.getFileName().toString()),
                                        port(columns[1]),
                                        port(columns[2])));
                    }
                }
            }
        }
        return sockets.stream().filter(chosen).toList();
    }

    private static @Nullable String inode(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("socket:[")
                    ? target.substring("socket:[".length(), target.length() - 1)
                    : null;
        } catch (IOException e) {
            return null; // closed since it was listed
        }
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
}

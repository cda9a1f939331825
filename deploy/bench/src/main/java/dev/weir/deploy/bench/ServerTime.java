package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The processor time of PostgreSQL servers with all their processes: those that live, those that
 * come while it is watched, and those that have ended, whose time the kernel has added to their
 * postmaster's when it took notice of their end.
 */
final class ServerTime implements CpuTrace.Source {
    /** A process that ends while it is looked at takes another look; they do not end so often. */
    private static final int LOOKS = 10;

    private final List<Long> postmasters;

    /**
     * Of servers that outlive the last question.
     *
     * @param postmasters the ids of their first processes
     */
    ServerTime(List<Long> postmasters) {
        this.postmasters = List.copyOf(postmasters);
    }

    @Override
    public long cpuMicros() throws IOException {
        long sum = 0;
        for (long postmaster : postmasters) {
            sum += micros(postmaster);
        }
        return sum;
    }

    private static long micros(long postmaster) throws IOException {
        for (int look = 1; ; look++) {
            try {
                long ended = ProcessStat.endedChildrenMicros(postmaster);
                long sum = ProcessClock.micros(postmaster) + ended;
                for (long child : children(postmaster)) {
                    sum += ProcessClock.micros(child);
                }
                // Else one has ended meanwhile, and may count twice, or not at all.
                if (ended == ProcessStat.endedChildrenMicros(postmaster) || look == LOOKS) {
                    return sum;
                }
            } catch (IOException e) {
                if (look == LOOKS) {
                    throw e;
                }
            }
        }
    }

    private static List<Long> children(long pid) throws IOException {
        String pids = Files.readString(Path.of("/proc/" + pid + "/task/" + pid + "/children"));
        return pids.isBlank()
                ? List.of()
                : Stream.of(pids.strip().split(" ")).map(Long::valueOf).toList();
    }
}

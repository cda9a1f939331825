package dev.weir.deploy.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * The processor time and memory of a proxy: of its process and of those it has started, so that a
 * proxy behind a shell script is measured and not the script.
 */
final class Footprint implements CpuTrace.Source {
    private static final double KIB_PER_MIB = 1024;

    private final List<Long> pids;

    private Footprint(List<Long> pids) {
        this.pids = pids;
    }

    /** Looks once for the children: call it when the proxy is up. */
    static Footprint of(ProcessHandle process) {
        return new Footprint(
                Stream.concat(Stream.of(process), process.descendants())
                        .map(ProcessHandle::pid)
                        .toList());
    }

    @Override
    public long cpuMicros() throws IOException {
        long sum = 0;
        for (long pid : pids) {
            sum += ProcessClock.micros(pid);
        }
        return sum;
    }

    /** Resident memory now. */
    double mebibytes() throws IOException {
        return sum("VmRSS") / KIB_PER_MIB;
    }

    /** The most resident memory since {@link #resetPeak}. */
    double peakMebibytes() throws IOException {
        return sum("VmHWM") / KIB_PER_MIB;
    }

    void resetPeak() throws IOException {
        for (long pid : pids) {
            ProcessStat.resetPeak(pid);
        }
    }

    long threads() throws IOException {
        return sum("Threads");
    }

    private long sum(String field) throws IOException {
        long sum = 0;
        for (long pid : pids) {
            sum += ProcessStat.status(pid, field);
        }
        return sum;
    }
}

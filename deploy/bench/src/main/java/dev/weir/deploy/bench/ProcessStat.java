package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Linux tells of one process, proc(5).
 *
 * <p>{@code utime + stime} of {@code /proc/PID/stat} is the whole process: every thread that lives
 * (compiler and garbage collector too) and every thread that has ended. The kernel scales the two
 * so that their sum is the scheduler's exact run time, cut to ticks.
 */
final class ProcessStat {
    /** USER_HZ: what a tick in /proc is on every architecture that the JDK runs on. */
    private static final long MICROS_PER_TICK = 10_000;

    private ProcessStat() {}

    /**
     * Processor time so far, in microseconds, in steps of 10,000: what anybody can check {@link
     * ProcessClock} by.
     */
    static long cpuMicros(long pid) throws IOException {
        return cpuMicrosOf(stat(pid));
    }

    /** The same of the children that have ended, and that the process has taken notice of. */
    static long endedChildrenMicros(long pid) throws IOException {
        // Fields 16 and 17.
        return ticks(stat(pid), 13) * MICROS_PER_TICK;
    }

    static long cpuMicrosOf(String stat) throws IOException {
        // Fields 14 and 15.
        return ticks(stat, 11) * MICROS_PER_TICK;
    }

    private static String stat(long pid) throws IOException {
        return Files.readString(
                Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
    }

    /** The sum of two fields of the line that follow each other, counted from field 3. */
    private static long ticks(String stat, int first) throws IOException {
        // The second field is the program's name in brackets, and may hold blanks and brackets.
        int afterName = stat.lastIndexOf(')');
        String[] fields = stat.substring(afterName + 1).trim().split(" ", -1);
        if (afterName < 0 || fields.length <= first + 1) {
            throw new IOException("not a line of /proc/PID/stat: " + stat);
        }
        return Long.parseLong(fields[first]) + Long.parseLong(fields[first + 1]);
    }

    /**
     * A field of {@code /proc/PID/status}.
     *
     * @param field {@code VmRSS}, {@code VmHWM} (KiB) or {@code Threads}
     */
    static long status(long pid, String field) throws IOException {
        return statusOf(
                Files.readString(
                        Path.of("/proc", Long.toString(pid), "status"),
                        StandardCharsets.ISO_8859_1),
                field);
    }

    static long statusOf(String status, String field) throws IOException {
        for (String line : status.split("\n", -1)) {
            if (line.startsWith(field + ":")) {
                String[] words = line.substring(field.length() + 1).trim().split("\\s+", -1);
                return Long.parseLong(words[0]);
            }
        }
        throw new IOException("no field " + field);
    }

    /** Lets {@code VmHWM}, the peak of resident memory, begin anew at the present size. */
    static void resetPeak(long pid) throws IOException {
        Files.writeString(Path.of("/proc", Long.toString(pid), "clear_refs"), "5");
    }
}

package dev.weir.deploy.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The processor time of another process to the nanosecond, clock_getcpuclockid(3): the sum over all
 * its threads, also those that have ended, which {@code /proc/PID/stat} shows in ticks of 10 ms. A
 * connect storm costs a proxy only a few ticks per round.
 */
final class ProcessClock {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int CPUCLOCK_SCHED = 2;

    private static final MethodHandle CLOCK_GETTIME =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS));

    private ProcessClock() {}

    /**
     * Processor time so far in microseconds.
     *
     * @throws IOException if there is no such process
     */
    static long micros(long pid) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2);
            // As glibc's clock_getcpuclockid makes it from a process's id.
            int clock = (~(int) pid << 3) | CPUCLOCK_SCHED;
            if ((int) CLOCK_GETTIME.invokeExact(clock, time) != 0) {
                throw new IOException("no processor clock of process " + pid);
            }
            long nanos =
                    time.getAtIndex(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND
                            + time.getAtIndex(ValueLayout.JAVA_LONG, 1);
            return nanos / 1000;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("clock_gettime throws nothing", e);
        }
    }
}

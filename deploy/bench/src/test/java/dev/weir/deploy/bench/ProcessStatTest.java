package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;

class ProcessStatTest {
    @Test
    void processorTimeIsUserAndSystemTicksTogether() throws IOException {
        String stat =
                "4242 (pgbouncer) S 1 4242 4242 0 -1 4194624 900 0 1 0 150 375 7 9 20 0 1 0 88 0 0";
        assertThat(ProcessStat.cpuMicrosOf(stat)).isEqualTo((150 + 375) * 10_000L);
    }

    @Test
    void aNameWithBlanksAndBracketsShiftsNothing() throws IOException {
        String stat = "1 (a) b (c)) R 1 1 1 0 -1 0 0 0 0 0 3 4 0 0 20 0 1 0 88 0 0";
        assertThat(ProcessStat.cpuMicrosOf(stat)).isEqualTo(70_000);
    }

    @Test
    void anythingElseIsRefused() {
        assertThatThrownBy(() -> ProcessStat.cpuMicrosOf("no stat at all"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void fieldsOfStatusAreFoundByTheirWholeName() throws IOException {
        String status = "Name:\tjava\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\nThreads:\t17\n";
        assertThat(ProcessStat.statusOf(status, "VmRSS")).isEqualTo(200);
        assertThat(ProcessStat.statusOf(status, "VmHWM")).isEqualTo(300);
        assertThat(ProcessStat.statusOf(status, "Threads")).isEqualTo(17);
        assertThatThrownBy(() -> ProcessStat.statusOf(status, "Vm"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void thisProcessHasMemoryAndItsProcessorTimeOnlyGrows() throws IOException {
        long pid = ProcessHandle.current().pid();
        long before = ProcessStat.cpuMicros(pid);
        long sum = 0;
        while (ProcessStat.cpuMicros(pid) == before) {
            sum += System.nanoTime() % 3;
        }
        assertThat(ProcessStat.cpuMicros(pid)).isGreaterThan(before);
        assertThat(ProcessStat.status(pid, "VmRSS")).isPositive();
        assertThat(sum).isNotNegative();
    }

    @Test
    void theProcessClockIsTheSameTimeAsTheTicksButFiner() throws IOException {
        long pid = ProcessHandle.current().pid();
        long tick = 10_000;
        long ticksBefore = ProcessStat.cpuMicros(pid);
        long clock = ProcessClock.micros(pid);
        long ticksAfter = ProcessStat.cpuMicros(pid);
        assertThat(clock).isBetween(ticksBefore - tick, ticksAfter + 2 * tick);
    }

    @Test
    void aProcessThatIsNotThereHasNoClock() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        assertThatThrownBy(() -> ProcessClock.micros(process.pid()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void theHardLimitOfOpenFilesIsTheSecondNumber() throws IOException {
        String limits =
                "Limit                     Soft Limit           Hard Limit           Units     \n"
                        + "Max open files            1024                 20000                files"
                        + "     \n";
        assertThat(Descriptors.hardLimitOf(limits)).isEqualTo(20_000);
        assertThat(Descriptors.hardLimitOf(limits.replace("20000", "unlimited")))
                .isEqualTo(Integer.MAX_VALUE);
    }
}

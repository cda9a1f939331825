package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class ServerTimeTest {
    /** As a postmaster: one child works and ends, the next only waits. */
    private static final String PARENT =
            "(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done); echo worked; (sleep 100)";

    @Test
    void theTimeOfAChildThatHasEndedStays() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", PARENT).start();
        try {
            ServerTime time = new ServerTime(List.of(parent.pid()));
            long most = 0;
            // While the child lives, ends, and has ended.
            while (parent.getInputStream().available() == 0) {
                long micros = time.cpuMicros();
                // The kernel tells the time of the ended in whole ticks.
                assertThat(micros).isGreaterThanOrEqualTo(most - 20_000);
                most = Math.max(most, micros);
            }
            assertThat(most).isGreaterThan(20_000);
            assertThat(time.cpuMicros()).isGreaterThanOrEqualTo(most - 20_000);
        } finally {
            parent.descendants().forEach(ProcessHandle::destroyForcibly);
            parent.destroyForcibly().waitFor();
        }
    }
}

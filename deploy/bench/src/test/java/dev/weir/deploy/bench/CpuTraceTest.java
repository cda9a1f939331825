package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.deploy.bench.CpuTrace.Point;

import org.junit.jupiter.api.Test;

import java.util.List;

class CpuTraceTest {
    private static final List<Point> POINTS =
            List.of(new Point(1000, 50), new Point(2000, 250), new Point(4000, 1250));

    @Test
    void theTimeSpentInAWindowIsTheDifferenceOfItsEnds() throws RoundFailure {
        assertThat(CpuTrace.spent(POINTS, 1000, 4000)).isEqualTo(1200);
    }

    @Test
    void betweenTwoPointsTimeIsSpreadEvenly() throws RoundFailure {
        assertThat(CpuTrace.spent(POINTS, 1500, 3000)).isEqualTo(750 - 150);
    }

    @Test
    void aWindowThatWasNotWatchedHasNoNumber() {
        assertThatThrownBy(() -> CpuTrace.spent(POINTS, 999, 2000))
                .isInstanceOf(RoundFailure.class);
        assertThatThrownBy(() -> CpuTrace.spent(POINTS, 1000, 4001))
                .isInstanceOf(RoundFailure.class);
        assertThatThrownBy(() -> CpuTrace.spent(List.of(), 1, 2)).isInstanceOf(RoundFailure.class);
    }

    @Test
    void aTraceSpansTheTimeBetweenItsStartAndItsEnd() throws Exception {
        Footprint self = Footprint.of(ProcessHandle.current());
        long begin = CpuTrace.wallMicros();
        CpuTrace trace = new CpuTrace(self);
        Thread.sleep(30);
        trace.close();
        List<Point> points = trace.points();
        assertThat(points.size()).isGreaterThan(1);
        assertThat(points.getFirst().wallMicros()).isGreaterThanOrEqualTo(begin);
        assertThat(points.getLast().cpuMicros())
                .isGreaterThanOrEqualTo(points.getFirst().cpuMicros());
    }
}

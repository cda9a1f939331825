package dev.weir.deploy.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Notes a proxy's processor time many times a second beside the wall clock, so that afterwards the
 * transactions of a window and the processor time of the very same window can be divided: logins,
 * ramp-up and the end of a round are in neither.
 *
 * <p>One thread of its own appends; others read only after {@link #close} has joined it.
 */
final class CpuTrace implements AutoCloseable {
    /** Fine enough for a window of seconds, and a thousandth of a core at most. */
    private static final Duration STEP = Duration.ofMillis(10);

    /**
     * @param wallMicros microseconds since 1970
     * @param cpuMicros processor time of the process so far
     */
    record Point(long wallMicros, long cpuMicros) {}

    /** A clock of processor time. */
    @FunctionalInterface
    interface Source {
        /**
         * Processor time so far in microseconds.
         *
         * @throws IOException if it is gone
         */
        long cpuMicros() throws IOException;
    }

    private final List<Point> points = new ArrayList<>();
    private final Thread thread;
    private volatile boolean stop;

    /** Starts at once. */
    CpuTrace(Source source) {
        thread = Thread.ofPlatform().daemon().name("cpu-trace").start(() -> run(source));
    }

    private void run(Source source) {
        try {
            while (!stop) {
                points.add(new Point(wallMicros(), source.cpuMicros()));
                Thread.sleep(STEP);
            }
            // The end of the round lies between two steps.
            points.add(new Point(wallMicros(), source.cpuMicros()));
        } catch (IOException e) {
            // The proxy is gone: the round fails for its own reason, and the trace ends here.
            stop = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the trace; idempotent. */
    @Override
    public void close() throws InterruptedException {
        stop = true;
        thread.join();
    }

    /** What was noted. Only after {@link #close}. */
    List<Point> points() {
        return points;
    }

    /** The processor time from the first point to the last. Only after {@link #close}. */
    long spent() {
        return points.isEmpty() ? 0 : points.getLast().cpuMicros() - points.getFirst().cpuMicros();
    }

    static long wallMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    /**
     * The processor time spent between two moments, each read from the last point that is not after
     * it.
     *
     * @throws RoundFailure if the trace does not span the window
     */
    static long spent(List<Point> points, long fromMicros, long toMicros) throws RoundFailure {
        return at(points, toMicros) - at(points, fromMicros);
    }

    private static long at(List<Point> points, long wallMicros) throws RoundFailure {
        if (points.isEmpty()
                || points.getFirst().wallMicros() > wallMicros
                || points.getLast().wallMicros() < wallMicros) {
            throw new RoundFailure("the processor time was not traced over the whole round");
        }
        Point last = points.getFirst();
        for (Point point : points) {
            if (point.wallMicros() > wallMicros) {
                // Between two points the time is spread evenly.
                double share =
                        (double) (wallMicros - last.wallMicros())
                                / (point.wallMicros() - last.wallMicros());
                return Math.round(
                        last.cpuMicros() + share * (point.cpuMicros() - last.cpuMicros()));
            }
            last = point;
        }
        return last.cpuMicros();
    }
}

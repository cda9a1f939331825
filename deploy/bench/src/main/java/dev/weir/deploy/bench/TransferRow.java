package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * One big transfer through every contender: how fast, at which processor time, and how much memory
 * a proxy takes for it.
 *
 * @param name of the row
 * @param kind what moves which way
 * @param megabytes how much, in units of 1,000,000 bytes
 */
record TransferRow(String name, Kind kind, int megabytes) implements Row {
    private static final int MEGABYTE = 1_000_000;
    private static final int LINE = 1000;
    private static final int LINES_PER_CHUNK = 64;
    private static final int HUGE_VALUES = 4;
    private static final int MOST_ROUNDS = 5;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String TABLE = "weir_bench_load";

    /** What moves. */
    enum Kind {
        ROWS("one SELECT of rows of 1 kB"),
        COPY_OUT("COPY TO STDOUT of rows of 1 kB"),
        HUGE_VALUES("one SELECT of " + TransferRow.HUGE_VALUES + " huge values"),
        COPY_IN("COPY FROM STDIN of rows of 1 kB into an unlogged table");

        private final String about;

        Kind(String about) {
            this.about = about;
        }
    }

    @Override
    public String about() {
        return kind.about + ", " + megabytes + " MB, one client";
    }

    @Override
    public Set<Contender> contenders() {
        return EnumSet.allOf(Contender.class);
    }

    @Override
    public Login login() {
        return Login.TRUST;
    }

    @Override
    public int rounds(int asked) {
        return Math.min(asked, MOST_ROUNDS);
    }

    @Override
    public Duration expected(Arena arena) {
        return Duration.ofMillis(3L * size(arena) / MEGABYTE);
    }

    @Override
    public String habit() {
        return name;
    }

    @Override
    public void warmUp(Way way, Arena arena, Duration duration)
            throws RoundFailure, InterruptedException {
        long end = System.nanoTime() + duration.toNanos();
        do {
            measure(way, arena);
        } while (System.nanoTime() < end);
    }

    @Override
    public Sample measure(Way way, Arena arena) throws RoundFailure {
        try {
            if (kind == Kind.COPY_IN) {
                emptyTable(arena.postgres());
            }
            return measured(way, size(arena));
        } catch (IOException e) {
            throw new RoundFailure(name + ": " + e.getMessage(), e);
        }
    }

    private Sample measured(Way way, long bytes) throws IOException {
        try (WireClient client = WireClient.connect(way.endpoint(), LIMIT)) {
            client.query("SELECT 1");
            Footprint footprint = way.footprint();
            if (footprint == null) {
                long nanos = transfer(client, bytes);
                return Sample.with(Metric.THROUGHPUT, bytes * 1000.0 / nanos).sample();
            }
            double before = footprint.mebibytes();
            footprint.resetPeak();
            long cpu = footprint.cpuMicros();
            long nanos = transfer(client, bytes);
            double cpuMillis = (footprint.cpuMicros() - cpu) / 1000.0;
            double peak = footprint.peakMebibytes();
            return Sample.with(Metric.THROUGHPUT, bytes * 1000.0 / nanos)
                    .and(Metric.CPU_PER_GIGABYTE, cpuMillis * 1e9 / bytes)
                    .and(Metric.MEMORY_BEFORE, before)
                    .and(Metric.MEMORY_PEAK, peak)
                    .and(Metric.MEMORY_GROWTH, Math.max(0, peak - before))
                    .sample();
        }
    }

    /** Returns nanoseconds; a transfer that was not whole is an error, not a fast one. */
    private long transfer(WireClient client, long bytes) throws IOException {
        byte[] chunk = chunk();
        long start = System.nanoTime();
        if (kind == Kind.COPY_IN) {
            int times = (int) (bytes / chunk.length);
            String tag = client.copyIn("COPY " + TABLE + " FROM STDIN", chunk, times);
            long nanos = System.nanoTime() - start;
            if (!tag.equals("COPY " + (long) times * LINES_PER_CHUNK)) {
                throw new IOException("the server took another number of rows: " + tag);
            }
            return nanos;
        }
        long received = client.query(sql(bytes));
        long nanos = System.nanoTime() - start;
        if (received < bytes) {
            throw new IOException("only " + received + " of " + bytes + " bytes arrived");
        }
        return nanos;
    }

    private String sql(long bytes) {
        String rows =
                "SELECT repeat('x', " + LINE + ") FROM generate_series(1, " + bytes / LINE + ")";
        return switch (kind) {
            case ROWS -> rows;
            case COPY_OUT -> "COPY (" + rows + ") TO STDOUT";
            case HUGE_VALUES ->
                    "SELECT repeat('x', "
                            + bytes / HUGE_VALUES
                            + ") FROM generate_series(1, "
                            + HUGE_VALUES
                            + ")";
            case COPY_IN -> throw new IllegalStateException("nothing to select");
        };
    }

    private static byte[] chunk() {
        String line = "x".repeat(LINE - 1) + "\n";
        return line.repeat(LINES_PER_CHUNK).getBytes(StandardCharsets.US_ASCII);
    }

    private long size(Arena arena) {
        return (long) megabytes * MEGABYTE / arena.shrink();
    }

    private static void emptyTable(Endpoint postgres) throws IOException {
        try (WireClient client = WireClient.connect(postgres, LIMIT)) {
            client.query("CREATE UNLOGGED TABLE IF NOT EXISTS " + TABLE + " (line text)");
            client.query("TRUNCATE " + TABLE);
        }
    }
}

package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One run of pgbench, and what its counted window says.
 *
 * @param pgbench the program
 * @param scratch a folder for logs and output
 * @param endpoint where the clients go
 * @param load what they do
 * @param encrypted whether they speak TLS
 * @param duration what may count, from the first transaction on
 * @param login how long the logins of all clients will take: pgbench's clock runs during them
 */
record PgbenchRun(
        Path pgbench,
        Path scratch,
        Endpoint endpoint,
        Load load,
        boolean encrypted,
        Duration duration,
        LoginTime login) {
    /** Cut off at the start: the first transactions of all clients come at once. */
    private static final long RAMP_MICROS = 250_000;

    private static final int ATTEMPTS = 4;
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final Pattern FAILED =
            Pattern.compile("(?m)^number of failed transactions: (\\d+)");
    private static final Pattern ERROR =
            Pattern.compile("(?m)^(?:pgbench: )?(?:error|fatal): .*|.*(?:ERROR|FATAL): .*");

    /**
     * What pgbench's clients do.
     *
     * @param selectOnly one primary-key SELECT per transaction, else the TPC-B-like script
     * @param mode simple, extended or prepared
     * @param clients how many at once
     * @param reconnect a login before each transaction
     */
    record Load(boolean selectOnly, String mode, int clients, boolean reconnect) {
        Load in(String otherMode) {
            return new Load(selectOnly, otherMode, clients, reconnect);
        }

        Load with(int otherClients) {
            return new Load(selectOnly, mode, otherClients, reconnect);
        }
    }

    /**
     * Runs it.
     *
     * @param footprint of the proxy whose processor time counts, or null
     * @throws RoundFailure if pgbench or one of its clients failed, or it did not end in time
     */
    Sample measure(@Nullable Footprint footprint) throws RoundFailure, InterruptedException {
        return measure(footprint, Map.of());
    }

    /**
     * The same, with the processor time of others for each transaction, and pgbench's own: it does
     * the same whomever it asks, so that it tells how the machine fared.
     *
     * @param others by the metric that it is shown as
     */
    Sample measure(@Nullable Footprint footprint, Map<Metric, CpuTrace.Source> others)
            throws RoundFailure, InterruptedException {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Path folder = Files.createTempDirectory(scratch, "pgbench-");
                try {
                    Sample sample = measureIn(folder, footprint, others);
                    if (sample != null) {
                        return sample;
                    }
                    login.tooShort();
                } finally {
                    Cleanup.delete(folder);
                }
            }
            throw new RoundFailure("pgbench completed no transaction in the counted window");
        } catch (IOException e) {
            throw new RoundFailure("pgbench's logs cannot be read: " + e.getMessage(), e);
        }
    }

    /** Null if the logins left no time to count. */
    private @Nullable Sample measureIn(
            Path folder, @Nullable Footprint footprint, Map<Metric, CpuTrace.Source> others)
            throws RoundFailure, IOException, InterruptedException {
        Map<Metric, CpuTrace> traces = new EnumMap<>(Metric.class);
        others.forEach((metric, source) -> traces.put(metric, new CpuTrace(source)));
        if (footprint != null) {
            traces.put(Metric.CPU_PER_TRANSACTION, new CpuTrace(footprint));
        }
        CpuTrace own;
        try {
            own = run(folder, !others.isEmpty());
        } finally {
            for (CpuTrace trace : traces.values()) {
                trace.close();
            }
        }
        List<Path> logs;
        try (Stream<Path> files = Files.list(folder)) {
            logs = files.filter(f -> f.getFileName().toString().startsWith("log.")).toList();
        }
        Transactions all = Transactions.read(logs);
        Sample.Builder sample = summary(all, traces);
        if (sample == null) {
            return null;
        }
        if (footprint != null) {
            sample.and(Metric.MEMORY, footprint.mebibytes());
        }
        if (own != null) {
            sample.and(Metric.PGBENCH_CPU, own.spent() / (double) all.count());
        }
        return sample.sample();
    }

    /** The numbers of the window that all clients spend in full swing. */
    private Sample.@Nullable Builder summary(Transactions all, Map<Metric, CpuTrace> traces)
            throws RoundFailure {
        if (all.count() == 0) {
            return null;
        }
        long first = all.firstEndMicros();
        long from = first + RAMP_MICROS;
        long to = Math.min(all.lastEndMicros(), first + duration.toNanos() / 1000);
        long[] latencies = latencies(all, from, to);
        if (latencies.length == 0) {
            // So slow that the window is too short for it: all that was measured counts.
            to = all.lastEndMicros();
            latencies = latencies(all, from, to);
        }
        if (latencies.length == 0) {
            return null;
        }
        int count = all.countIn(from, to);
        Sample.Builder sample =
                Sample.with(Metric.TPS, count * (double) MICROS_PER_SECOND / (to - from))
                        .and(Metric.P50, millis(latencies, 50))
                        .and(Metric.P99, millis(latencies, 99));
        for (Map.Entry<Metric, CpuTrace> trace : traces.entrySet()) {
            List<CpuTrace.Point> points = trace.getValue().points();
            sample.and(trace.getKey(), CpuTrace.spent(points, from, to) / (double) count);
        }
        return sample;
    }

    private long[] latencies(Transactions all, long from, long to) {
        return load.reconnect() ? all.cyclesIn(from, to) : all.latenciesIn(from, to);
    }

    private static double millis(long[] latencies, double percent) {
        return Statistics.percentile(percent, latencies, latencies.length) / 1000.0;
    }

    /**
     * Returns the processor time of pgbench from its start to its end, or null unless it is traced,
     * which costs the machine that all others are measured on.
     */
    private @Nullable CpuTrace run(Path folder, boolean traced)
            throws RoundFailure, IOException, InterruptedException {
        int seconds = login.secondsFor(duration);
        Duration limit = Duration.ofSeconds(seconds + 30).plusMillis(20L * load.clients());
        try (Child child =
                        Child.start(
                                command(folder, seconds),
                                folder.resolve("output"),
                                null,
                                environment());
                CpuTrace own = traced ? new CpuTrace(Footprint.of(child.handle())) : null) {
            if (!child.ends(limit)) {
                throw new RoundFailure(
                        "pgbench did not end within " + limit.toSeconds() + " s and was stopped");
            }
            String output = child.output();
            String error = error(output);
            if (child.exitStatus() != 0 || error != null) {
                throw new RoundFailure(
                        "pgbench ended with status "
                                + child.exitStatus()
                                + ": "
                                + (error == null ? child.lastWords() : error));
            }
            login.learn(output);
            return own;
        }
    }

    /** The first complaint in pgbench's output, or null if every transaction succeeded. */
    static @Nullable String error(String output) {
        Matcher error = ERROR.matcher(output);
        if (error.find()) {
            return error.group().strip();
        }
        Matcher failed = FAILED.matcher(output);
        return failed.find() && Long.parseLong(failed.group(1)) > 0 ? failed.group() : null;
    }

    private List<String> command(Path folder, int seconds) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                pgbench.toString(),
                                "--no-vacuum",
                                "--host=" + endpoint.host(),
                                "--port=" + endpoint.port(),
                                "--username=" + endpoint.user(),
                                "--client=" + load.clients(),
                                "--jobs=" + threads(load.clients()),
                                "--time=" + seconds,
                                "--protocol=" + load.mode(),
                                "--log",
                                "--log-prefix=" + folder.resolve("log")));
        if (load.selectOnly()) {
            command.add("--select-only");
        }
        if (load.reconnect()) {
            command.add("--connect");
        }
        command.add(endpoint.database());
        return command;
    }

    /** pgbench's threads: half of the cores, for the servers need the others. */
    static int threads(int clients) {
        return Math.max(1, Math.min(clients, Runtime.getRuntime().availableProcessors() / 2));
    }

    private Map<String, String> environment() {
        // Each login is one startup packet, without asking for anything first that is not measured.
        return Map.of(
                "PGPASSWORD",
                endpoint.password(),
                "PGSSLMODE",
                encrypted ? "require" : "disable",
                "PGGSSENCMODE",
                "disable");
    }
}

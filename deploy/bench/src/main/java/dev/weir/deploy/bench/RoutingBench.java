package dev.weir.deploy.bench;

import dev.weir.deploy.local.LocalAuthority;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.deploy.local.LocalServerException;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code ./weir bench --routing}: the same pgbench through a Weir that knows of two replicas and
 * one that does not, in turns, and through one of which the clients themselves know where the
 * replicas are. All servers are on this machine, so that throughput tells little; processor time
 * for each transaction, of Weir and of the primary, tells what routing costs and what it takes off
 * the primary.
 */
final class RoutingBench {
    /** PostgreSQL's processes add what they counted to the common statistics after so long. */
    private static final Duration COUNTED = Duration.ofSeconds(11);

    private static final int MOST_CLIENTS = 300;

    private static final String READS =
            "SELECT idx_scan FROM pg_stat_user_tables WHERE relname = 'pgbench_accounts'";

    private final BenchOptions options;
    private final PrintStream out;
    private final Progress progress;
    private final Cleanup cleanup;
    private final Map<String, LoginTime> loginTimes = new ConcurrentHashMap<>();

    /** The caller closes the clean-up. */
    RoutingBench(BenchOptions options, PrintStream out, Progress progress, Cleanup cleanup) {
        this.options = options;
        this.out = out;
        this.progress = progress;
        this.cleanup = cleanup;
    }

    /**
     * What runs.
     *
     * @param pgbench the program
     * @param scratch a folder for short-lived files
     * @param primary whose processor time counts
     * @param replicas of it
     * @param off Weir without routing
     * @param on the same with it
     * @param byHand Weir without routing, with a database for each replica
     */
    private record Ground(
            Path pgbench,
            Path scratch,
            Database primary,
            List<LocalPostgres> replicas,
            Way off,
            Way on,
            List<Way> byHand) {
        Stream<LocalPostgres> servers() {
            return Stream.concat(Stream.of(primary.server()), replicas.stream());
        }
    }

    /**
     * Runs it, and shows and keeps what was found.
     *
     * @return whether routing was cheap enough in all loads
     */
    boolean run(String command, String revision, Path results)
            throws BenchFailure, InterruptedException {
        Path pgbench = Tools.pgbench();
        if (pgbench == null) {
            throw new BenchFailure(Tools.PGBENCH_ADVICE);
        }
        try {
            Ground ground = prepare(pgbench, command);
            List<RoutingResult> found = new ArrayList<>();
            for (PgbenchRun.Load load : loads()) {
                found.add(measure(ground, load));
                progress.line(String.join("  ", found.getLast().cells()));
            }
            publish(found, revision, results);
            return found.stream().allMatch(RoutingResult::cheap);
        } catch (IOException | SQLException e) {
            throw new BenchFailure("The bench cannot go on: " + e.getMessage(), e);
        } catch (RoundFailure | LocalServerException e) {
            throw new BenchFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<PgbenchRun.Load> loads() {
        List<PgbenchRun.Load> loads = new ArrayList<>();
        for (String mode : List.of("simple", "extended", "prepared")) {
            for (int clients : new int[] {20, 200}) {
                loads.add(new PgbenchRun.Load(true, mode, clients, false));
            }
        }
        loads.add(new PgbenchRun.Load(false, "simple", 20, false));
        return loads;
    }

    private Ground prepare(Path pgbench, String command)
            throws IOException, BenchFailure, RoundFailure, InterruptedException {
        Path scratch = cleanup.temporaryFolder();
        progress.step("starting PostgreSQL and filling it (scale " + options.scale() + ")");
        LocalAuthority authority = new LocalAuthority(cleanup.temporaryFolder(), "bench-authority");
        LocalAuthority.Issued identity = authority.issue("localhost", "localhost");
        Database primary = cleanup.add(Database.start(identity, authority.certificate()));
        primary.fill(pgbench, options.scale(), scratch);
        List<LocalPostgres> replicas = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            progress.step("starting replica " + (i + 1));
            replicas.add(cleanup.add(primary.server().replica().start()));
        }
        // Children end before the servers that they use.
        cleanup.add(Child::closeAll);
        String routing =
                ", replicas: \"127.0.0.1:%d, 127.0.0.1:%d\", router-user: %s"
                        .formatted(
                                replicas.get(0).port(),
                                replicas.get(1).port(),
                                primary.endpoint().user());
        ProxyLauncher.Setup setup =
                new ProxyLauncher.Setup(
                        primary.endpoint(),
                        Login.TRUST,
                        primary.verifier(),
                        MOST_CLIENTS,
                        identity);
        progress.step("starting Weir three times");
        Way byHand =
                new Weir(
                                command,
                                cleanup.temporaryFolder(),
                                replicas.stream()
                                        .map(it -> primary.endpoint().at(it.port()))
                                        .toList())
                        .start(setup);
        return new Ground(
                pgbench,
                scratch,
                primary,
                replicas,
                new Weir(command, cleanup.temporaryFolder()).start(setup),
                new Weir(command, cleanup.temporaryFolder(), routing).start(setup),
                IntStream.range(0, replicas.size())
                        .mapToObj(i ->
                                new Way(
                                        byHand.contender(),
                                        byHand.endpoint().in(Weir.database(i)),
                                        byHand.child(),
                                        byHand.footprint()))
                        .toList());
    }

    private RoutingResult measure(Ground ground, PgbenchRun.Load load)
            throws RoundFailure, SQLException, InterruptedException {
        String name = (load.selectOnly() ? "select-" + load.mode() : "tpcb") + "-" + load.clients();
        progress.step(name);
        Duration round = Duration.ofSeconds(options.seconds());
        for (Way way : List.of(ground.off(), ground.on())) {
            run(ground, way, load, options.warmUp());
        }
        List<Sample> off = new ArrayList<>();
        List<Sample> on = new ArrayList<>();
        List<Sample> byHand = new ArrayList<>();
        if (load.selectOnly()) {
            runByHand(ground, load, options.warmUp());
        }
        for (int i = 0; i < options.rounds(); i++) {
            if (i % 2 == 0) {
                off.add(run(ground, ground.off(), load, round));
                on.add(run(ground, ground.on(), load, round));
            } else {
                on.add(run(ground, ground.on(), load, round));
                off.add(run(ground, ground.off(), load, round));
            }
            if (load.selectOnly()) {
                byHand.add(runByHand(ground, load, round));
            }
        }
        return new RoutingResult(name, off, on, byHand, moved(ground, load, round));
    }

    /** Half of the clients at each replica, at once. */
    private Sample runByHand(Ground ground, PgbenchRun.Load load, Duration duration)
            throws RoundFailure, InterruptedException {
        PgbenchRun.Load part = load.with(load.clients() / ground.byHand().size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Sample>> runs = new ArrayList<>();
            for (Way way : ground.byHand()) {
                runs.add(threads.submit(() -> run(ground, way, part, duration)));
            }
            double tps = 0;
            double perCpu = 0;
            for (Future<Sample> run : runs) {
                Sample sample = run.get();
                tps += sample.number(Metric.TPS);
                // Each has divided the whole of Weir's time by its own transactions only.
                perCpu += 1 / sample.number(Metric.CPU_PER_TRANSACTION);
            }
            return Sample.with(Metric.TPS, tps)
                    .and(Metric.CPU_PER_TRANSACTION, 1 / perCpu)
                    .sample();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RoundFailure failure
                    ? failure
                    : new RoundFailure("A run ended unexpectedly", e);
        }
    }

    private Sample run(Ground ground, Way way, PgbenchRun.Load load, Duration duration)
            throws RoundFailure, InterruptedException {
        LoginTime login =
                loginTimes.computeIfAbsent(
                        way.endpoint().port() + way.endpoint().database() + " " + load.clients(),
                        key -> new LoginTime(load.clients()));
        return new PgbenchRun(
                        ground.pgbench(),
                        ground.scratch(),
                        way.endpoint(),
                        load,
                        false,
                        duration,
                        login)
                .measure(
                        way.footprint(),
                        Map.of(
                                Metric.PRIMARY_CPU,
                                Footprint.of(ground.primary().server().pids()),
                                Metric.REPLICA_CPU,
                                Footprint.of(
                                        ground.replicas().stream()
                                                .flatMap(it -> it.pids().stream())
                                                .toList())));
    }

    /** The part of one more round that the replicas have answered. */
    private double moved(Ground ground, PgbenchRun.Load load, Duration round)
            throws RoundFailure, SQLException, InterruptedException {
        Thread.sleep(COUNTED);
        List<Long> before = reads(ground);
        run(ground, ground.on(), load, round);
        Thread.sleep(COUNTED);
        List<Long> after = reads(ground);
        double all = 0;
        for (int i = 0; i < after.size(); i++) {
            all += after.get(i) - before.get(i);
        }
        return 1 - (after.getFirst() - before.getFirst()) / all;
    }

    /** Of the primary, then of each replica. */
    private static List<Long> reads(Ground ground) throws SQLException {
        List<Long> reads = new ArrayList<>();
        for (LocalPostgres server : ground.servers().toList()) {
            try (Connection connection = server.connect(ground.primary().endpoint().database());
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(READS)) {
                row.next();
                reads.add(row.getLong(1));
            }
        }
        return reads;
    }

    private void publish(List<RoutingResult> found, String revision, Path results)
            throws IOException {
        Table table =
                new Table(
                        RoutingResult.headers(),
                        found.stream().map(RoutingResult::cells).toList(),
                        1);
        out.println();
        out.print(table.text());
        Path file = options.output();
        if (file == null && options.isProof()) {
            file =
                    results.resolve(
                            "%s-%s-routing.md".formatted(LocalDate.now(ZoneOffset.UTC), revision));
        }
        if (file != null) {
            StringBuilder page = new StringBuilder("# Reads on replicas\n\n");
            page.append("`").append(options.repeat()).append("`, Weir ").append(revision);
            page.append(
                    """
                    .

                    pgbench through Weir without replicas (off), and with two (on), in %d paired rounds of %d s.
                    Primary, replicas, all Weirs and pgbench share this machine, so that TPS shows what all
                    of them cost together, and not what three machines could do. By hand: without routing,
                    half of the clients at each replica, which shows what of the difference is the machine's,
                    that has to keep two servers busy instead of one. Ratios are medians of those of paired
                    rounds. Reads are counted by the servers themselves (`idx_scan`).

                    """
                            .formatted(options.rounds(), options.seconds()));
            page.append(table.markdown()).append('\n');
            Facts.ofMachine()
                    .forEach((label, value) ->
                            page.append("- ")
                                    .append(label)
                                    .append(": ")
                                    .append(value)
                                    .append('\n'));
            Files.createDirectories(results);
            Files.writeString(file, page);
            out.println("\nWritten to " + file);
        }
    }
}

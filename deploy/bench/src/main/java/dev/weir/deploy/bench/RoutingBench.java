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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code ./weir bench --routing}: the same pgbench through a Weir that knows of no replica, of one
 * and of two, in turns, and through one of which the clients themselves know where the replicas
 * are. All servers are on this machine, so that throughput tells little; processor time for each
 * transaction, of Weir and of the primary, tells what routing costs and what it takes off the
 * primary. With one replica as many servers answer the reads as without: what Weir needs more then
 * is for the routing. Two keep the machine's caches busier, which costs Weir too; by hand tells how
 * much.
 */
final class RoutingBench {
    /** PostgreSQL's processes add what they counted to the common statistics after so long. */
    private static final Duration COUNTED = Duration.ofSeconds(11);

    private static final List<String> MODES = List.of("simple", "extended", "prepared");
    private static final int FEW_CLIENTS = 20;
    private static final int MANY_CLIENTS = 200;
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
     * @param one the same with it, and one replica
     * @param two the same with both
     * @param byHand Weir without routing, with a database for each replica
     */
    private record Ground(
            Path pgbench,
            Path scratch,
            Database primary,
            List<LocalPostgres> replicas,
            Way off,
            Way one,
            Way two,
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
            practise(ground);
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
        for (String mode : MODES) {
            for (int clients : new int[] {FEW_CLIENTS, MANY_CLIENTS}) {
                loads.add(new PgbenchRun.Load(true, mode, clients, false));
            }
        }
        loads.add(new PgbenchRun.Load(false, "simple", FEW_CLIENTS, false));
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
        ProxyLauncher.Setup setup =
                new ProxyLauncher.Setup(
                        primary.endpoint(),
                        Login.TRUST,
                        primary.verifier(),
                        MOST_CLIENTS,
                        identity);
        progress.step("starting Weir four times");
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
                routed(command, primary, replicas.subList(0, 1)).start(setup),
                routed(command, primary, replicas).start(setup),
                IntStream.range(0, replicas.size())
                        .mapToObj(i ->
                                new Way(
                                        byHand.contender(),
                                        byHand.endpoint().in(Weir.database(i)),
                                        byHand.child(),
                                        byHand.footprint()))
                        .toList());
    }

    private Weir routed(String command, Database primary, List<LocalPostgres> replicas)
            throws IOException {
        return new Weir(
                command,
                cleanup.temporaryFolder(),
                ", replicas: \"%s\", router-user: %s"
                        .formatted(
                                replicas.stream()
                                        .map(it -> "127.0.0.1:" + it.port())
                                        .collect(Collectors.joining(", ")),
                                primary.endpoint().user()));
    }

    /**
     * Lets the just-in-time compiler of each Weir see each mode, and then each server connection
     * its server's memory: its first touch of a page costs it far more than the next.
     */
    private void practise(Ground ground) throws RoundFailure, InterruptedException {
        for (int clients : new int[] {FEW_CLIENTS, MANY_CLIENTS}) {
            for (String mode : MODES) {
                progress.step("practising " + mode + " with " + clients);
                PgbenchRun.Load load = new PgbenchRun.Load(true, mode, clients, false);
                for (Side side : sides(ground, load)) {
                    side.run(options.warmUp());
                }
            }
        }
    }

    /** One of those that are compared; what it does in a round. */
    @FunctionalInterface
    private interface Side {
        Sample run(Duration duration) throws RoundFailure, InterruptedException;
    }

    /** Off, one, two, and by hand where that makes sense. */
    private List<Side> sides(Ground ground, PgbenchRun.Load load) {
        List<Side> sides = new ArrayList<>();
        for (Way way : List.of(ground.off(), ground.one(), ground.two())) {
            sides.add(duration -> run(ground, way, load, duration));
        }
        if (load.selectOnly()) {
            sides.add(duration -> runByHand(ground, load, duration));
        }
        return sides;
    }

    private RoutingResult measure(Ground ground, PgbenchRun.Load load)
            throws RoundFailure, SQLException, InterruptedException {
        String name = (load.selectOnly() ? "select-" + load.mode() : "tpcb") + "-" + load.clients();
        progress.step(name);
        Duration round = Duration.ofSeconds(options.seconds());
        List<Side> sides = sides(ground, load);
        List<List<Sample>> samples = new ArrayList<>();
        for (Side side : sides) {
            // All know the mode by now, but no writing.
            side.run(load.selectOnly() ? round : options.warmUp());
            samples.add(new ArrayList<>());
        }
        for (int i = 0; i < options.rounds(); i++) {
            for (int j = 0; j < sides.size(); j++) {
                // There and back again: who comes first is not always the same.
                int side = i % 2 == 0 ? j : sides.size() - 1 - j;
                samples.get(side).add(sides.get(side).run(round));
            }
        }
        return new RoutingResult(
                name,
                samples.get(0),
                samples.get(1),
                samples.get(2),
                samples.size() > 3 ? samples.get(3) : List.of(),
                moved(ground, load, round));
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
                                time(List.of(ground.primary().server())),
                                Metric.REPLICA_CPU,
                                time(ground.replicas())));
    }

    private static ServerTime time(List<LocalPostgres> servers) {
        return new ServerTime(servers.stream().map(it -> it.pids().getFirst()).toList());
    }

    /** The part of one more round that the replicas have answered. */
    private double moved(Ground ground, PgbenchRun.Load load, Duration round)
            throws RoundFailure, SQLException, InterruptedException {
        Thread.sleep(COUNTED);
        List<Long> before = reads(ground);
        run(ground, ground.two(), load, round);
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

                    pgbench through Weir without replicas (off), with one, and with two, in %d rounds of %d s each
                    in turns. Primary, replicas, all Weirs and pgbench share this machine, so that TPS shows what
                    all of them cost together, and not what three machines could do. With one replica as many
                    servers answer the reads as without: what Weir's CPU grows by is the cost of routing. Two
                    servers need more of the machine's caches and turn more processes over than one, which costs
                    Weir too; by hand (without routing, half of the clients at each replica) shows how much.
                    pgbench does the same in all of them, and its CPU tells how the machine fared: what it needs more
                    with replicas is none of Weir's. Ratios are medians of those of rounds side by side. Reads are counted by the servers
                    themselves (`idx_scan`).

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

package dev.weir.deploy.bench;

import dev.weir.deploy.local.LocalAuthority;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One run: sets the servers up, lets the contenders play, reports, and takes all down again. */
final class Bench {
    private static final int SPARE_CLIENTS = 100;
    private static final int LARGEST_CROWD = 1000;

    private final BenchOptions options;
    private final PrintStream out;
    private final Progress progress;
    private final Cleanup cleanup;
    private final @Nullable Repository repository = Repository.find();

    /** The caller closes the clean-up. */
    Bench(BenchOptions options, PrintStream out, Progress progress, Cleanup cleanup) {
        this.options = options;
        this.out = out;
        this.progress = progress;
        this.cleanup = cleanup;
    }

    /**
     * Runs it.
     *
     * @return what was found
     * @throws BenchFailure if no measurement is possible at all
     */
    Report run() throws BenchFailure, InterruptedException {
        if (!Files.exists(Path.of("/proc/self/stat"))) {
            throw new BenchFailure("The bench reads /proc and so needs Linux.");
        }
        Path pgbench = Tools.pgbench();
        if (pgbench == null) {
            throw new BenchFailure(Tools.PGBENCH_ADVICE);
        }
        Map<String, String> facts = Facts.ofMachine();
        String busy = Facts.busy();
        if (!busy.isEmpty()) {
            progress.line(busy);
        }
        try {
            Path scratch = cleanup.temporaryFolder();
            Map<Contender, ProxyLauncher> proxies = proxies(facts);
            progress.step("starting PostgreSQL and filling it (scale " + options.scale() + ")");
            LocalAuthority authority =
                    new LocalAuthority(cleanup.temporaryFolder(), "bench-authority");
            LocalAuthority.Issued identity = authority.issue("localhost", "localhost");
            Database database = cleanup.add(Database.start(identity, authority.certificate()));
            // Children end before the server that they use.
            cleanup.add(Child::closeAll);
            database.fill(pgbench, options.scale(), scratch);
            Arena arena = arena(pgbench, scratch, database, proxies, identity);
            return compete(arena, database, facts);
        } catch (IOException e) {
            throw new BenchFailure("The bench cannot keep its files: " + e.getMessage(), e);
        } catch (RoundFailure e) {
            throw new BenchFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private Report compete(Arena arena, Database database, Map<String, String> facts)
            throws BenchFailure, InterruptedException {
        Set<Contender> contenders = EnumSet.copyOf(options.contenders());
        contenders.removeIf(c -> c != Contender.DIRECT && !arena.proxies().containsKey(c));
        Plan plan = new Plan(options.rows(), contenders, options.rounds(), options.warmUp());
        facts.put("PostgreSQL", database.version());
        facts.put("pgbench", Tools.versionLine(arena.pgbench()));
        facts.put("PostgreSQL's settings", Database.SETTINGS.toString().replaceAll("[{}]", ""));
        facts.put("Threads of pgbench", Integer.toString(PgbenchRun.threads(LARGEST_CROWD)));
        facts.put("Scale", Integer.toString(options.scale()));
        facts.put(
                "Rounds",
                options.rounds()
                        + " of "
                        + options.seconds()
                        + " s; Weir warmed for "
                        + options.warmUp().toSeconds()
                        + " s per query mode");
        facts.put(
                "Both proxies",
                "transaction pooling, pool size "
                        + ProxyLauncher.POOL_SIZE
                        + ", listen backlog "
                        + Weir.BACKLOG
                        + ", prepared statements "
                        + ProxyLauncher.MAX_PREPARED_STATEMENTS
                        + " where supported, login trust (connect storm: SCRAM-SHA-256), no TLS (tls"
                        + " rows: with clients alone, ECDSA P-256)");
        progress.expect(plan.expected(arena));
        progress.line(
                plan.rows().size()
                        + (plan.rows().size() == 1 ? " row, about " : " rows, about ")
                        + Progress.clock(plan.expected(arena))
                        + " minutes, at most "
                        + Progress.clock(plan.limit(arena)));
        Ways ways = new Ways(cleanup, arena.postgres(), database.scramEndpoint(), arena.proxies());
        List<RowResult> results = new Tournament(plan, arena, ways, progress).run();
        facts.putAll(ways.threads());
        return new Report(facts, results, options.repeat(), options.isProof());
    }

    private Arena arena(
            Path pgbench,
            Path scratch,
            Database database,
            Map<Contender, ProxyLauncher> proxies,
            LocalAuthority.Issued identity) {
        int crowd = LARGEST_CROWD;
        for (Row row : options.rows()) {
            if (row instanceof IdleRow idle) {
                crowd = Math.max(crowd, Math.min(idle.asked(), Descriptors.usable()));
            }
        }
        Set<Contender> preparing = EnumSet.allOf(Contender.class);
        proxies.forEach((contender, launcher) -> {
            if (launcher instanceof PgBouncer pgBouncer && !pgBouncer.preparesInTransactionMode()) {
                preparing.remove(contender);
            }
        });
        return new Arena(
                pgbench,
                scratch,
                database.endpoint(),
                options.seconds(),
                options.shrink(),
                proxies,
                new ProxyLauncher.Setup(
                        database.endpoint(),
                        Login.TRUST,
                        database.verifier(),
                        crowd + SPARE_CLIENTS,
                        identity),
                preparing,
                new HashMap<>());
    }

    private Map<Contender, ProxyLauncher> proxies(Map<String, String> facts)
            throws BenchFailure, IOException {
        Map<Contender, ProxyLauncher> proxies = new EnumMap<>(Contender.class);
        Path program = Tools.pgBouncer();
        if (options.contenders().contains(Contender.PGBOUNCER)) {
            if (program == null) {
                progress.line(Tools.PGBOUNCER_ADVICE);
                facts.put("PgBouncer", "not installed");
            } else {
                PgBouncer pgBouncer = new PgBouncer(Contender.PGBOUNCER, program, openFolder());
                proxies.put(Contender.PGBOUNCER, pgBouncer);
                facts.put("PgBouncer", pgBouncer.version());
            }
        }
        if (options.contenders().contains(Contender.WEIR)) {
            facts.put("Weir", repository == null ? "unknown" : repository.revision());
            if (options.standIn() && program != null) {
                proxies.put(Contender.WEIR, new PgBouncer(Contender.WEIR, program, openFolder()));
                facts.put("Weir", "a second PgBouncer in its place, to judge the bench itself");
            } else {
                String command = command();
                proxies.put(Contender.WEIR, new Weir(command, cleanup.temporaryFolder()));
                if (options.weirCommand() != null) {
                    facts.put("Weir's command", command);
                }
            }
        }
        return proxies;
    }

    /** Compares Weir with replicas to Weir without; whether that is as cheap as it shall be. */
    boolean routing() throws BenchFailure, InterruptedException {
        return new RoutingBench(options, out, progress, cleanup)
                .run(
                        command(),
                        repository == null
                                ? "unknown"
                                : repository.revision().replaceAll("\\W.*", ""),
                        repository == null ? Path.of("") : repository.results());
    }

    /** The shell command that starts Weir. */
    String command() throws BenchFailure {
        String given = options.weirCommand();
        if (given != null) {
            return given;
        }
        if (repository == null || !Files.isExecutable(repository.launcher())) {
            throw new BenchFailure(
                    "The launcher ./weir was not found; name a command with --weir-command"
                            + " 'COMMAND "
                            + Weir.CONFIG
                            + "'.");
        }
        return "'" + repository.launcher() + "' run -c " + Weir.CONFIG;
    }

    /** A temporary folder that an ordinary user may enter, too. */
    private Path openFolder() throws IOException {
        Path folder = cleanup.temporaryFolder();
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** Shows the report, and keeps it where it was asked for or where full runs are kept. */
    void publish(Report report) throws BenchFailure {
        out.print(report.text());
        Path file = options.output();
        if (file == null && options.isFull() && repository != null) {
            file = repository.results().resolve(options.resultName(repository.revision()));
        }
        if (file == null) {
            return;
        }
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(file, report.markdown());
            out.println("\nWritten to " + file);
        } catch (IOException e) {
            throw new BenchFailure("The report cannot be written to " + file, e);
        }
    }
}

package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * {@code ./weir bench}.
 *
 * <p>Exit status: 0 every round gave numbers, 1 some did not or nothing could be measured, 2 wrong
 * use, 130 stopped by Ctrl-C.
 */
@Command(
        name = "bench",
        description = "Measures Weir beside PgBouncer and PostgreSQL alone, on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "It starts all servers itself, on free ports of the loopback interface, and ends them.",
            "A full run writes a page to deploy/bench/results.",
            "",
            "Exit status: 0 every round gave numbers, 1 some did not, 2 wrong use; --routing: 1 too if"
                    + " routing costs more than it may."
        })
public final class BenchCommand implements Callable<Integer> {
    private static final int ROUNDS = 5;
    private static final int SECONDS = 3;
    private static final int WARM_UP_SECONDS = 15;
    private static final int SCALE = 10;
    private static final int STOPPED = 130;
    private static final int QUICK_SHRINK = 8;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--list", description = "Lists the rows and ends.")
    private boolean list;

    @Option(
            names = "--quick",
            description =
                    "One short round of everything, with smaller sizes: shows that all works, proves"
                            + " nothing.")
    private boolean quick;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "ROW",
            description = "These rows, or all whose names begin so (see --list).")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--rivals",
            split = ",",
            paramLabel = "RIVAL",
            description =
                    "Whom Weir is compared with: direct, pgbouncer, both by default, or none.")
    private List<String> rivals = new ArrayList<>(List.of("direct", "pgbouncer"));

    @Option(
            names = "--routing",
            description =
                    "Instead: Weir with replicas beside Weir without, and what that costs and"
                            + " saves.")
    private boolean routing;

    @Option(
            names = "--micro",
            description = "Instead: what it costs to classify a statement, by JMH.")
    private boolean micro;

    @Option(names = "--without-weir", description = "Only the rivals: what this machine can do.")
    private boolean withoutWeir;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Counted rounds of each row (default " + ROUNDS + ").")
    private @Nullable Integer rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Length of one pgbench round (default " + SECONDS + ").")
    private @Nullable Integer seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description =
                    "Seconds that Weir practises each query mode before it counts (default "
                            + WARM_UP_SECONDS
                            + ").")
    private @Nullable Integer warmUp;

    @Option(
            names = "--scale",
            paramLabel = "N",
            description = "Scale of pgbench's tables (default " + SCALE + ").")
    private @Nullable Integer scale;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Writes the Markdown page there.")
    private @Nullable Path output;

    @Option(
            names = "--weir-command",
            paramLabel = "COMMAND",
            description =
                    "Starts Weir by this shell command; "
                            + Weir.CONFIG
                            + " in it stands for the configuration file.")
    private @Nullable String weirCommand;

    @Option(names = "--stand-in", hidden = true, description = "A second PgBouncer plays Weir.")
    private boolean standIn;

    /** For use without the launcher. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchCommand()).execute(args));
    }

    @Override
    public Integer call() {
        if (list) {
            Rows.all().forEach(row -> System.out.printf("%-22s %s%n", row.name(), row.about()));
            return 0;
        }
        BenchOptions options = options();
        Console console = System.console();
        Progress progress = new Progress(System.err, console != null && console.isTerminal());
        Cleanup cleanup = Cleanup.atExit();
        try (cleanup) {
            Bench bench = new Bench(options, System.out, progress, cleanup);
            if (micro) {
                return MicroBench.run(cleanup.temporaryFolder(), quick);
            }
            if (routing) {
                return bench.routing() ? 0 : 1;
            }
            Report report = bench.run();
            bench.publish(report);
            return report.results().stream().anyMatch(RowResult::hasFailures) ? 1 : 0;
        } catch (BenchFailure e) {
            // When Ctrl-C has ended the servers, their failures are no news.
            if (!cleanup.isShuttingDown()) {
                progress.line("weir bench: " + e.getMessage());
            }
            return 1;
        } catch (IOException e) {
            progress.line("weir bench: no folder can be made: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            return STOPPED;
        }
    }

    private BenchOptions options() {
        List<Row> rows;
        try {
            rows = Rows.select(only);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--only: " + e.getMessage(), e);
        }
        boolean usual =
                !quick
                        && only.isEmpty()
                        && isUsual(rounds, ROUNDS)
                        && isUsual(seconds, SECONDS)
                        && isUsual(warmUp, WARM_UP_SECONDS)
                        && isUsual(scale, SCALE)
                        && !withoutWeir
                        && !standIn
                        && rivals.size() == 2;
        return new BenchOptions(
                rows,
                contenders(),
                atLeastOne("--rounds", rounds, quick ? 1 : ROUNDS),
                atLeastOne("--seconds", seconds, quick ? 1 : SECONDS),
                Duration.ofSeconds(atLeastOne("--warm-up", warmUp, quick ? 2 : WARM_UP_SECONDS)),
                atLeastOne("--scale", scale, quick ? 1 : SCALE),
                quick ? QUICK_SHRINK : 1,
                output,
                weirCommand,
                standIn,
                usual,
                repeat());
    }

    private static boolean isUsual(@Nullable Integer value, int usual) {
        return value == null || value == usual;
    }

    private int atLeastOne(String option, @Nullable Integer value, int otherwise) {
        if (value != null && value < 1) {
            throw new ParameterException(
                    spec.commandLine(), option + ": must be at least 1, not " + value);
        }
        return value == null ? otherwise : value;
    }

    private Set<Contender> contenders() {
        Set<Contender> contenders = EnumSet.noneOf(Contender.class);
        if (!withoutWeir) {
            contenders.add(Contender.WEIR);
        }
        for (String rival : rivals) {
            switch (rival.toLowerCase(Locale.ROOT)) {
                case "direct" -> contenders.add(Contender.DIRECT);
                case "pgbouncer" -> contenders.add(Contender.PGBOUNCER);
                case "none" -> contenders.retainAll(EnumSet.of(Contender.WEIR));
                default ->
                        throw new ParameterException(
                                spec.commandLine(),
                                "--rivals: there is no '"
                                        + rival
                                        + "'; the rivals are direct and pgbouncer, or none");
            }
        }
        if (contenders.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "nobody is left to measure");
        }
        return contenders;
    }

    private String repeat() {
        List<String> words = new ArrayList<>(List.of("./weir", "bench"));
        for (String word : spec.commandLine().getParseResult().originalArgs()) {
            words.add(word.matches("[\\w./,=:-]+") ? word : "'" + word + "'");
        }
        if (words.size() > 2 && words.get(2).equals("bench")) {
            words.remove(2);
        }
        return String.join(" ", words);
    }
}

package dev.weir.app;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The program {@code weir}, as far as it does not need a checkout. */
@Command(
        name = "weir",
        description = "A PostgreSQL scaler: applications change the host and port of their URL.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionOption.class,
        sortOptions = false,
        usageHelpWidth = WeirCommand.WIDTH,
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        subcommands = {RunCommand.class, CheckCommand.class, InitCommand.class},
        footer = {
            "",
            "Commands of a checkout, where the launcher ./weir stands:",
            "  demo   Starts a real PostgreSQL with a small shop in it, and Weir in front.",
            "  bench  Measures Weir beside PgBouncer and PostgreSQL alone.",
            "",
            "Examples:",
            "  weir init                      write weir.yaml, every key at its default",
            "  weir check                     say what is wrong with it, and what counts",
            "  weir run                       pool in front of the PostgreSQL that it names",
            "  weir run -c /etc/weir.yaml     the same with another file",
            "  psql -h 127.0.0.1 -p 6432 shop connect as to PostgreSQL itself",
            "",
            "Exit status: 0 done, 1 bad configuration, 2 wrong use, 3 cannot start."
        })
public final class WeirCommand implements Runnable {
    /** Columns of the help. */
    static final int WIDTH = 100;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** The process: ends with one of {@link ExitCode}. */
    public static void main(String[] args) throws InterruptedException {
        ProgramDefaults.set();
        System.exit(execute(args));
    }

    private static int execute(String[] args) throws InterruptedException {
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        try {
            // Perf: the way in which a sidecar is usually started, recognised without picocli,
            // which would take a quarter of the time until it listens. All else is picocli's.
            boolean run = args.length > 0 && args[0].equals("run");
            if (run && args.length == 1) {
                return Run.until(null, err);
            }
            if (run && args.length == 3 && args[1].equals("-c") && !args[2].startsWith("-")) {
                return Run.until(Path.of(args[2]), err);
            }
        } catch (RuntimeException e) {
            return mistake(e, err);
        }
        return commandLine()
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(err)
                .execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new WeirCommand())
                .setExecutionExceptionHandler((e, line, _) -> mistake(e, line.getErr()));
    }

    private static int mistake(Exception e, PrintWriter err) {
        err.println("weir: this is a mistake in Weir itself:");
        e.printStackTrace(err);
        err.flush();
        return ExitCode.CANNOT_START;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: run, check or init");
    }
}

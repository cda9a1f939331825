package dev.weir.deploy.demo;

import dev.weir.app.ProgramDefaults;
import dev.weir.deploy.local.LocalServerException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;

/**
 * {@code ./weir demo}.
 *
 * <p>Exit status: 0 ended by Ctrl-C or SIGTERM, 2 wrong use, 3 something could not be started:
 * those of {@code ./weir run}.
 */
@Command(
        name = "demo",
        description = {
            "Starts a real PostgreSQL with a small database and two streaming replicas, and Weir in front"
                    + " of them.",
            "Nothing needs to be installed for it. Nothing is left behind but PostgreSQL's programs,"
                    + " unpacked in",
            "~/.cache/weir (root: /var/cache/weir) for the next start.%n"
        },
        sortOptions = false,
        footer = {
            "",
            "The database is called shop: customers, products, inventory, orders and their lines.",
            "Log in as app, password app. Once all runs, the demo prints the JDBC URL, a line for"
                    + " psql, and",
            "'Weir is ready' on a line of its own. Ctrl-C or SIGTERM ends it.",
            "",
            "  ./weir demo                      everything at its usual port",
            "  ./weir demo --port 7432          beside another program that uses 6432",
            "  ./weir demo --data ~/shop        what you write is there again the next time",
            "",
            "Exit status: 0 ended by Ctrl-C or SIGTERM, 2 wrong use, 3 something could not be started."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int CANNOT_START = 3;
    private static final int MAX_PORT = 65_535;
    private static final String LOG_CONFIG = "logback.configurationFile";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "6432",
            description =
                    "Where Weir listens for PostgreSQL clients (${DEFAULT-VALUE}; 0 takes a free"
                            + " port).")
    private int port;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "6433",
            description = "Where Weir answers operators over HTTP (${DEFAULT-VALUE}; 0 for none).")
    private int httpPort;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Keeps the database in this folder, made if it is absent, and its replicas in"
                            + " DIR-replica-1 and so on; without it the database goes when the demo"
                            + " ends.")
    private @Nullable Path data;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "2",
            description = "How many streaming replicas answer reads (${DEFAULT-VALUE}; 0 to 4).")
    private int replicas;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this text.")
    @SuppressWarnings("UnusedVariable") // picocli needs a place for it
    private boolean help;

    /** For use without the launcher. */
    public static void main(String[] args) {
        if (System.getProperty(LOG_CONFIG) == null) {
            System.setProperty(LOG_CONFIG, "dev/weir/deploy/demo/logback.xml");
        }
        ProgramDefaults.set();
        System.exit(
                new CommandLine(new DemoCommand())
                        .setCommandName("./weir demo")
                        .setUsageHelpWidth(100)
                        .execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        checkRange("--port", port);
        checkRange("--http-port", httpPort);
        if (port == httpPort && port != 0) {
            throw new ParameterException(
                    spec.commandLine(), "--port and --http-port must not both be " + port + ".");
        }
        if (replicas < 0 || replicas > Servers.MOST_REPLICAS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--replicas: 0 to " + Servers.MOST_REPLICAS + ", not " + replicas + ".");
        }
        // Both before anything is started, since it would only have to end again.
        String taken =
                FlagPort.firstTaken(
                        new FlagPort("--port", port), new FlagPort("--http-port", httpPort));
        if (taken != null) {
            return failed(taken);
        }
        Ending ending = Ending.onSignals();
        PrintStream out = System.out;
        try (Demo demo = new Demo(port, httpPort, data, replicas, new Steps(out))) {
            if (demo.start(ending)) {
                demo.describe(out);
                out.println();
                out.println("Weir is ready");
                out.flush();
                ending.await();
            }
            return 0;
        } catch (LocalServerException | IOException | SQLException e) {
            return failed(String.valueOf(e.getMessage()));
        }
    }

    private int failed(String why) {
        spec.commandLine().getErr().println("weir demo: " + why);
        return CANNOT_START;
    }

    private void checkRange(String flag, int value) {
        if (value < 0 || value > MAX_PORT) {
            throw new ParameterException(
                    spec.commandLine(),
                    flag + ": a port is 0 to " + MAX_PORT + ", not " + value + ".");
        }
    }
}

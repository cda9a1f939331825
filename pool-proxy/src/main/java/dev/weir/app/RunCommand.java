package dev.weir.app;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** {@code weir run}. */
@Command(
        name = "run",
        description = "Pools in front of the PostgreSQL that the configuration names.",
        sortOptions = false,
        usageHelpWidth = WeirCommand.WIDTH,
        footer = {
            "",
            "It logs to standard error, and stays until SIGTERM or Ctrl-C; then it closes all",
            "connections and ends.",
            "",
            "Exit status: 0 stopped by a signal, 1 bad configuration, 2 wrong use, 3 cannot start, for",
            "example because the port is taken."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin private final ConfigOption option = new ConfigOption();

    @Mixin private final HelpOption help = new HelpOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        return Run.until(option.file(), spec.commandLine().getErr());
    }
}

package dev.weir.app;

import dev.weir.config.ConfigText;
import dev.weir.config.WeirConfig;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** {@code weir check}. */
@Command(
        name = "check",
        description = "Says what is wrong with a configuration, or prints what counts.",
        sortOptions = false,
        usageHelpWidth = WeirCommand.WIDTH,
        footer = {
            "",
            "Prints the whole configuration as YAML, defaults included and secrets masked. It starts",
            "nothing and connects to nothing.",
            "",
            "Exit status: 0 the file can be used, 1 it cannot: all mistakes are named with their lines."
        })
final class CheckCommand implements Callable<Integer> {
    @Mixin private final ConfigOption option = new ConfigOption();

    @Mixin private final HelpOption help = new HelpOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        WeirConfig config = GivenConfig.load(option.file(), "check", spec.commandLine().getErr());
        if (config == null) {
            return ExitCode.BAD_CONFIGURATION;
        }
        spec.commandLine().getOut().print(ConfigText.of(config));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}

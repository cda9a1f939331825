package dev.weir.app;

import picocli.CommandLine.Option;

/** {@code --help}, for each command. */
final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean wanted;
}

package dev.weir.app;

import dev.weir.config.SampleFile;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;

/** {@code weir init}. */
@Command(
        name = "init",
        description = "Writes a configuration file with every key at its default, each explained.",
        sortOptions = false,
        usageHelpWidth = WeirCommand.WIDTH,
        footer = {
            "",
            "Then change host, port and password in it, and: weir run -c FILE",
            "",
            "Exit status: 0 written, 2 it exists already or cannot be written."
        })
final class InitCommand implements Callable<Integer> {
    private static final Path OUT = Path.of("-");

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            defaultValue = "weir.yaml",
            description = "Where to; - prints it (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(names = "--force", description = "Overwrites a file that exists.")
    private boolean force;

    @Mixin private final HelpOption help = new HelpOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (file.equals(OUT)) {
            out.print(SampleFile.text());
            out.flush();
            return ExitCode.OK;
        }
        OpenOption[] how =
                force
                        ? new OpenOption[] {
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING
                        }
                        : new OpenOption[] {
                            StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE
                        };
        try {
            Files.writeString(file, SampleFile.text(), how);
        } catch (FileAlreadyExistsException e) {
            return refuse("%s exists already; --force overwrites it".formatted(file));
        } catch (NoSuchFileException e) {
            return refuse("%s cannot be written: there is no such folder".formatted(file));
        } catch (IOException e) {
            return refuse("%s cannot be written: %s".formatted(file, e.getMessage()));
        }
        out.println(
                "Wrote %s. Change host, port and password in it, then: weir run -c %s"
                        .formatted(file, file));
        out.flush();
        return ExitCode.OK;
    }

    private int refuse(String why) {
        spec.commandLine().getErr().println("weir: " + why);
        spec.commandLine().getErr().flush();
        return ExitCode.WRONG_USE;
    }
}

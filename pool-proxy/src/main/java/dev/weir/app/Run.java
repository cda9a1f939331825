package dev.weir.app;

import dev.weir.config.ConfigException;
import dev.weir.config.ConfigSource;
import dev.weir.config.WeirConfig;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The life of the sidecar, from its configuration to the signal that ends it. */
final class Run {
    private Run() {}

    /**
     * Runs until a signal, or an order at the console, ends it.
     *
     * @param file null for weir.yaml in the working directory
     * @return one of {@link ExitCode}
     */
    static int until(@Nullable Path file, PrintWriter err) throws InterruptedException {
        WeirConfig config = GivenConfig.load(file, "run", err);
        if (config == null) {
            return ExitCode.BAD_CONFIGURATION;
        }
        Logger log = LoggerFactory.getLogger(Run.class);
        // Heard before there is a Weir to stop: who reads that it listens may end it at once.
        CompletableFuture<Weir> started = new CompletableFuture<>();
        Signals.handle(
                signal ->
                        started.thenAccept(weir -> {
                            log.info("closing on {}", signal);
                            weir.stop();
                        }),
                () -> started.thenAccept(Run::reload));
        try (Weir weir = Weir.start(config, ConfigSource.file(GivenConfig.path(file)))) {
            started.complete(weir);
            String warning = DescriptorLimit.warning(config);
            if (warning != null) {
                log.warn("{}", warning);
            }
            weir.awaitClosed();
        } catch (IOException e) {
            err.println("weir: " + e.getMessage());
            err.flush();
            return ExitCode.CANNOT_START;
        }
        log.info("closed");
        return ExitCode.OK;
    }

    private static void reload(Weir weir) {
        try {
            weir.operations().reload(Map.of());
        } catch (ConfigException e) {
            // The log has it all.
        }
    }
}

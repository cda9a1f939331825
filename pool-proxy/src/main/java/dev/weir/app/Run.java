package dev.weir.app;

import dev.weir.config.WeirConfig;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/** The life of the sidecar, from its configuration to the signal that ends it. */
final class Run {
    private Run() {}

    /**
     * Runs until a signal comes.
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
        StopSignal stop = new StopSignal();
        try (Weir _ = Weir.start(config)) {
            String warning = DescriptorLimit.warning(config);
            if (warning != null) {
                log.warn("{}", warning);
            }
            log.info("closing on {}", stop.await());
        } catch (IOException e) {
            err.println("weir: " + e.getMessage());
            err.flush();
            return ExitCode.CANNOT_START;
        }
        log.info("closed");
        return ExitCode.OK;
    }
}

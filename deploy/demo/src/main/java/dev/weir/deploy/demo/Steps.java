package dev.weir.deploy.demo;

import java.io.PrintStream;
import java.time.Duration;

/** Tells those who wait what they wait for. */
final class Steps {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final PrintStream out;

    Steps(PrintStream out) {
        this.out = out;
    }

    /** A step that lasts until it is closed. */
    Step begin(String what) {
        out.println(what);
        out.flush();
        return new Step(out);
    }

    /** Says how long it has been going on, as long as it goes on. */
    static final class Step implements AutoCloseable {
        private final Thread ticker;

        private Step(PrintStream out) {
            long begin = System.nanoTime();
            ticker = Thread.ofVirtual().start(() -> tick(out, begin));
        }

        private static void tick(PrintStream out, long begin) {
            try {
                while (true) {
                    Thread.sleep(PATIENCE);
                    out.printf(
                            "  still at it, %d s%n", (System.nanoTime() - begin) / 1_000_000_000);
                }
            } catch (InterruptedException e) {
                // The step is done.
            }
        }

        @Override
        public void close() {
            ticker.interrupt();
        }
    }
}

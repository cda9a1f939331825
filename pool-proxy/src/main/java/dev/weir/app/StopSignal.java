package dev.weir.app;

import sun.misc.Signal;

import java.util.concurrent.CountDownLatch;

/**
 * Waits for somebody to ask for the end: SIGTERM, or SIGINT from a terminal. Taken as signals, not
 * by a shutdown hook, since only so the process can end with 0.
 */
final class StopSignal {
    private final CountDownLatch asked = new CountDownLatch(1);
    private volatile String name = "";

    /** Signals from now on only end {@link #await}. */
    StopSignal() {
        for (String signal : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(signal), taken -> stop("SIG" + taken.getName()));
        }
    }

    private void stop(String why) {
        name = why;
        asked.countDown();
    }

    /** Returns the name of the first signal. */
    String await() throws InterruptedException {
        asked.await();
        return name;
    }
}

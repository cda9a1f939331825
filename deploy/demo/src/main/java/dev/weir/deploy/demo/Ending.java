package dev.weir.deploy.demo;

import sun.misc.Signal;

import java.util.concurrent.CountDownLatch;

/**
 * Whether the user wants the demo to end.
 *
 * <p>The JVM's own way, shutdown hooks that run side by side and then an exit status of 128 and the
 * signal's number, would end the server under Weir's feet and call a normal end a failure.
 *
 * <p>Threads: any.
 */
final class Ending {
    private final CountDownLatch asked = new CountDownLatch(1);

    private Ending() {}

    /** Begins to listen for Ctrl-C, SIGTERM and the end of the terminal. */
    static Ending onSignals() {
        Ending ending = new Ending();
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            Signal.handle(new Signal(name), signal -> ending.asked.countDown());
        }
        return ending;
    }

    boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Returns once the end is asked for. */
    void await() throws InterruptedException {
        asked.await();
    }
}

package dev.weir.app;

import sun.misc.Signal;

import java.util.function.Consumer;

/**
 * Hears what is asked of the process: the end, by SIGTERM or by SIGINT from a terminal, and a
 * reload, by SIGHUP. Taken as signals, not by a shutdown hook, since only so the process can end
 * with 0.
 */
final class Signals {
    private Signals() {}

    /**
     * From now on signals only do this.
     *
     * @param stop hears the name of each signal that asks for the end
     * @param reload runs for each SIGHUP
     */
    static void handle(Consumer<String> stop, Runnable reload) {
        for (String signal : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(signal), taken -> stop.accept("SIG" + taken.getName()));
        }
        Signal.handle(new Signal("HUP"), _ -> Thread.ofVirtual().start(reload));
    }
}

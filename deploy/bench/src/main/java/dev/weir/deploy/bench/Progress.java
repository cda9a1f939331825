package dev.weir.deploy.bench;

import java.io.PrintStream;
import java.time.Duration;

/** Tells those who watch what happens. On a terminal one line changes in place. */
final class Progress {
    private static final int WIDTH = 78;
    private static final String CLEAR = "\r" + " ".repeat(WIDTH) + "\r";

    private final PrintStream out;
    private final boolean terminal;
    private final long start = System.nanoTime();
    private Duration expected = Duration.ZERO;

    Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** From now on, steps show this beside the time passed. */
    void expect(Duration total) {
        expected = total;
    }

    /** Something begins that may take more than a moment. */
    void step(String what) {
        String time = clock(Duration.ofNanos(System.nanoTime() - start));
        String text =
                expected.isZero()
                        ? time + "  " + what
                        : time + " of about " + clock(expected) + "  " + what;
        if (terminal) {
            out.print(CLEAR + (text.length() > WIDTH ? text.substring(0, WIDTH) : text));
            out.flush();
        } else {
            out.println(text);
        }
    }

    /** Like {@link #step} on a terminal; a log has enough with the other lines. */
    void detail(String what) {
        if (terminal) {
            step(what);
        }
    }

    /** Something that stays on the screen. */
    void line(String what) {
        if (terminal) {
            out.print(CLEAR);
        }
        out.println(what);
    }

    static String clock(Duration duration) {
        return String.format("%d:%02d", duration.toMinutes(), duration.toSecondsPart());
    }
}

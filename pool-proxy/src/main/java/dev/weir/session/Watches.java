package dev.weir.session;

import dev.weir.net.EventLoops;

import java.time.Duration;

/** The {@link Watch}es of all loops, two for each. Any thread may make it. */
final class Watches {
    /** Who has a timeout below this is looked at often. */
    static final Duration BRISK = Duration.ofSeconds(5);

    private static final long BRISK_MILLIS = 50;
    private static final long CALM_MILLIS = 1_000;

    private final Watch[] brisk;
    private final Watch[] calm;

    Watches(EventLoops loops) {
        int count = loops.all().size();
        brisk = new Watch[count];
        calm = new Watch[count];
        for (int i = 0; i < count; i++) {
            brisk[i] = new Watch(loops.all().get(i), BRISK_MILLIS);
            calm[i] = new Watch(loops.all().get(i), CALM_MILLIS);
        }
    }

    /** The one for a session on the loop of that number. */
    Watch of(int loopNumber, boolean often) {
        return (often ? brisk : calm)[loopNumber];
    }
}

package dev.weir.config;

import java.time.Duration;

/** The ends of the ranges that many keys have in common. */
final class Bounds {
    /** The shortest time that is not "at once" or "never". */
    static final Duration MOMENT = Duration.ofMillis(1);

    static final Duration DAY = Duration.ofDays(1);
    static final Duration YEAR = Duration.ofDays(365);

    /** More connections, transactions or statements than one process will ever see. */
    static final int MANY = 1_000_000;

    /** In bytes. */
    static final int GIB = 1 << 30;

    private Bounds() {}
}

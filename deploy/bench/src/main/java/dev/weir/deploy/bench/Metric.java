package dev.weir.deploy.bench;

import java.util.Locale;

/** A number that a round yields, in the unit that tables show. */
enum Metric {
    TPS("TPS", Nature.MORE_IS_BETTER, 0),
    P50("p50 ms", Nature.LESS_IS_BETTER, 3),
    P99("p99 ms", Nature.LESS_IS_BETTER, 3),
    P99_ALONE("p99 ms alone", Nature.INFORMATION, 3),
    P99_TIMES("p99 times", Nature.LESS_IS_BETTER, 2),
    ATTACKS("attacks", Nature.INFORMATION, 0),
    CPU_PER_TRANSACTION("CPU µs/tx", Nature.LESS_IS_BETTER, 1),
    PRIMARY_CPU("primary CPU µs/tx", Nature.LESS_IS_BETTER, 1),
    REPLICA_CPU("replicas CPU µs/tx", Nature.INFORMATION, 1),
    PGBENCH_CPU("pgbench CPU µs/tx", Nature.INFORMATION, 1),
    MEMORY("memory MiB", Nature.LESS_IS_BETTER_AND_STEADY, 0),
    THROUGHPUT("MB/s", Nature.MORE_IS_BETTER, 0),
    CPU_PER_GIGABYTE("CPU ms/GB", Nature.LESS_IS_BETTER, 0),
    MEMORY_BEFORE("MiB before", Nature.INFORMATION, 0),
    MEMORY_PEAK("MiB at peak", Nature.INFORMATION, 0),
    MEMORY_GROWTH("MiB growth", Nature.LESS_IS_BETTER_AND_STEADY, 1),
    SESSIONS("sessions held", Nature.INFORMATION, 0),
    LOGINS("logins/s", Nature.MORE_IS_BETTER, 0),
    KIB_PER_SESSION("KiB/session", Nature.LESS_IS_BETTER_AND_STEADY, 1),
    IDLE_CPU("idle CPU ms/s", Nature.LESS_IS_BETTER_AND_STEADY, 1),
    FIRST_ANSWER("ms to answer", Nature.LESS_IS_BETTER, 0),
    FIRST_ANSWER_OF_PROGRAM("ms without launcher", Nature.LESS_IS_BETTER, 0);

    /** How numbers of this kind are judged. */
    private enum Nature {
        MORE_IS_BETTER,
        LESS_IS_BETTER,
        /** Neighbours on the machine do not change it: one round is as good as many. */
        LESS_IS_BETTER_AND_STEADY,
        /** Shown, not judged. */
        INFORMATION
    }

    private static final int ROUNDS_FOR_A_VERDICT = 3;

    private final String label;
    private final Nature nature;
    private final int decimals;

    Metric(String label, Nature nature, int decimals) {
        this.label = label;
        this.nature = nature;
        this.decimals = decimals;
    }

    /** Name with unit, as tables show it. */
    String label() {
        return label;
    }

    boolean moreIsBetter() {
        return nature == Nature.MORE_IS_BETTER;
    }

    /** How Weir stands, in a word: nothing for what is not judged. */
    String verdict(Comparison comparison) {
        if (nature == Nature.INFORMATION) {
            return "";
        }
        if (nature != Nature.LESS_IS_BETTER_AND_STEADY
                && comparison.pairs() < ROUNDS_FOR_A_VERDICT) {
            return "(too few)";
        }
        return comparison.verdict(moreIsBetter()).label();
    }

    /** The value with this metric's decimals and with thousands set apart. */
    String format(double value) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}

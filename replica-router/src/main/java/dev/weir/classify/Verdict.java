package dev.weir.classify;

import java.util.Arrays;

/**
 * Where a statement may be answered.
 *
 * @param reason why
 * @param word the word of the statement that decided; empty if none did alone
 */
public record Verdict(Reason reason, String word) {
    private static final Verdict[] PLAIN =
            Arrays.stream(Reason.values())
                    .map(reason -> new Verdict(reason, ""))
                    .toArray(Verdict[]::new);

    /** Whether a replica may answer it. */
    public boolean mayLeave() {
        return reason == Reason.READ;
    }

    /** A verdict to which no word leads. */
    public static Verdict of(Reason reason) {
        return PLAIN[reason.ordinal()];
    }

    /** For people: the sentence, and the word in question. */
    @Override
    public String toString() {
        return word.isEmpty() ? reason.sentence() : reason.sentence() + ": " + word;
    }
}

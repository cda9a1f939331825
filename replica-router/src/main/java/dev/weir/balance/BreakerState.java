package dev.weir.balance;

import java.util.Locale;

/** Whether reads fail on a server. */
public enum BreakerState {
    /** All is well. Turns {@link #OPEN} when half of the last reads have failed. */
    CLOSED,
    /** It gets a few reads, which decide between the two others. */
    HALF_OPEN,
    /** It gets no reads, and a trial ({@link #HALF_OPEN}) after a pause. */
    OPEN;

    /** In small letters. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

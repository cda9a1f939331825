package dev.weir.router;

import dev.weir.classify.Verdict;
import dev.weir.sql.Shape;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * What a session has asked last about a text: most ask for the same again, with other values at the
 * most, and that is told without a look into what is known about all texts. Confined to whoever
 * asks for the session.
 */
public final class LastVerdict {
    /** There may be very many sessions. */
    private static final int LONGEST = 1024;

    private byte @Nullable [] text;
    private byte @Nullable [] shape;
    private boolean replica;
    private @Nullable Object known;
    private @Nullable Verdict verdict;

    /** Of a session that has not asked yet. */
    public LastVerdict() {}

    /**
     * The verdict about a text, if it is that of the last; else null.
     *
     * @param now what is known, of which only the identity counts
     */
    @Nullable Verdict about(byte[] next, boolean asksReplica, Object now) {
        if (known != now || replica != asksReplica) {
            return null;
        }
        byte[] before = shape;
        return next == text
                        || (before == null
                                ? Arrays.equals(next, text)
                                : Shape.matches(next, before))
                ? verdict
                : null;
    }

    /** That has been found. */
    void was(byte[] next, boolean asksReplica, Object now, Verdict found) {
        if (next.length > LONGEST) {
            known = null;
            return;
        }
        text = next;
        shape = Shape.of(next);
        replica = asksReplica;
        known = now;
        verdict = found;
    }
}

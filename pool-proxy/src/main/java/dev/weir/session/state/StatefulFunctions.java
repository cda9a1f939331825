package dev.weir.session.state;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The functions of which the configuration says that they keep state. Where one is mentioned, it
 * may be called: a text is searched for their names, without regard to words, strings and comments.
 * Immutable.
 */
public final class StatefulFunctions {
    private static final StatefulFunctions NONE = new StatefulFunctions(List.of());

    private final byte[][] names;

    private StatefulFunctions(List<String> lowerCaseNames) {
        names =
                lowerCaseNames.stream()
                        .map(name -> name.getBytes(StandardCharsets.UTF_8))
                        .toArray(byte[][]::new);
    }

    /**
     * These; one object for all sessions where there are none.
     *
     * @param lowerCaseNames without schema
     */
    public static StatefulFunctions of(List<String> lowerCaseNames) {
        return lowerCaseNames.isEmpty() ? NONE : new StatefulFunctions(lowerCaseNames);
    }

    /** Whether there are none, as usual. */
    boolean isEmpty() {
        return names.length == 0;
    }

    /**
     * {@link Effects#FUNCTION} if the text in {@code in} mentions one.
     *
     * @param from the first byte
     * @param to behind the last
     */
    int effects(ByteBuf in, int from, int to) {
        for (byte[] name : names) {
            for (int at = from; at <= to - name.length; at++) {
                if (standsAt(in, at, name)) {
                    return Effects.FUNCTION;
                }
            }
        }
        return Effects.NONE;
    }

    private static boolean standsAt(ByteBuf in, int at, byte[] name) {
        for (int i = 0; i < name.length; i++) {
            byte b = in.getByte(at + i);
            if (b != name[i] && (b < 'A' || b > 'Z' || (b | 0x20) != name[i])) {
                return false;
            }
        }
        return true;
    }
}

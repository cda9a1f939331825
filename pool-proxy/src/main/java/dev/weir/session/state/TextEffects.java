package dev.weir.session.state;

import dev.weir.server.ServerConnection;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.nio.charset.StandardCharsets;

/**
 * What the texts that a session sends may do to its state, see {@link Effects}, by their own words
 * and by the functions that the configuration names. Confined to the client's loop.
 */
public final class TextEffects {
    private final StateTracker state;
    private final CustomSettings custom;
    private final StatefulFunctions functions;

    /**
     * Of the texts of a new session.
     *
     * @param state hears what they may do
     * @param custom hears the names of custom settings
     * @param functions those that keep state
     */
    public TextEffects(StateTracker state, CustomSettings custom, StatefulFunctions functions) {
        this.state = state;
        this.custom = custom;
        this.functions = functions;
    }

    /**
     * Whether a text mentions a function of which the configuration says that it keeps state.
     *
     * @param doubtful whether it may also do what else ties a session to its server connection
     */
    public boolean keepsState(byte[] text, boolean doubtful) {
        if (doubtful && Effects.tie(Effects.of(text, true, custom))) {
            return true;
        }
        return !functions.isEmpty()
                && functions.effects(Unpooled.wrappedBuffer(text), 0, text.length) != Effects.NONE;
    }

    /** Those of a text that is not read. */
    public int unknown() {
        return functions.isEmpty() ? Effects.ANYTHING : Effects.ANYTHING | Effects.FUNCTION;
    }

    /** Notes what a Query may do to the session's state. */
    public void queried(ByteBuf in, int at, int end, long total, ServerConnection server) {
        if (total > end - at) {
            // The client must not be held up in the midst of the message.
            state.touched(unknown() & ~Effects.RESET);
            return;
        }
        state.touched(of(in, at + FrontendMessage.HEADER, (int) (at + total - 1), server));
    }

    /** The effects of the text that starts at {@code from} and ends before a zero byte. */
    public int upToZero(ByteBuf in, int from, int bound, ServerConnection server) {
        int end = in.indexOf(from, bound, (byte) 0);
        return of(in, from, end < 0 ? bound : end, server);
    }

    private int of(ByteBuf in, int from, int to, ServerConnection server) {
        int effects = Effects.of(in, from, to, server.parameters().plainBackslash(), custom);
        return functions.isEmpty() ? effects : effects | functions.effects(in, from, to);
    }

    /** Notes what the statement bound may do; its parameters may name a setting. */
    public void bound(int effects, ByteBuf in, int at, int nameEnd, long total) {
        state.touched(effects);
        if ((effects & Effects.BOUND_NAME) == 0) {
            return;
        }
        int end = (int) Math.min(in.writerIndex(), at + total);
        int index = nameEnd + 1;
        if (index + 2 > end) {
            state.touched(Effects.DYNAMIC_NAME);
            return;
        }
        index += 2 + 2 * in.getUnsignedShort(index);
        int count = index + 2 <= end ? in.getUnsignedShort(index) : 0;
        index += 2;
        for (int i = 0; i < count; i++) {
            int length = index + Integer.BYTES <= end ? in.getInt(index) : Integer.MAX_VALUE;
            index += Integer.BYTES;
            if (length > end - index) {
                // Cut off: what is set cannot be known.
                state.touched(Effects.DYNAMIC_NAME);
                return;
            }
            if (length > 0) {
                custom.add(in.toString(index, length, StandardCharsets.UTF_8));
                index += length;
            }
        }
    }
}

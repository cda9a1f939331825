package dev.weir.session.statement;

import dev.weir.server.ServerConnection;
import dev.weir.session.state.Effects;
import dev.weir.session.state.StateTracker;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;

/**
 * What the tag of a CommandComplete tells of the session's state, whatever the statement looked
 * like. SET is not among them: most are local, and {@link Effects} tell them apart.
 */
public final class CommandTags {
    private record Tag(byte[] text, int effects) {}

    private static final Tag[] CHANGING = {
        tag("RESET", Effects.SETTINGS),
        tag("PREPARE", Effects.PREPARED),
        tag("LISTEN", Effects.LISTEN),
        tag("LOAD", Effects.LASTING),
    };
    private static final byte[][] CHANGING_TABLES = {
        "ALTER ".getBytes(StandardCharsets.US_ASCII),
        "DROP ".getBytes(StandardCharsets.US_ASCII),
        ascii("CREATE VIEW"),
    };
    private static final byte[] DEALLOCATE_ALL = ascii("DEALLOCATE ALL");
    private static final byte[] DISCARD_ALL = ascii("DISCARD ALL");

    private CommandTags() {}

    private static Tag tag(String text, int effects) {
        return new Tag(ascii(text), effects);
    }

    private static byte[] ascii(String tag) {
        return (tag + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    /** Notes what the tag at {@code index} says; the whole message has arrived. */
    public static void note(
            ByteBuf in,
            int index,
            ServerConnection server,
            StatementOutcomes statements,
            StateTracker state) {
        // Perf: SELECT, INSERT, UPDATE, BEGIN and the like are told by two bytes.
        int start = in.getUnsignedShort(index);
        switch (start) {
            case ('R' << 8) | 'E',
                    ('P' << 8) | 'R',
                    ('L' << 8) | 'I',
                    ('L' << 8) | 'O',
                    ('D' << 8) | 'E',
                    ('D' << 8) | 'I',
                    ('D' << 8) | 'R',
                    ('A' << 8) | 'L',
                    ('C' << 8) | 'R' ->
                    compare(in, index, server, statements, state);
            default -> {}
        }
    }

    private static void compare(
            ByteBuf in,
            int index,
            ServerConnection server,
            StatementOutcomes statements,
            StateTracker state) {
        for (Tag tag : CHANGING) {
            if (is(tag.text(), in, index)) {
                state.touched(tag.effects());
                return;
            }
        }
        for (byte[] tag : CHANGING_TABLES) {
            if (is(tag, in, index)) {
                statements.tablesChanged();
                return;
            }
        }
        if (is(DEALLOCATE_ALL, in, index)) {
            statements.deallocatedAll(server);
        } else if (is(DISCARD_ALL, in, index)) {
            statements.deallocatedAll(server);
            state.discardedAll();
        }
    }

    private static boolean is(byte[] tag, ByteBuf in, int index) {
        if (in.writerIndex() - index < tag.length) {
            return false;
        }
        for (int i = 0; i < tag.length; i++) {
            if (in.getByte(index + i) != tag[i]) {
                return false;
            }
        }
        return true;
    }
}

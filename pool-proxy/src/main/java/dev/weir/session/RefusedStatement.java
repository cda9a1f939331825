package dev.weir.session;

import dev.weir.wire.ErrorFields;
import dev.weir.wire.Messages;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;

/**
 * A statement that Weir does not send. In the midst of a transaction PostgreSQL is made to fail
 * instead, so that the transaction fails as with any other error; its words are replaced.
 *
 * @param state what the client hears
 * @param sentence the same
 */
record RefusedStatement(SqlState state, String sentence) {
    /** Fails when it is read, before anything of it is carried out. */
    static final String FAILING = "SELECT 'refused by Weir'::pg_catalog.int4";

    /** It has no place on the replica on which its transaction is. */
    static final RefusedStatement TIES =
            new RefusedStatement(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "This READ ONLY transaction is on a replica, where advisory locks, currval, cursors WITH HOLD and the like mean nothing to others or cannot be kept. Put /* weir: primary */ in front of its BEGIN.");

    /** No parameters. */
    private static final byte[] NO_TYPES = new byte[2];

    /** Writes the same as a Parse of the unnamed statement. */
    static void parse(ByteBuf out) {
        byte[] text = (FAILING + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] rest = new byte[text.length + NO_TYPES.length];
        System.arraycopy(text, 0, rest, 0, text.length);
        Messages.parse(out, new byte[0], rest);
    }

    /** Whether the error is the one that was asked for; another may have come before it. */
    boolean caused(ErrorFields fields) {
        return fields.sqlState().equals("22P02");
    }

    void writeTo(ByteBuf out) {
        Messages.error(out, "ERROR", state.code(), sentence, null);
    }
}

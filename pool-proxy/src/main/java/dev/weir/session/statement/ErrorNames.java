package dev.weir.session.statement;

import dev.weir.server.ServerStatements;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Puts the client's name of a prepared statement where an error names the server connection's. */
public final class ErrorNames {
    private static final byte[] QUOTED =
            ('"' + ServerStatements.PREFIX).getBytes(StandardCharsets.US_ASCII);

    private ErrorNames() {}

    /**
     * Whether errors of this kind name a prepared statement. All others pass untouched, as they may
     * quote what the client itself has written.
     */
    public static boolean mayOccur(String sqlState) {
        return switch (sqlState) {
            // Does not exist, exists already, and a Bind with the wrong number of values.
            case "26000", "42P05", "08P01" -> true;
            default -> false;
        };
    }

    /**
     * The fields of an error with {@code clientName} in the place of Weir's names.
     *
     * @return null if none occurs
     */
    public static byte @Nullable [] rename(ByteBuf in, int index, int length, byte[] clientName) {
        byte[] fields = ByteBufUtil.getBytes(in, index, length);
        ByteArrayOutputStream out = new ByteArrayOutputStream(fields.length + clientName.length);
        boolean found = false;
        int at = 0;
        while (at < fields.length) {
            int close = startsQuoted(fields, at) ? closingQuote(fields, at + QUOTED.length) : -1;
            if (close < 0) {
                out.write(fields[at++]);
            } else {
                found = true;
                out.write('"');
                out.writeBytes(clientName);
                out.write('"');
                at = close + 1;
            }
        }
        return found ? out.toByteArray() : null;
    }

    private static boolean startsQuoted(byte[] fields, int at) {
        if (fields.length - at < QUOTED.length) {
            return false;
        }
        for (int i = 0; i < QUOTED.length; i++) {
            if (fields[at + i] != QUOTED[i]) {
                return false;
            }
        }
        return true;
    }

    /** Behind the prefix stands a number, or a question mark for a name that was never given. */
    private static int closingQuote(byte[] fields, int from) {
        for (int i = from; i < fields.length; i++) {
            byte c = fields[i];
            if (c == '"') {
                return i > from ? i : -1;
            }
            if ((c < '0' || c > '9') && c != '?') {
                return -1;
            }
        }
        return -1;
    }
}

package dev.weir.session.statement;

import dev.weir.server.Statement;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

/**
 * The named prepared statements of one session. Looked up by the bytes of a message in place, so
 * that a Bind costs no object. Confined to the client's loop.
 */
public final class StatementNames {
    /** PostgreSQL tells names by their first 63 bytes (NAMEDATALEN less one), whatever follows. */
    static final int SIGNIFICANT = 63;

    /**
     * One name of the client's.
     *
     * @param name without terminator, as the client sent it
     * @param statement what it stands for; null for a name that the client never prepared
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    public record Named(byte[] name, @Nullable Statement statement) {}

    private @Nullable Named[] table = new Named[0];
    private int count;
    private @Nullable Named last;

    /**
     * The statement under the name in {@code in} from {@code index}, {@code nameLength} bytes long;
     * null if there is none.
     */
    @Nullable Named find(ByteBuf in, int index, int nameLength) {
        int length = Math.min(nameLength, SIGNIFICANT);
        Named recent = last;
        if (recent != null && matches(recent.name(), in, index, length)) {
            return recent;
        }
        if (count == 0) {
            return null;
        }
        int mask = table.length - 1;
        for (int at = hash(in, index, length) & mask; ; at = (at + 1) & mask) {
            Named named = table[at];
            if (named == null) {
                return null;
            }
            if (matches(named.name(), in, index, length)) {
                last = named;
                return named;
            }
        }
    }

    /** The statement under this name; null if there is none. */
    @Nullable Named find(byte[] name) {
        return count == 0 ? null : find(Unpooled.wrappedBuffer(name), 0, name.length);
    }

    void put(Named named) {
        if (count * 2 >= table.length) {
            rehash(Math.max(8, table.length * 2));
        }
        place(named);
        count++;
        last = named;
    }

    void remove(Named named) {
        last = null;
        int mask = table.length - 1;
        for (int i = 0; i <= mask; i++) {
            if (table[i] == named) {
                table[i] = null;
                count--;
                rehash(table.length);
                return;
            }
        }
    }

    void clear() {
        table = new Named[0];
        count = 0;
        last = null;
    }

    int size() {
        return count;
    }

    private void rehash(int length) {
        @Nullable Named[] old = table;
        table = new Named[length];
        for (Named named : old) {
            if (named != null) {
                place(named);
            }
        }
    }

    private void place(Named named) {
        int mask = table.length - 1;
        int at = hash(named.name()) & mask;
        while (table[at] != null) {
            at = (at + 1) & mask;
        }
        table[at] = named;
    }

    private static boolean matches(byte[] name, ByteBuf in, int index, int length) {
        if (Math.min(name.length, SIGNIFICANT) != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (in.getByte(index + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    private static int hash(byte[] name) {
        int hash = 1;
        for (int i = 0; i < Math.min(name.length, SIGNIFICANT); i++) {
            hash = 31 * hash + name[i];
        }
        return spread(hash);
    }

    private static int hash(ByteBuf in, int index, int length) {
        int hash = 1;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + in.getByte(index + i);
        }
        return spread(hash);
    }

    private static int spread(int hash) {
        return hash ^ (hash >>> 16);
    }

    /** A copy of a name that stands in a message. */
    static byte[] copy(ByteBuf in, int index, int length) {
        return ByteBufUtil.getBytes(in, index, length, true);
    }
}

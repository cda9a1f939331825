package dev.weir.session.statement;

import dev.weir.wire.FrontendMessage;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

/**
 * How much of a Parse, Bind, Describe or Close must have arrived before it can be handled, and
 * where in it the name of a statement stands. Confined to the client's loop.
 */
final class StatementMessages {
    /**
     * The longest names of a portal and a statement together; PostgreSQL itself has no bound but
     * the message's.
     */
    private static final int MAX_NAMES = 16 * 1024;

    /**
     * A longer Query may do anything, and so may a longer Bind of a setting's name: they are not
     * gathered to be looked at.
     */
    static final int MAX_LOOKED_AT = 64 * 1024;

    private final boolean translate;
    private final int maxStatementSize;
    private long needed;

    /**
     * The messages of one session.
     *
     * @param translate whether names of statements are looked at
     * @param maxStatementSize bytes up to which a Parse is kept
     */
    StatementMessages(boolean translate, int maxStatementSize) {
        this.translate = translate;
        this.maxStatementSize = maxStatementSize;
    }

    /**
     * Whether enough of the message has arrived to handle it; if not, {@link #needed} says how much
     * to wait for.
     */
    boolean complete(ByteBuf in, int at, int end, FrontendMessage type, long total)
            throws ProtocolException {
        if (!translate && type != FrontendMessage.DESCRIBE) {
            return true;
        }
        return switch (type) {
            case QUERY -> {
                needed = total;
                yield total <= end - at || total > MAX_LOOKED_AT;
            }
            case PARSE -> parseComplete(in, at, end, total);
            case BIND -> bindComplete(in, at, end, total);
            case DESCRIBE, CLOSE -> {
                needed = total;
                yield total <= end - at;
            }
            default -> true;
        };
    }

    private boolean parseComplete(ByteBuf in, int at, int end, long total)
            throws ProtocolException {
        if (total <= end - at) {
            return true;
        }
        boolean nameBegun = end - at > FrontendMessage.HEADER;
        boolean unnamed = nameBegun && in.getByte(at + FrontendMessage.HEADER) == 0;
        if (total <= maxStatementSize) {
            needed = total;
            return false;
        }
        if (unnamed) {
            return true;
        }
        if (nameBegun) {
            throw new ProtocolException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a named prepared statement of %d bytes is larger than max-statement-size (%d bytes); prepare it unnamed, or raise the limit"
                            .formatted(total, maxStatementSize));
        }
        needed = FrontendMessage.HEADER + 1;
        return false;
    }

    private boolean bindComplete(ByteBuf in, int at, int end, long total) throws ProtocolException {
        int nameAt = nameAt(in, at, end, FrontendMessage.BIND, total);
        if (total <= end - at || (nameAt >= 0 && terminator(in, nameAt, at, end, total) >= 0)) {
            return true;
        }
        if (end - at > MAX_NAMES) {
            throw new ProtocolException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "the names in a Bind message are longer than %d bytes".formatted(MAX_NAMES));
        }
        needed = end - at + 1L;
        return false;
    }

    long needed() {
        return needed;
    }

    /**
     * Where the name of a statement begins in a message that is complete; -1 if none is in it, be
     * it that it is a portal's or that the message is malformed.
     */
    int nameAt(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        int body = at + FrontendMessage.HEADER;
        if (!translate || end <= body) {
            return -1;
        }
        int nameAt =
                switch (type) {
                    case PARSE -> body;
                    case BIND -> terminator(in, body, at, end, total) + 1;
                    case DESCRIBE, CLOSE -> in.getByte(body) == 'S' ? body + 1 : 0;
                    default -> 0;
                };
        return nameAt > 0 && nameAt < Math.min(end, at + total) ? nameAt : -1;
    }

    /**
     * The index of the zero byte that ends the text at {@code from}; -1 if it has not arrived or is
     * missing.
     */
    static int terminator(ByteBuf in, int from, int at, int end, long total) {
        int bound = (int) Math.min(end, at + total);
        return from < 0 || from >= bound ? -1 : in.indexOf(from, bound, (byte) 0);
    }
}

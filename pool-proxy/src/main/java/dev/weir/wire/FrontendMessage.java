package dev.weir.wire;

import org.jspecify.annotations.Nullable;

/**
 * The messages that a client may send after its login (manual section 54.7), each with its length
 * limit.
 *
 * <p>Each bound is the one PostgreSQL itself applies, so that Weir refuses nothing that PostgreSQL
 * would take and lets nothing pass that it would not.
 */
public enum FrontendMessage {
    BIND('B', Limit.LARGE),
    CLOSE('C', Limit.SMALL),
    COPY_DATA('d', Limit.LARGE),
    COPY_DONE('c', Limit.SMALL),
    COPY_FAIL('f', Limit.SMALL),
    DESCRIBE('D', Limit.SMALL),
    EXECUTE('E', Limit.SMALL),
    FLUSH('H', Limit.SMALL),
    FUNCTION_CALL('F', Limit.LARGE),
    PARSE('P', Limit.LARGE),
    PASSWORD('p', Limit.PASSWORD),
    QUERY('Q', Limit.LARGE),
    SYNC('S', Limit.SMALL),
    TERMINATE('X', Limit.SMALL);

    /** Bytes of a message's type and length together. */
    public static final int HEADER = 5;

    /** What the length field counts of itself. */
    public static final int LENGTH_FIELD = 4;

    private static final @Nullable FrontendMessage[] BY_CODE = new FrontendMessage[256];

    static {
        for (FrontendMessage message : values()) {
            BY_CODE[message.code & 0xff] = message;
        }
    }

    private final byte code;
    private final int limit;

    FrontendMessage(char code, int limit) {
        this.code = (byte) code;
        this.limit = limit;
    }

    /** The first byte of the message. */
    public byte code() {
        return code;
    }

    /**
     * The message whose first byte is {@code code}.
     *
     * @return null if no client message starts so
     */
    public static @Nullable FrontendMessage of(byte code) {
        return BY_CODE[code & 0xff];
    }

    /**
     * Whether {@code length}, the field that counts itself and the body, is one that this message
     * may have.
     *
     * @param max the operator's own bound in bytes
     */
    public boolean allows(int length, int max) {
        return length >= LENGTH_FIELD && length <= Math.min(limit, max);
    }

    private static final class Limit {
        /** PQ_SMALL_MESSAGE_LIMIT. */
        static final int SMALL = 10_000;

        /** PQ_LARGE_MESSAGE_LIMIT, one byte below 1 GiB. */
        static final int LARGE = 0x3fff_ffff;

        /** Room for tokens that cloud providers use as passwords. */
        static final int PASSWORD = 65_535;
    }
}

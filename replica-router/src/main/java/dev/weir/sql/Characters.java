package dev.weir.sql;

/** What a byte may be part of (manual section 4.1). */
final class Characters {
    static final int BLANK = 1;
    static final int DIGIT = 1 << 1;
    static final int HEX_DIGIT = 1 << 2;

    /** Begins an identifier. */
    static final int START = 1 << 3;

    /** Goes on with one. */
    static final int PART = 1 << 4;

    static final int OPERATOR = 1 << 5;

    private static final byte[] KINDS = kinds();

    private Characters() {}

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        for (int b = 0; b < 256; b++) {
            boolean digit = b >= '0' && b <= '9';
            boolean letter = (b | 0x20) >= 'a' && (b | 0x20) <= 'z' && b < 128;
            boolean start = letter || b == '_' || b >= 128;
            int kind = b == ' ' || (b >= '\t' && b <= '\r') ? BLANK : 0;
            kind |= digit ? DIGIT | HEX_DIGIT | PART : 0;
            kind |= letter && (b | 0x20) <= 'f' ? HEX_DIGIT : 0;
            kind |= start ? START | PART : 0;
            kind |= b == '$' ? PART : 0;
            kind |= b > 0 && "~!@#^&|`?+-*/%<>=".indexOf(b) >= 0 ? OPERATOR : 0;
            kinds[b] = (byte) kind;
        }
        return kinds;
    }

    /**
     * Whether it is of one of these kinds.
     *
     * @param b 0 to 255, or -1 behind the end, which is of none
     */
    static boolean is(int b, int kinds) {
        return b >= 0 && (KINDS[b] & kinds) != 0;
    }

    /** The same for a byte as it stands in an array. */
    static boolean is(byte b, int kinds) {
        return (KINDS[b & 0xff] & kinds) != 0;
    }
}

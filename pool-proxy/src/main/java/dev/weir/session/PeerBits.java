package dev.weir.session;

/**
 * How the process number in a cancel key tells which of several Weir processes its session is at: a
 * positive number, of which 14 bits are the process, 2 the hops that a request may still make, and
 * 13 random. The secret beside it is random as ever.
 */
final class PeerBits {
    /** Over how many processes a request may be passed on before it is dropped. */
    static final int MAX_HOPS = 3;

    private static final int PEER_SHIFT = 17;

    private PeerBits() {}

    /** The number in a new key; {@code random} fills what is free in it. */
    static int number(int peer, int random) {
        return (peer << PEER_SHIFT) | (random & ((1 << PEER_SHIFT) - 1)) | MAX_HOPS;
    }

    /** Which process the key is of. */
    static int peer(int number) {
        return number >>> PEER_SHIFT;
    }

    static int hops(int number) {
        return number & MAX_HOPS;
    }

    /** The number as it is in the key that the client was given. */
    static int original(int number) {
        return number | MAX_HOPS;
    }
}

package dev.weir.session.state;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import java.util.stream.Stream;

/**
 * What a statement may do to the state that a session keeps beyond its transaction, as a set of
 * bits: reason enough to look at the server afterwards, never a proof. What a statement says
 * outside of strings and comments is looked at; what the functions do that it calls is not seen.
 */
public final class Effects {
    public static final int NONE = 0;

    /** Run-time settings, the role and the session's authorization. */
    public static final int SETTINGS = 1;

    /** Statements prepared by SQL. */
    public static final int PREPARED = 1 << 1;

    /** Temporary relations, functions and types. */
    static final int TEMPORARY = 1 << 2;

    /** Advisory locks that outlive the transaction. */
    static final int ADVISORY = 1 << 3;

    /** Cursors that outlive the transaction. */
    static final int CURSOR = 1 << 4;

    /** Channels listened to. */
    public static final int LISTEN = 1 << 5;

    /** What can be asked of the server afterwards. */
    static final int CAPTURED = SETTINGS | PREPARED | TEMPORARY | ADVISORY | CURSOR | LISTEN;

    /** The last values of sequences are asked for. */
    static final int SEQUENCE = 1 << 6;

    /** A library is loaded, the random generator seeded, or the like: nothing takes that back. */
    public static final int LASTING = 1 << 7;

    /** Does what some statement does that the session has prepared by SQL. */
    static final int EXECUTE = 1 << 8;

    /** May end what pins the session. */
    static final int DROP = 1 << 9;

    /** Sets something back to what the session started with. */
    static final int RESET = 1 << 10;

    /** May set settings of whatever name, which no view of the server's lists. */
    static final int UNNAMED = 1 << 11;

    /** Sets a setting whose name is the value of an expression. */
    static final int DYNAMIC_NAME = 1 << 13;

    /** Sets a setting whose name is a parameter's value. */
    public static final int BOUND_NAME = 1 << 12;

    /** Changes settings up to the end of the transaction. */
    static final int LOCAL = 1 << 14;

    /** Calls a function that the configuration names: nothing is known of what it leaves. */
    public static final int FUNCTION = 1 << 15;

    /** Advisory locks that end with the transaction. */
    static final int TRANSACTION_LOCK = 1 << 16;

    /** Opens a cursor that outlives the transaction. */
    static final int HELD_CURSOR = 1 << 17;

    static final int ANYTHING = CAPTURED | RESET | UNNAMED;

    /** What means something on the primary only, or ties the session to the server connection. */
    private static final int TYING =
            ADVISORY
                    | TRANSACTION_LOCK
                    | HELD_CURSOR
                    | SEQUENCE
                    | LASTING
                    | DYNAMIC_NAME
                    | FUNCTION;

    /** Bytes at which the fast path has to look twice. */
    private static final boolean[] HOT = new boolean[256];

    /**
     * First words of statements that do nothing of all this, but for the functions they call, the
     * usual ones first; five bits a letter.
     */
    private static final long[] HARMLESS =
            Stream.of(
                            "select",
                            "update",
                            "insert",
                            "delete",
                            "begin",
                            "commit",
                            "with",
                            "rollback",
                            "end",
                            "start",
                            "fetch",
                            "savepoint",
                            "release",
                            "values",
                            "copy",
                            "abort",
                            "show",
                            "table",
                            "merge",
                            "truncate",
                            "move")
                    .mapToLong(Effects::packed)
                    .toArray();

    private static final int LONGEST_WORD = 12;

    static {
        for (char c : "_;vVpPdD&".toCharArray()) {
            HOT[c] = true;
        }
    }

    private Effects() {}

    /**
     * The effects of the text in {@code in}.
     *
     * @param from the first byte
     * @param to behind the last, without terminator
     * @param plainBackslash whether a backslash in a plain string means itself
     * @param custom hears the names of custom settings that it sets
     */
    static int of(ByteBuf in, int from, int to, boolean plainBackslash, CustomSettings custom) {
        if (plainBackslash && harmless(in, from, to)) {
            return NONE;
        }
        return of(ByteBufUtil.getBytes(in, from, to - from), plainBackslash, custom);
    }

    /**
     * Whether a statement with these effects surely has no place on a replica; of one that may do
     * {@link #ANYTHING} that cannot be said.
     */
    public static boolean tie(int effects) {
        return (effects & ((effects & ANYTHING) == ANYTHING ? TYING & ~ADVISORY : TYING)) != NONE;
    }

    // ---- the fast path ----

    /** Perf: for nearly all statements one pass over the bytes tells that nothing is to be done. */
    private static boolean harmless(ByteBuf in, int from, int to) {
        int at = from;
        while (at < to && blank(in.getByte(at))) {
            at++;
        }
        if (!beginsHarmless(in, at, to)) {
            return at == to;
        }
        for (; at < to; at++) {
            byte b = in.getByte(at);
            if (HOT[b & 0xff] && suspicious(in, at, from, to)) {
                return false;
            }
        }
        return true;
    }

    private static boolean blank(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }

    private static boolean beginsHarmless(ByteBuf in, int from, int to) {
        long word = 0;
        int at = from;
        while (at < to && letter(in.getByte(at))) {
            if (at - from == LONGEST_WORD) {
                return false;
            }
            word = word << 5 | (in.getByte(at) & 0x1f);
            at++;
        }
        for (long harmless : HARMLESS) {
            if (word == harmless) {
                return true;
            }
        }
        return false;
    }

    private static long packed(String word) {
        return word.chars().asLongStream().reduce(0, (packed, c) -> packed << 5 | (c & 0x1f));
    }

    private static boolean letter(byte b) {
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'z';
    }

    private static boolean suspicious(ByteBuf in, int at, int from, int to) {
        return switch (in.getByte(at)) {
            case ';' -> !onlyBlanks(in, at + 1, to);
            case '_' -> {
                int before = at > from ? in.getByte(at - 1) | 0x20 : 0;
                int after = at + 1 < to ? in.getByte(at + 1) | 0x20 : 0;
                yield switch (after) {
                    // set_config, dblink_connect
                    case 'c' -> before == 't' || before == 'k';
                    // pg_settings, pg_temp
                    case 's', 't' -> before == 'g';
                    // pg_advisory_lock, pg_try_advisory_lock
                    case 'a' -> before == 'g' || before == 'y';
                    default -> false;
                };
            }
            case 'v', 'V' -> ends(in, at, from, "currv") || ends(in, at, from, "lastv");
            case 'p', 'P' -> ends(in, at, from, "temp");
            case 'd', 'D' -> ends(in, at, from, "setseed");
            default -> at > from && (in.getByte(at - 1) | 0x20) == 'u';
        };
    }

    private static boolean onlyBlanks(ByteBuf in, int from, int to) {
        for (int at = from; at < to; at++) {
            if (!blank(in.getByte(at))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the text up to and with {@code at} ends so, whatever its case. */
    private static boolean ends(ByteBuf in, int at, int from, String lowerCase) {
        int length = lowerCase.length();
        if (at - from + 1 < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if ((in.getByte(at - length + 1 + i) | 0x20) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    // ---- the thorough path ----

    /** The effects of a text of any length, of one statement or several. */
    static int of(byte[] text, boolean plainBackslash, CustomSettings custom) {
        return new EffectsReader(text, custom).read(plainBackslash);
    }
}

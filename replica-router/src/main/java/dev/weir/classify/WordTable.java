package dev.weir.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * Marks of words, found by a word's bytes where they stand in a statement, without making an object
 * of it. Immutable; any thread may use it.
 */
final class WordTable {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** The bit that tells small letters from capital ones, in each byte. */
    private static final long LOWER = 0x2020_2020_2020_2020L;

    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    private final byte[][] words;
    private final int[] hashes;
    private final int[] marks;
    private final int mask;

    /**
     * @param entries a mark, not 0, for each word
     */
    WordTable(Map<String, Integer> entries) {
        int size = Integer.highestOneBit(Math.max(8, entries.size() * 4));
        words = new byte[size][];
        hashes = new int[size];
        marks = new int[size];
        mask = size - 1;
        entries.forEach((word, mark) -> {
            byte[] bytes = word.getBytes(UTF_8);
            int hash = hash(bytes, 0, bytes.length);
            int slot = hash & mask;
            while (words[slot] != null) {
                slot = (slot + 1) & mask;
            }
            words[slot] = bytes;
            hashes[slot] = hash;
            marks[slot] = mark;
        });
    }

    /** The hash of a word, the same whatever the case of its letters. */
    static int hash(byte[] text, int from, int to) {
        // Perf: not each byte, of which every one would wait for the one before. What has the same
        // ends and the same length is told apart by looking at it.
        int length = to - from;
        long bits;
        if (length >= Long.BYTES) {
            bits =
                    ((long) LONGS.get(text, from) | LOWER) * MIX
                            + ((long) LONGS.get(text, to - Long.BYTES) | LOWER);
        } else if (length >= Integer.BYTES) {
            bits =
                    ((long) (int) INTS.get(text, from) << Integer.SIZE
                                    | ((int) INTS.get(text, to - Integer.BYTES) & 0xffff_ffffL))
                            | LOWER;
        } else if (length > 0) {
            bits =
                    (text[from] & 0xffL
                                    | (text[from + length / 2] & 0xffL) << 8
                                    | (text[to - 1] & 0xffL) << 16)
                            | LOWER;
        } else {
            bits = 0;
        }
        long mixed = (bits + length) * MIX;
        return (int) (mixed ^ (mixed >>> 32));
    }

    /**
     * The mark of a word; 0 if it has none.
     *
     * @param hash as {@link #hash} gives it for the same word
     * @param folded whether capital ASCII letters stand for small ones
     */
    int mark(byte[] text, int from, int to, int hash, boolean folded) {
        for (int slot = hash & mask; words[slot] != null; slot = (slot + 1) & mask) {
            if (hashes[slot] == hash && same(words[slot], text, from, to, folded)) {
                return marks[slot];
            }
        }
        return 0;
    }

    private static boolean same(byte[] word, byte[] text, int from, int to, boolean folded) {
        if (!folded) {
            return Arrays.equals(word, 0, word.length, text, from, to);
        }
        if (word.length != to - from) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            byte b = text[from + i];
            if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != word[i]) {
                return false;
            }
        }
        return true;
    }
}

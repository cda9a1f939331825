package dev.weir.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Map;

/**
 * Marks of words, found by a word's bytes where they stand in a statement, without making an object
 * of it. Immutable; any thread may use it.
 */
final class WordTable {
    private static final int PRIME = 16777619;
    private static final int BASIS = 0x811c9dc5;

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
            int hash = hash(bytes, 0, bytes.length, false);
            int slot = hash & mask;
            while (words[slot] != null) {
                slot = (slot + 1) & mask;
            }
            words[slot] = bytes;
            hashes[slot] = hash;
            marks[slot] = mark;
        });
    }

    /** The hash of a word; {@code folded} takes ASCII letters for small ones. */
    static int hash(byte[] text, int from, int to, boolean folded) {
        int hash = BASIS;
        for (int i = from; i < to; i++) {
            byte b = text[i];
            if (folded && b >= 'A' && b <= 'Z') {
                b += 32;
            }
            hash = (hash ^ b) * PRIME;
        }
        return hash ^ (hash >>> 15);
    }

    /**
     * The mark of a word; 0 if it has none.
     *
     * @param hash as {@link #hash} gives it for the same word and the same {@code folded}
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

package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Locale;

/** Finds what somebody meant to type. */
final class Spelling {
    private Spelling() {}

    /**
     * The candidate that differs least from {@code typed}; null if none is near. Case and
     * PgBouncer's underscores make no difference.
     */
    static @Nullable String nearest(String typed, Collection<String> candidates) {
        String wanted = typed.toLowerCase(Locale.ROOT).replace('_', '-').strip();
        String best = null;
        int least = Math.max(2, wanted.length() / 3) + 1;
        for (String candidate : candidates) {
            int distance = distance(wanted, candidate, least);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    /** Characters to add, drop, change, or swap with their neighbour; {@code limit} if as many. */
    private static int distance(String a, String b, int limit) {
        if (Math.abs(a.length() - b.length()) >= limit) {
            return limit;
        }
        int[][] rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : cell(rows, a, b, i, j);
            }
        }
        return Math.min(limit, rows[a.length()][b.length()]);
    }

    private static int cell(int[][] rows, String a, String b, int i, int j) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
                Math.min(rows[i - 1][j - 1] + change, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        boolean swapped =
                i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, rows[i - 2][j - 2] + 1) : least;
    }
}

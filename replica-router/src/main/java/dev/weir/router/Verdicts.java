package dev.weir.router;

import dev.weir.classify.Catalog;
import dev.weir.classify.Classifier;
import dev.weir.classify.Verdict;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** What has been found out about texts, under one state of the catalog. Any thread may use it. */
final class Verdicts {
    /** Texts that are remembered; past this all are found out again. */
    private static final int MOST = 10_000;

    /** Longer texts are found out each time. */
    private static final int LONGEST = 8 * 1024;

    private record Known(Catalog catalog, ConcurrentMap<Text, Verdict> verdicts) {}

    private volatile Known known = new Known(Catalog.unknown(), new ConcurrentHashMap<>());

    /** Another state of the catalog counts from now on. */
    void catalog(Catalog next) {
        known = new Known(next, new ConcurrentHashMap<>());
    }

    Verdict of(byte[] text) {
        Known now = known;
        if (text.length > LONGEST) {
            return Classifier.classify(text, now.catalog());
        }
        Text key = new Text(text);
        Verdict verdict = now.verdicts().get(key);
        if (verdict == null) {
            verdict = Classifier.classify(text, now.catalog());
            remember(now, key, verdict);
        }
        return verdict;
    }

    void remember(byte[] text, Verdict verdict) {
        if (text.length <= LONGEST) {
            remember(known, new Text(text), verdict);
        }
    }

    private static void remember(Known now, Text key, Verdict verdict) {
        if (now.verdicts().size() >= MOST) {
            now.verdicts().clear();
        }
        now.verdicts().put(key, verdict);
    }

    /** Equal to others with the same bytes. */
    private static final class Text {
        private final byte[] bytes;
        private final int hash;

        Text(byte[] bytes) {
            this.bytes = bytes;
            this.hash = Arrays.hashCode(bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Text that
                    && hash == that.hash
                    && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}

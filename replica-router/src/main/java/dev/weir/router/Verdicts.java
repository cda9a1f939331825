package dev.weir.router;

import dev.weir.classify.Catalog;
import dev.weir.classify.Classifier;
import dev.weir.classify.Reason;
import dev.weir.classify.Route;
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

    private record Known(
            Catalog catalog,
            ConcurrentMap<Text, Verdict> verdicts,
            ConcurrentMap<Text, Verdict> asked) {
        Known(Catalog catalog) {
            this(catalog, new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }

        /** What sessions have that do, or do not, ask for a replica. */
        ConcurrentMap<Text, Verdict> of(boolean replica) {
            return replica ? asked : verdicts;
        }
    }

    private volatile Known known = new Known(Catalog.unknown());

    /** Another state of the catalog counts from now on. */
    void catalog(Catalog next) {
        known = new Known(next);
    }

    /**
     * The verdict about a text.
     *
     * @param replica whether its session asks for a replica
     */
    Verdict of(byte[] text, boolean replica) {
        Known now = known;
        if (text.length > LONGEST) {
            return find(text, now.catalog(), replica);
        }
        Text key = new Text(text);
        Verdict verdict = now.of(replica).get(key);
        if (verdict == null) {
            verdict = find(text, now.catalog(), replica);
            remember(now.of(replica), key, verdict);
        }
        return verdict;
    }

    private static Verdict find(byte[] text, Catalog catalog, boolean replica) {
        Route hint = Route.hint(text);
        if (hint == Route.PRIMARY) {
            return Verdict.of(Reason.HINT);
        }
        return hint == Route.REPLICA || (replica && hint == null)
                ? Classifier.lenient(text, catalog)
                : Classifier.classify(text, catalog);
    }

    void remember(byte[] text, Verdict verdict) {
        if (text.length <= LONGEST) {
            Known now = known;
            remember(now.verdicts(), new Text(text), verdict);
            remember(now.asked(), new Text(text), verdict);
        }
    }

    private static void remember(ConcurrentMap<Text, Verdict> where, Text key, Verdict verdict) {
        if (where.size() >= MOST) {
            where.clear();
        }
        where.put(key, verdict);
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

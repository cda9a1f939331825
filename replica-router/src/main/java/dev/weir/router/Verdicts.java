package dev.weir.router;

import dev.weir.classify.Catalog;
import dev.weir.classify.Classifier;
import dev.weir.classify.Reason;
import dev.weir.classify.Route;
import dev.weir.classify.Verdict;
import dev.weir.sql.Shape;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What has been found out about texts, under one state of the catalog. Any thread may use it. */
final class Verdicts {
    /** Texts that are remembered; past this all are found out again. */
    private static final int MOST = 10_000;

    /** Longer texts are found out each time. */
    private static final int LONGEST = 8 * 1024;

    /** Texts of one shape that are remembered themselves; of more of them only the shape is. */
    private static final int VARIANTS = 16;

    /**
     * A verdict that holds for all texts of a shape.
     *
     * @param variants how many of them are remembered themselves
     */
    private record Shared(Verdict verdict, AtomicInteger variants) {
        Shared(Verdict verdict) {
            this(verdict, new AtomicInteger());
        }
    }

    private record Found(ConcurrentMap<Text, Verdict> texts, ConcurrentMap<Text, Shared> shapes) {
        Found() {
            this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }
    }

    /**
     * What is known under one state of the catalog.
     *
     * @param verdicts what sessions have that do not ask for a replica
     * @param asked what those have that do
     */
    private record Known(Catalog catalog, Found verdicts, Found asked) {
        Known(Catalog catalog) {
            this(catalog, new Found(), new Found());
        }

        Found of(boolean replica) {
            return replica ? asked : verdicts;
        }
    }

    /** Another one whenever a verdict may have become another: its identity tells. */
    private volatile Known known = new Known(Catalog.unknown());

    /** Another state of the catalog counts from now on. */
    synchronized void catalog(Catalog next) {
        known = new Known(next);
    }

    /**
     * The same as {@link #of}, of the texts of one session.
     *
     * @param last what it has asked last
     */
    Verdict of(byte[] text, boolean replica, LastVerdict last) {
        Known now = known;
        Verdict found = last.about(text, replica, now);
        if (found == null) {
            found = of(text, replica, now);
            last.was(text, replica, now, found);
        }
        return found;
    }

    /**
     * The verdict about a text.
     *
     * @param replica whether its session asks for a replica
     */
    Verdict of(byte[] text, boolean replica) {
        return of(text, replica, known);
    }

    private static Verdict of(byte[] text, boolean replica, Known now) {
        if (text.length > LONGEST) {
            return find(text, now.catalog(), replica);
        }
        Found found = now.of(replica);
        Text key = new Text(text);
        Verdict verdict = found.texts().get(key);
        return verdict != null ? verdict : byShape(key, now, found, replica);
    }

    private static Verdict byShape(Text key, Known now, Found found, boolean replica) {
        Text shape = shape(key);
        Shared shared = shape == null ? null : found.shapes().get(shape);
        Verdict verdict =
                shared == null ? find(key.bytes(), now.catalog(), replica) : shared.verdict();
        if (shape != null && shared == null) {
            shared = new Shared(verdict);
            put(found.shapes(), shape, shared);
        }
        if (shared == null
                || (shared.variants().get() < VARIANTS
                        && shared.variants().getAndIncrement() < VARIANTS)) {
            put(found.texts(), key, verdict);
        }
        return verdict;
    }

    private static @Nullable Text shape(Text key) {
        byte[] shape = Shape.of(key.bytes());
        return shape == null ? null : new Text(shape);
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

    /** Takes a verdict for the one about a text, and all of its shape. */
    synchronized void remember(byte[] text, Verdict verdict) {
        if (text.length > LONGEST) {
            return;
        }
        Known now = known;
        Text key = new Text(text);
        Text shape = shape(key);
        for (Found found : new Found[] {now.verdicts(), now.asked()}) {
            if (shape != null) {
                // Texts of it may be remembered already, and nothing tells which.
                found.texts().clear();
                put(found.shapes(), shape, new Shared(verdict));
            }
            put(found.texts(), key, verdict);
        }
        known = new Known(now.catalog(), now.verdicts(), now.asked());
    }

    private static <V> void put(ConcurrentMap<Text, V> where, Text key, V value) {
        if (where.size() >= MOST) {
            where.clear();
        }
        where.put(key, value);
    }

    /** Equal to others with the same bytes. */
    private static final class Text {
        private final byte[] bytes;
        private final int hash;

        Text(byte[] bytes) {
            this.bytes = bytes;
            this.hash = Arrays.hashCode(bytes);
        }

        byte[] bytes() {
            return bytes;
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

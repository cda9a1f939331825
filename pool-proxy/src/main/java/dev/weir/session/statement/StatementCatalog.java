package dev.weir.session.statement;

import dev.weir.server.SessionState;
import dev.weir.server.Statement;
import dev.weir.session.state.Effects;

import org.jspecify.annotations.Nullable;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One object for equal statements of all sessions, for as long as any session or server connection
 * has it: ten thousand sessions of one application share their statements' text. Any thread may use
 * it; it is on the path of Parse only.
 */
public final class StatementCatalog {
    private final ConcurrentMap<Key, Key> known = new ConcurrentHashMap<>();
    private final ReferenceQueue<Statement> gone = new ReferenceQueue<>();

    private final AtomicInteger version = new AtomicInteger();

    /**
     * What a Parse means now.
     *
     * @param definition the bytes behind the message's name
     * @param settings those that the text is read under
     * @param effects what its execution may do, see {@link Effects}
     */
    Statement parsed(byte[] definition, SessionState settings, int effects) {
        return new Statement(definition, settings, version.get(), effects);
    }

    /** Tables have changed: what is parsed from now on is not what was parsed before. */
    void changed() {
        version.incrementAndGet();
    }

    /** The object that stands for {@code statement}, which may be itself. */
    Statement shared(Statement statement) {
        for (Object dead = gone.poll(); dead != null; dead = gone.poll()) {
            known.remove(dead);
        }
        Key key = new Key(statement, gone);
        while (true) {
            Key other = known.putIfAbsent(key, key);
            if (other == null) {
                return statement;
            }
            Statement shared = other.get();
            if (shared != null) {
                return shared;
            }
            known.remove(other);
        }
    }

    /**
     * Whoever prepares the same text from now on shall get another object than {@code statement},
     * and with it a plan of its own, on every server connection. Those who have it keep it.
     */
    void retire(Statement statement) {
        Key key = known.get(new Key(statement, null));
        if (key != null && key.get() == statement) {
            known.remove(key, key);
        }
    }

    int size() {
        return known.size();
    }

    /**
     * Equal to a key of an equal statement while that lives; afterwards only to itself, to be
     * removed.
     */
    private static final class Key extends WeakReference<Statement> {
        private final int hash;

        Key(Statement statement, @Nullable ReferenceQueue<Statement> queue) {
            super(statement, queue);
            hash = statement.contentHash();
        }

        @Override
        public boolean equals(Object other) {
            if (this == other) {
                return true;
            }
            if (!(other instanceof Key key) || hash != key.hash) {
                return false;
            }
            Statement mine = get();
            Statement theirs = key.get();
            return mine != null && theirs != null && mine.sameAs(theirs);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}

package dev.weir.session;

import dev.weir.server.SessionState;
import dev.weir.server.Statement;

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
final class StatementCatalog {
    private final ConcurrentMap<Key, Key> known = new ConcurrentHashMap<>();
    private final AtomicInteger version = new AtomicInteger();
    private final ReferenceQueue<Statement> gone = new ReferenceQueue<>();

    /**
     * What a Parse means now.
     *
     * @param definition the bytes behind the message's name
     * @param settings those that the text is read under
     * @param effects what its execution may do, see {@link Effects}
     */
    Statement shared(byte[] definition, SessionState settings, int effects) {
        return shared(new Statement(definition, settings, version.get(), effects));
    }

    /** Tables have changed: what is parsed from now on is not what was parsed before. */
    void changed() {
        version.incrementAndGet();
    }

    /**
     * A server has refused to execute {@code statement}, because its result is no longer the same.
     */
    void outdated(Statement statement) {
        if (!statement.outdated()) {
            statement.outdate();
            changed();
        }
    }

    private Statement shared(Statement statement) {
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
     * Equal to a key of an equal statement while that lives; afterwards only to itself, to be
     * removed.
     */
    private static final class Key extends WeakReference<Statement> {
        private final int hash;

        Key(Statement statement, ReferenceQueue<Statement> queue) {
            super(statement, queue);
            hash = statement.hashCode();
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
            return mine != null && theirs != null && mine.equals(theirs);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}

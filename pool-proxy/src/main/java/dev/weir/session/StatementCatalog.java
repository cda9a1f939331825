package dev.weir.session;

import dev.weir.server.Statement;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * One object for equal statements of all sessions, for as long as any session or server connection
 * has it: ten thousand sessions of one application share their statements' text. Any thread may use
 * it; it is on the path of Parse only.
 */
final class StatementCatalog {
    private final ConcurrentMap<Key, Key> known = new ConcurrentHashMap<>();
    private final ReferenceQueue<Statement> gone = new ReferenceQueue<>();

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

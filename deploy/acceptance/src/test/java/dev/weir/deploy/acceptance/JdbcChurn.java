package dev.weir.deploy.acceptance;

import dev.weir.app.Weir;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Other clients that hold all server connections of a pool but one in transactions of their own: so
 * the test says on which server connection a client's next transaction runs. Its client must be
 * outside a transaction at each {@link #turn}.
 */
final class JdbcChurn implements AutoCloseable {
    private final List<Connection> holders = new ArrayList<>();
    private final List<Integer> backends = new ArrayList<>();
    private final Set<Integer> freed = new LinkedHashSet<>();
    private int free;

    /** Takes all of the pool's {@code size} server connections, and lets one go. */
    JdbcChurn(Weir weir, int size) throws SQLException {
        for (int i = 0; i < size; i++) {
            Connection holder = JdbcStage.through(weir, "ApplicationName=holder");
            holder.setAutoCommit(false);
            holders.add(holder);
            backends.add(JdbcStage.backend(holder));
        }
        if (Set.copyOf(backends).size() != size) {
            throw new AssertionError("not a server connection each: " + backends);
        }
        letGo(0);
    }

    /** From now on the next one of the server connections is the only one to be had. */
    void turn() throws SQLException {
        Connection holder = holders.get(free);
        int taken = JdbcStage.backend(holder);
        if (taken != backends.get(free)) {
            throw new AssertionError("free was %d, not %d".formatted(taken, backends.get(free)));
        }
        letGo((free + 1) % holders.size());
    }

    private void letGo(int index) throws SQLException {
        holders.get(index).rollback();
        free = index;
        freed.add(backends.get(index));
    }

    /** The server process of the only server connection that can be had. */
    int freeBackend() {
        return backends.get(free);
    }

    /** The server processes that have been the free one so far. */
    Set<Integer> freed() {
        return freed;
    }

    @Override
    public void close() throws SQLException {
        for (Connection holder : holders) {
            holder.close();
        }
    }
}

package dev.weir.pool;

import dev.weir.net.EventLoops;
import dev.weir.server.ServerConnection;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * The idle server connections of one pool: a {@link Shelf} for each loop, which only that loop
 * touches, so that a client takes from its own without any synchronisation.
 */
final class Shelves {
    private final EventLoops loops;
    private final Shelf[] shelves;
    private final IdleHolder[] holders;

    Shelves(EventLoops loops) {
        this.loops = loops;
        int count = loops.all().size();
        shelves = new Shelf[count];
        holders = new IdleHolder[count];
        for (int i = 0; i < count; i++) {
            shelves[i] = new Shelf();
            holders[i] = new IdleHolder(shelves[i]);
        }
    }

    // ---- on the loop that is meant ----

    /** The one used last; null if none is idle. On the loop of that number. */
    @Nullable ServerConnection take(int loop) {
        return shelves[loop].take();
    }

    /** Puts back what {@link #take} gave, as if it had not. On the loop of that number. */
    void putBack(int loop, ServerConnection server) {
        shelves[loop].put(server);
    }

    /**
     * Puts a server connection down that nobody uses. On its loop.
     *
     * @return the number of that loop
     */
    int put(ServerConnection server) {
        int loop = loopNumber(server);
        server.heldBy(holders[loop]);
        shelves[loop].put(server);
        return loop;
    }

    /** It is nobody's now, and yet nobody is to have it. On its loop. */
    void keepAside(ServerConnection server) {
        server.heldBy(holders[loopNumber(server)]);
    }

    /** Ends a server connection politely, so that PostgreSQL logs nothing. On its loop. */
    void hangUp(ServerConnection server) {
        keepAside(server);
        IdleHolder.goodbye(server);
    }

    private int loopNumber(ServerConnection server) {
        return shelves.length == 1 ? 0 : loops.number(server.loop());
    }

    // ---- from any thread ----

    /** How many are idle. */
    int idle() {
        int idle = 0;
        for (Shelf shelf : shelves) {
            idle += shelf.idle();
        }
        return idle;
    }

    /** Another loop that has an idle server connection, as far as one can tell; -1 if none has. */
    int elsewhere(int loop) {
        for (int other = 0; other < shelves.length; other++) {
            if (other != loop && shelves[other].idle() > 0) {
                return other;
            }
        }
        return -1;
    }

    /** Closes the server connection that has been idle for longest. */
    void closeOne() {
        for (int i = 0; i < shelves.length; i++) {
            Shelf shelf = shelves[i];
            if (shelf.idle() > 0) {
                loops.all()
                        .get(i)
                        .execute(() -> {
                            ServerConnection server = shelf.takeCoolest();
                            if (server != null) {
                                hangUp(server);
                            }
                        });
                return;
            }
        }
    }

    /** Closes those of which {@code which} is true, which is asked on their loops. */
    void closeIf(Predicate<ServerConnection> which) {
        for (int i = 0; i < shelves.length; i++) {
            Shelf shelf = shelves[i];
            if (shelf.idle() > 0) {
                loops.all().get(i).execute(() -> closeIf(shelf, which));
            }
        }
    }

    /**
     * Closes all, also what is being put down at this moment, on each loop if {@code still} is true
     * there.
     */
    void closeAll(BooleanSupplier still) {
        for (int i = 0; i < shelves.length; i++) {
            Shelf shelf = shelves[i];
            loops.all()
                    .get(i)
                    .execute(() -> {
                        if (still.getAsBoolean()) {
                            closeIf(shelf, _ -> true);
                        }
                    });
        }
    }

    private void closeIf(Shelf shelf, Predicate<ServerConnection> which) {
        shelf.removeIf(server -> {
            boolean closes = which.test(server);
            if (closes) {
                hangUp(server);
            }
            return closes;
        });
    }
}

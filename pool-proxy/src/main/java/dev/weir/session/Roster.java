package dev.weir.session;

import dev.weir.balance.Replica;
import dev.weir.net.Look;
import dev.weir.pool.PoolKey;
import dev.weir.wire.SqlState;

import java.util.List;
import java.util.function.Predicate;

/**
 * The clients that are logged in: to look at them, and to end those that an operator, or a change
 * of the configuration, ends. Any thread may use it, but for what is said not to run on a loop.
 */
public final class Roster {
    private final CancelKeys clients;

    Roster(CancelKeys clients) {
        this.clients = clients;
    }

    /** All clients that are logged in, each as it is now. Not on a loop. */
    public List<ClientView> views() {
        return Look.at(
                clients.all(), session -> session.channel().eventLoop(), ClientSession::view);
    }

    /** Ends the session of that number with a word to the client; false if there is none. */
    public boolean kill(long id) {
        for (ClientSession session : clients.all()) {
            if (session.id() == id) {
                dismiss(session, "An administrator has ended the session (KILL_CLIENT).");
                return true;
            }
        }
        return false;
    }

    /** Ends the sessions of these pools, whatever they are doing. */
    public void killAll(Predicate<PoolKey> which) {
        for (ClientSession session : clients.all()) {
            if (which.test(session.pool().key())) {
                dismiss(
                        session,
                        "An administrator has ended the sessions of this database (KILL).");
            }
        }
    }

    /**
     * Ends those sessions that have no server connection: they do nothing, or wait for what will
     * not come. Not on a loop.
     */
    public void dismissUnserved(String why) {
        dismiss(client -> client.state() != ClientView.State.ACTIVE, why);
    }

    /** Ends the sessions of a pool whose database is not configured any more. Not on a loop. */
    void dismissWithout(PoolKey pool) {
        dismiss(
                client -> client.pool().equals(pool),
                "The configuration of Weir has no database \"%s\" any more."
                        .formatted(pool.database()));
    }

    private void dismiss(Predicate<ClientView> which, String why) {
        Look.at(
                clients.all(),
                session -> session.channel().eventLoop(),
                session -> {
                    ClientView view = session.view();
                    if (view != null && which.test(view)) {
                        session.farewell(SqlState.ADMIN_SHUTDOWN.code(), why);
                    }
                    return view;
                });
    }

    private static void dismiss(ClientSession session, String why) {
        session.channel()
                .eventLoop()
                .execute(() -> session.farewell(SqlState.ADMIN_SHUTDOWN.code(), why));
    }

    /** Takes back what a replica was asked that answers nothing any more. Not on a loop. */
    void silent(Replica replica) {
        Look.at(
                clients.all(),
                session -> session.channel().eventLoop(),
                session -> {
                    ReplicaFallback fallback = session.fallback();
                    if (fallback != null) {
                        fallback.silent(replica);
                    }
                    return null;
                });
    }
}

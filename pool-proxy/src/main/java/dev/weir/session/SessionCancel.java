package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerUnavailableException;
import dev.weir.wire.SqlState;

/**
 * What becomes of a session's statement when somebody with its key wants it stopped, wherever it
 * stands: with PostgreSQL, waiting for a server connection, or waiting for a replica. On the
 * client's loop.
 */
final class SessionCancel {
    private final ClientSession session;
    private final Lending lending;
    private final Cancels cancels;

    SessionCancel(ClientSession session, Lending lending, Cancels cancels) {
        this.session = session;
        this.lending = lending;
        this.cancels = cancels;
    }

    /**
     * Stops it.
     *
     * @param done runs when that has been settled
     */
    void request(Runnable done) {
        ServerConnection lent = lending.server();
        Routing routing = session.routing();
        if (session.gone() || session.greets() || session.state().restore().bringing()) {
            done.run();
        } else if (lending.waiting()) {
            if (lending.withdraw()) {
                session.leaseStart().refused(canceled());
            }
            done.run();
        } else if (lent != null && session.replies().anyForClient()) {
            running(lent, done);
        } else {
            if (routing != null && routing.withdraw(canceled())) {
                session.proceed();
            }
            done.run();
        }
    }

    private static ServerUnavailableException canceled() {
        return new ServerUnavailableException(
                ServerUnavailableException.Kind.WAITED_TOO_LONG,
                SqlState.QUERY_CANCELED,
                "canceling statement due to user request");
    }

    /**
     * Stops what runs on the server connection that is lent.
     *
     * @param settled runs when that can do no more harm to what follows
     */
    void running(ServerConnection lent, Runnable settled) {
        cancels.send(lending.lender(), lent, settled);
    }
}

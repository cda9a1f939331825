package dev.weir.session;

import dev.weir.balance.Replica;
import dev.weir.server.ServerConnection;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.state.StateTracker;
import dev.weir.session.statement.StatementOutcomes;

/**
 * Asks again, elsewhere, for what a replica has not answered: it has only been asked to read, so
 * that it does no harm if both carry it out. Confined to the client's loop.
 */
final class ReplicaFallback {
    private final ClientSession session;
    private final Routing routing;
    private final Lending lending;
    private final StatementOutcomes statements;

    ReplicaFallback(
            ClientSession session, Routing routing, Lending lending, StatementOutcomes statements) {
        this.session = session;
        this.routing = routing;
        this.lending = lending;
        this.statements = statements;
    }

    /** A replica has said something else than the answer to a batch of reads. */
    void failed(ServerConnection from, FirstAnswer.Found how) {
        byte[] batch = routing.takeBatch();
        if (batch != null) {
            if (how == FirstAnswer.Found.DOWN) {
                routing.replicaFailed("it has crashed, or lets nobody in");
            }
            dropReplies(from);
            session.abandonServer();
            askAgain(batch, how == FirstAnswer.Found.REFUSED);
        }
    }

    /**
     * A replica answers nothing any more: what it was asked and has not begun to answer is taken
     * back, and asked on the primary.
     */
    void silent(Replica silent) {
        if (session.gone() || !routing.isOn(silent)) {
            return;
        }
        StateTracker state = session.state();
        ServerConnection lent = lending.server();
        byte[] batch = lent == null ? null : routing.takeBatch();
        if (lent == null ? !lending.withdraw() : batch == null && !state.replaceable(lent)) {
            return;
        }
        routing.replicaFailed("it does not answer");
        if (lent != null && batch == null) {
            // The client's statement was never sent.
            state.restore().lost();
            session.replies().clear();
            session.abandonServer();
        } else if (lent != null) {
            // Should it come to itself, it need not go on with that.
            session.cancel().running(lent, () -> {});
            dropReplies(lent);
            session.abandonServer();
        }
        if (batch != null) {
            askAgain(batch, false);
        } else {
            goElsewhere();
        }
    }

    /**
     * The server connection to a replica is gone.
     *
     * @param saidGoodbye whether the client has seen why
     * @return false if what the client was asking for is lost with it
     */
    boolean closed(ServerConnection from, boolean saidGoodbye) {
        if (!routing.onReplica()) {
            return false;
        }
        if (saidGoodbye) {
            routing.leftAlone();
        } else {
            routing.replicaFailed("a server connection was lost");
        }
        if (session.gone() || session.greets()) {
            return false;
        }
        StateTracker state = session.state();
        if (state.replaceable(from)) {
            // The client's statement was never sent.
            state.restore().lost();
            session.replies().clear();
            session.serverStream().release();
            lending.lost();
            goElsewhere();
            return true;
        }
        byte[] batch = routing.takeBatch();
        if (batch == null) {
            return false;
        }
        session.serverStream().release();
        dropReplies(from);
        lending.lost();
        askAgain(batch, false);
        return true;
    }

    private void goElsewhere() {
        routing.retry(false);
        session.proceed();
    }

    private void dropReplies(ServerConnection from) {
        ReplyQueue replies = session.replies();
        replies.dropUntilSync((reply, undo) -> statements.skipped(reply, undo, from));
        replies.clear();
    }

    private void askAgain(byte[] batch, boolean refused) {
        routing.retry(refused);
        session.serverEnd().asksAgain();
        session.clientStream().again(batch);
        session.proceed();
    }
}

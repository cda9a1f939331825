package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.wire.Backend;

/** What a session is doing, for those that limit its time. Confined to the client's loop. */
final class SessionProgress implements Deadlines.Progress {
    private final ClientSession session;
    private final Lending lending;

    SessionProgress(ClientSession session, Lending lending) {
        this.session = session;
        this.lending = lending;
    }

    @Override
    public Deadlines.Activity activity() {
        ServerConnection lent = lending.server();
        if (lending.waiting()) {
            return Deadlines.Activity.QUEUED;
        }
        if (session.gone()) {
            return Deadlines.Activity.IDLE;
        }
        if (lent == null) {
            return idle();
        }
        ReplyQueue replies = session.replies();
        if (session.copy().open() || session.clientStream().midMessage()) {
            return Deadlines.Activity.STALLED;
        }
        if (!replies.isEmpty() && replies.anyForClient()) {
            return Deadlines.Activity.RUNNING;
        }
        return session.clientStream().batchOpen() ? Deadlines.Activity.STALLED : idle();
    }

    private Deadlines.Activity idle() {
        return inTransaction() ? Deadlines.Activity.IDLE_IN_TRANSACTION : Deadlines.Activity.IDLE;
    }

    @Override
    public boolean inTransaction() {
        return session.status() != Backend.IDLE
                || (lending.server() != null && !session.replies().isEmpty());
    }

    @Override
    public long transactions() {
        return session.serverEnd().transactions();
    }

    @Override
    public long statements() {
        return session.replies().endedBatches();
    }

    @Override
    public long reads() {
        return session.clientEnd().reads();
    }

    @Override
    public void cancelStatement(Runnable settled) {
        ServerConnection lent = lending.server();
        Runnable done =
                () -> {
                    settled.run();
                    session.proceed();
                };
        if (lent == null) {
            done.run();
        } else {
            session.cancel().running(lent, done);
        }
    }

    @Override
    public void tellNotice(String message) {
        session.output().notice(message);
    }

    @Override
    public void farewell(String sqlState, String message) {
        session.farewell(sqlState, message);
    }
}

package dev.weir.session.statement;

import dev.weir.server.ServerConnection;
import dev.weir.server.UnnamedStatement;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.statement.StandInDeallocation.Deallocated;
import dev.weir.session.statement.StatementNames.Named;
import dev.weir.session.statement.StatementUndo.Parsed;
import dev.weir.wire.Backend;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

/**
 * What the replies say about one session's prepared statements: that what was noted when it was
 * sent is so, or that it has to be undone. Confined to the client's loop.
 */
public final class StatementOutcomes {
    private final ReplyQueue replies;
    private final StatementCatalog catalog;
    private final StatementNames names;
    private final UnnamedSlot unnamed;
    private final StatementUndo undo;

    StatementOutcomes(
            ReplyQueue replies,
            StatementCatalog catalog,
            StatementNames names,
            UnnamedSlot unnamed) {
        this.replies = replies;
        this.catalog = catalog;
        this.names = names;
        this.unnamed = unnamed;
        this.undo = new StatementUndo(names, unnamed);
    }

    /** The head of the queue has succeeded. */
    public void succeeded(Reply reply, @Nullable Object detail) {
        switch (reply) {
            case PARSE_UNNAMED, QUERY, CLOSE -> {
                if (detail instanceof UnnamedStatement statement) {
                    unnamed.confirm(statement);
                }
            }
            default -> {}
        }
    }

    /** The head of the queue has failed; entries behind it are told to {@link #skipped} first. */
    public void failed(
            Reply reply, @Nullable Object detail, ServerConnection server, ErrorFields fields) {
        switch (reply) {
            case PARSE_UNNAMED -> unnamed.parseFailed(server);
            case BIND, DESCRIBE_STATEMENT -> {
                if (shapeChanged(fields)
                        && detail instanceof Named named
                        && named.statement() != null) {
                    // "cached plan must not change result type": so it is for whoever has prepared
                    // it, and whoever prepares the same text from now on is to get a new plan.
                    catalog.retire(named.statement());
                    if (server.status() == Backend.IDLE) {
                        // Within a transaction the change may be its own, and be rolled back.
                        named.statement().outdate();
                    }
                }
            }
            default -> undo.skipped(reply, detail, server);
        }
    }

    private static boolean shapeChanged(ErrorFields fields) {
        return fields.sqlState().equals(SqlState.FEATURE_NOT_SUPPORTED.code())
                && fields.routine().equals("RevalidateCachedQuery");
    }

    /** The server has not executed this entry, and never will. */
    public void skipped(Reply reply, @Nullable Object detail, ServerConnection server) {
        undo.skipped(reply, detail, server);
    }

    /** The client has changed what tables look like. */
    void tablesChanged() {
        catalog.changed();
    }

    /**
     * The head of the queue has dropped all statements by SQL, the client's and with them those of
     * the server connection; what has been sent behind it is not touched by that.
     */
    void deallocatedAll(ServerConnection server) {
        names.clear();
        server.statements().clear();
        for (int i = 1; i < replies.size(); i++) {
            undo.noteAgain(replies.at(i), replies.detailAt(i));
        }
    }

    /**
     * The client's name in an error about one of its statements; null if the error is not about
     * one.
     */
    public static byte @Nullable [] clientName(@Nullable Object detail) {
        return switch (detail) {
            case Named named -> named.name();
            case Parsed parsed -> parsed.named().name();
            case Deallocated gone -> gone.name();
            case null, default -> null;
        };
    }
}

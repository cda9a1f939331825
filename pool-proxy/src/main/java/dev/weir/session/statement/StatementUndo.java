package dev.weir.session.statement;

import dev.weir.server.ServerConnection;
import dev.weir.server.Statement;
import dev.weir.server.UnnamedStatement;
import dev.weir.session.reply.Reply;
import dev.weir.session.statement.StandInDeallocation.Deallocated;
import dev.weir.session.statement.StatementNames.Named;

import org.jspecify.annotations.Nullable;

/**
 * Takes back what was noted about prepared statements when a message was sent, if the server has
 * skipped it; and notes it again if the server has dropped all before it came to the message.
 * Confined to the client's loop.
 */
final class StatementUndo {
    /**
     * What a Parse has changed: undone if it fails or is skipped.
     *
     * @param server where the statement was registered; null if the registry was not changed
     * @param serverName under which it was registered
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Parsed(Named named, @Nullable ServerConnection server, byte[] serverName) {}

    /** What a repeated Parse, or a Close of Weir's own, has changed. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Moved(ServerConnection server, Statement statement, byte[] name) {}

    private final StatementNames names;
    private final UnnamedSlot unnamed;

    StatementUndo(StatementNames names, UnnamedSlot unnamed) {
        this.names = names;
        this.unnamed = unnamed;
    }

    /** The server has not executed this entry, and never will. */
    void skipped(Reply reply, @Nullable Object detail, ServerConnection server) {
        switch (reply) {
            case PARSE, MADE_PARSE -> {
                if (detail instanceof Parsed parsed) {
                    names.remove(parsed.named());
                    Statement statement = parsed.named().statement();
                    if (parsed.server() != null && statement != null) {
                        parsed.server().statements().remove(statement, parsed.serverName());
                    }
                }
            }
            case REPLAY -> {
                if (detail instanceof Moved moved) {
                    moved.server().statements().remove(moved.statement(), moved.name());
                }
            }
            case OWN_CLOSE -> {
                if (detail instanceof Moved moved) {
                    moved.server().statements().restore(moved.statement(), moved.name());
                } else {
                    unnamed.notChanged(server);
                }
            }
            case MADE_CLOSE -> {
                if (detail instanceof Named named) {
                    names.put(named);
                }
            }
            case EXECUTE -> {
                if (detail instanceof Deallocated gone && gone.named() != null) {
                    names.put(gone.named());
                }
            }
            case PARSE_UNNAMED, REPLAY_UNNAMED -> unnamed.notChanged(server);
            case QUERY, CLOSE -> {
                if (detail instanceof UnnamedStatement) {
                    unnamed.notChanged(server);
                }
            }
            default -> {}
        }
    }

    /** The server has executed this entry behind one that dropped all statements. */
    void noteAgain(Reply reply, @Nullable Object detail) {
        switch (detail) {
            case Parsed parsed -> {
                names.put(parsed.named());
                Statement statement = parsed.named().statement();
                if (parsed.server() != null && statement != null) {
                    parsed.server().statements().restore(statement, parsed.serverName());
                }
            }
            case Moved moved -> {
                if (reply == Reply.REPLAY) {
                    moved.server().statements().restore(moved.statement(), moved.name());
                } else {
                    moved.server().statements().remove(moved.statement(), moved.name());
                }
            }
            case Named named -> {
                if (reply == Reply.MADE_CLOSE) {
                    names.remove(named);
                }
            }
            case Deallocated gone -> {
                if (gone.named() != null) {
                    names.remove(gone.named());
                }
            }
            case null, default -> {}
        }
    }
}

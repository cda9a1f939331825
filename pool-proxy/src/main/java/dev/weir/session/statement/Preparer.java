package dev.weir.session.statement;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerStatements;
import dev.weir.server.SessionState;
import dev.weir.server.Statement;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.state.Effects;
import dev.weir.session.state.StateTracker;
import dev.weir.session.state.TextEffects;
import dev.weir.session.statement.StatementNames.Named;
import dev.weir.session.statement.StatementUndo.Moved;
import dev.weir.session.statement.StatementUndo.Parsed;
import dev.weir.wire.Backend;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Prepares one session's statements on the server connection that it is lent: a Parse is sent, or
 * made up for, when the client sends one, and repeated where it is lacking. Confined to the
 * client's loop.
 */
final class Preparer {
    /**
     * For a Parse that PostgreSQL is to refuse because its name is taken, and the like: never in
     * the registry.
     */
    static final byte[] SCRATCH =
            (ServerStatements.PREFIX + "0").getBytes(StandardCharsets.US_ASCII);

    /** No registry gives names like this: PostgreSQL will say that it does not exist. */
    private static final byte[] UNKNOWN =
            (ServerStatements.PREFIX + "?").getBytes(StandardCharsets.US_ASCII);

    /** An empty text and no parameters. */
    static final byte[] NOTHING = new byte[3];

    private final ReplyQueue replies;
    private final StatementCatalog catalog;
    private final StateTracker state;
    private final StatementNames names;
    private final TextEffects effects;

    /** Whether another server may be asked for what the client is sending. */
    private BooleanSupplier askedAgain = () -> false;

    /**
     * The batch in which the names, or the registry of the server connection, were last changed.
     */
    private long changedIn = -1;

    /** The part of {@link #meaningOf} that texts are read under; null until one is prepared. */
    private @Nullable SessionState meaning;

    private @Nullable SessionState meaningOf;

    Preparer(
            ReplyQueue replies,
            StatementCatalog catalog,
            StateTracker state,
            StatementNames names,
            TextEffects effects) {
        this.replies = replies;
        this.catalog = catalog;
        this.state = state;
        this.names = names;
        this.effects = effects;
    }

    /** As {@link PreparedStatements#askedAgain}. */
    void askedAgain(BooleanSupplier maybe) {
        askedAgain = maybe;
    }

    /** The names are being changed, by what is sent now. */
    void changed() {
        changedIn = replies.batch();
    }

    /**
     * Whether it is not known yet if the names, and the registry of the server connection, are as
     * noted.
     */
    boolean inDoubt() {
        return replies.unsettled(changedIn);
    }

    /**
     * Deals with a Parse of a name, which is there whole.
     *
     * @param taken what the name stands for already; null if it is free
     */
    void parse(
            ByteBuf in,
            int nameAt,
            int nameEnd,
            int past,
            @Nullable Named taken,
            ServerConnection server,
            ByteBuf out) {
        byte[] definition = StatementNames.copy(in, nameEnd + 1, past - nameEnd - 1);
        byte[] name = StatementNames.copy(in, nameAt, nameEnd - nameAt);
        if (taken != null) {
            // Let PostgreSQL itself refuse the name, so that its transaction fails with it.
            Messages.statement(out, FrontendMessage.CLOSE, SCRATCH);
            replies.add(Reply.OWN_CLOSE);
            Messages.parse(out, SCRATCH, NOTHING);
            replies.add(Reply.REPLAY);
            Messages.parse(out, SCRATCH, definition);
            replies.add(Reply.PARSE_DUPLICATE, new Named(name, taken.statement()));
            return;
        }
        Statement own =
                catalog.parsed(
                        definition, meaning(), effects.upToZero(in, nameEnd + 1, past, server));
        // A client that has changed settings may mean something else by a text than all others.
        // So may one that calls what in its own pool only is known to keep state.
        Statement statement =
                state.settingsTouched() || (own.effects() & Effects.FUNCTION) != 0
                        ? own
                        : catalog.shared(own);
        Named named = new Named(name, statement);
        changed();
        names.put(named);
        byte[] known = server.statements().name(statement);
        if (known != null && parseIsSureToSucceed(server)) {
            replies.add(Reply.MADE_PARSE, new Parsed(named, null, known));
            return;
        }
        Statement surplus = known == null ? server.statements().surplus() : statement;
        byte[] surplusName = surplus == null ? null : server.statements().name(surplus);
        byte[] serverName = server.statements().add(statement);
        Messages.parse(out, serverName, definition);
        replies.add(Reply.PARSE, new Parsed(named, server, serverName));
        makeRoom(surplus, surplusName, server, out);
    }

    private SessionState meaning() {
        SessionState known = meaning;
        SessionState wanted = state.wanted();
        if (known == null || meaningOf != wanted) {
            known = wanted.meaning();
            meaning = known;
            meaningOf = wanted;
        }
        return known;
    }

    /**
     * Whether PostgreSQL would take a statement that it has taken before: not if the transaction
     * has failed, which may be seen only when the replies come that are still due. Where all may be
     * asked for again elsewhere, nothing is made up.
     */
    private boolean parseIsSureToSucceed(ServerConnection server) {
        return !askedAgain.getAsBoolean()
                && server.status() != Backend.FAILED_TRANSACTION
                && replies.settled();
    }

    /**
     * Closes a statement whose place another has taken: behind that one's Parse, so that it stays
     * if that fails.
     */
    private void makeRoom(
            @Nullable Statement surplus,
            byte @Nullable [] name,
            ServerConnection server,
            ByteBuf out) {
        if (surplus != null && name != null) {
            server.statements().remove(surplus, name);
            Messages.statement(out, FrontendMessage.CLOSE, name);
            replies.add(Reply.OWN_CLOSE, new Moved(server, surplus, name));
        }
    }

    /**
     * The server-side name of what {@code named} stands for, which is prepared first if it is
     * lacking.
     */
    byte[] serverName(@Nullable Named named, ServerConnection server, ByteBuf out) {
        if (named == null) {
            return UNKNOWN;
        }
        Statement statement = named.statement();
        byte[] name = statement == null ? UNKNOWN : server.statements().name(statement);
        if (name == null && statement != null && statement.outdated()) {
            // To prepare an outdated statement anew would give the client rows of a shape that it
            // does not expect.
            return UNKNOWN;
        }
        if (name == null && statement != null) {
            changed();
            Statement surplus = server.statements().surplus();
            byte[] surplusName = surplus == null ? null : server.statements().name(surplus);
            name = server.statements().add(statement);
            Messages.parse(out, name, statement.definition());
            replies.add(Reply.REPLAY, new Moved(server, statement, name));
            makeRoom(surplus, surplusName, server, out);
        }
        return name == null ? UNKNOWN : name;
    }
}

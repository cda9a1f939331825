package dev.weir.session.statement;

import dev.weir.server.ServerConnection;
import dev.weir.server.Statement;
import dev.weir.server.UnnamedStatement;
import dev.weir.session.reply.Reply;
import dev.weir.session.reply.ReplyQueue;
import dev.weir.session.reply.Splice;
import dev.weir.session.state.ChannelNames;
import dev.weir.session.state.Effects;
import dev.weir.session.state.StateTracker;
import dev.weir.session.state.TextEffects;
import dev.weir.session.statement.StandInDeallocation.Deallocated;
import dev.weir.session.statement.StatementNames.Named;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;

/**
 * Lets one session's prepared statements work on whatever server connection it is lent: the
 * client's names are mapped to the server connection's own, and a Parse is repeated where it is
 * lacking, in front of Bind and Describe alike. Confined to the client's loop.
 *
 * <p>Everything is noted when it is sent and undone if the server turns out to have skipped it.
 * Within a batch that is exact, because an error skips all the rest of it; a message that depends
 * on the outcome of an earlier batch has to wait for that, see {@link #mustWait}.
 */
public final class PreparedStatements {
    private final ReplyQueue replies;
    private final StatementNames names = new StatementNames();
    private final UnnamedSlot unnamed;
    private final Preparer preparer;
    private final StatementOutcomes outcomes;
    private final StatementMessages messages;
    private final TextEffects effects;
    private final StandInDeallocation deallocation;
    private final boolean translate;
    private final int maxStatementSize;

    /** The length of a message that is to be there whole; 0 if there is none. */
    private long neededWhole;

    /**
     * The statements of a new session.
     *
     * @param state the session's, on which can depend what a statement means
     * @param effects those of what is prepared
     * @param translate false where a session keeps its server connection, so that its names can
     *     stay its own
     */
    public PreparedStatements(
            ReplyQueue replies,
            StatementCatalog catalog,
            StateTracker state,
            TextEffects effects,
            boolean translate,
            int maxStatementSize) {
        this.replies = replies;
        this.effects = effects;
        this.unnamed = new UnnamedSlot(replies);
        this.preparer = new Preparer(replies, catalog, state, names, effects);
        this.outcomes = new StatementOutcomes(replies, catalog, names, unnamed);
        this.messages = new StatementMessages(translate, maxStatementSize);
        this.deallocation = new StandInDeallocation(replies, names);
        this.translate = translate;
        this.maxStatementSize = maxStatementSize;
    }

    /** Hears, before the first message, when another server may be asked for the same again. */
    public void askedAgain(BooleanSupplier maybe) {
        preparer.askedAgain(maybe);
    }

    /**
     * What a message that is there whole may do by its text, see {@link Effects}.
     *
     * @param type a Query, Parse or Bind
     */
    public int effects(
            ByteBuf in, int at, FrontendMessage type, long total, ServerConnection server) {
        int body = at + FrontendMessage.HEADER;
        int past = (int) (at + total);
        int nameEnd = in.indexOf(body, past, (byte) 0);
        if (type == FrontendMessage.QUERY || nameEnd < 0) {
            return effects.upToZero(in, body, past, server);
        }
        if (type == FrontendMessage.PARSE) {
            return effects.upToZero(in, nameEnd + 1, past, server);
        }
        return boundEffects(in, nameEnd + 1, in.indexOf(nameEnd + 1, past, (byte) 0));
    }

    /** Those of the statement of that name. */
    private int boundEffects(ByteBuf in, int nameAt, int nameEnd) {
        if (nameEnd <= nameAt) {
            return unnamed.current().effects();
        }
        Statement statement = statement(in, nameAt, nameEnd - nameAt);
        return statement == null ? Effects.NONE : statement.effects();
    }

    private @Nullable Statement statement(ByteBuf in, int nameAt, int length) {
        Named named = names.find(in, nameAt, length);
        return named == null ? null : named.statement();
    }

    /**
     * Whether enough of the message has arrived to handle it; if not, {@link #needed} says how much
     * to wait for.
     */
    public boolean complete(ByteBuf in, int at, int end, FrontendMessage type, long total)
            throws ProtocolException {
        neededWhole = 0;
        if (!messages.complete(in, at, end, type, total)) {
            return false;
        }
        if (total <= end - at || total > StatementMessages.MAX_LOOKED_AT) {
            return true;
        }
        if ((type == FrontendMessage.BIND && namesSetting(in, at, end, total))
                || (type == FrontendMessage.EXECUTE && deallocation.follows())) {
            neededWhole = total;
            return false;
        }
        return true;
    }

    /** The text under the name at {@code nameAt}; null if there is none. */
    public byte @Nullable [] text(ByteBuf in, int nameAt, int length) {
        Statement statement = statement(in, nameAt, length);
        return statement == null ? null : statement.text();
    }

    /** How many names the client has prepared. */
    public int named() {
        return names.size();
    }

    /** How many bytes of the message {@link #complete} wants to be there. */
    public long needed() {
        return neededWhole > 0 ? neededWhole : messages.needed();
    }

    /** Whether a parameter of the Bind names a setting, so that it has to be read. */
    private boolean namesSetting(ByteBuf in, int at, int end, long total) {
        int nameAt = messages.nameAt(in, at, end, FrontendMessage.BIND, total);
        int nameEnd = StatementMessages.terminator(in, nameAt, at, end, total);
        if (nameEnd < 0) {
            return false;
        }
        return (boundEffects(in, nameAt, nameEnd) & Effects.BOUND_NAME) != 0;
    }

    /**
     * Whether it depends on the outcome of an earlier batch what a Parse, Bind, Describe or Close
     * means, so that it has to wait until that batch has ended. It has been sent to its end, so the
     * answer will come without anything more from the client.
     */
    public boolean mustWait(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        boolean namesInDoubt = preparer.inDoubt();
        boolean unnamedInDoubt = unnamed.inDoubt();
        if (!namesInDoubt && !unnamedInDoubt) {
            return false;
        }
        int nameAt = messages.nameAt(in, at, end, type, total);
        if (nameAt < 0) {
            return false;
        }
        if (in.getByte(nameAt) != 0) {
            return namesInDoubt;
        }
        if (type == FrontendMessage.PARSE) {
            return namesInDoubt
                    && total <= end - at
                    && StandInDeallocation.name(in, nameAt + 1, (int) (at + total)) != null;
        }
        return unnamedInDoubt;
    }

    /** Whether the message is there whole and may have a LISTEN that is to be looked at. */
    public boolean mayListen(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        if (!translate || total > end - at) {
            return false;
        }
        int body = at + FrontendMessage.HEADER;
        int past = (int) (at + total);
        return switch (type) {
            case QUERY -> ChannelNames.mayOccur(in, body, past - 1);
            case PARSE -> {
                int nameEnd = in.indexOf(body, past, (byte) 0);
                yield nameEnd >= 0 && ChannelNames.mayOccur(in, nameEnd + 1, past);
            }
            default -> false;
        };
    }

    /**
     * The statement of the protocol that a Query, which is there whole, deallocates by SQL; null if
     * it does not, or something else is to be answered first that this client has sent.
     */
    public @Nullable Named deallocated(ByteBuf in, int at, int end, long total) {
        if (names.size() == 0 || total > end - at) {
            return null;
        }
        byte[] name = Deallocation.name(in, at + FrontendMessage.HEADER, (int) (at + total - 1));
        return name == null ? null : names.find(name);
    }

    /** Forgets it, now that nothing is under way. */
    public void deallocate(Named named) {
        names.remove(named);
    }

    /** What the replies say about them. */
    public StatementOutcomes outcomes() {
        return outcomes;
    }

    /** What the session's texts may do. */
    public TextEffects texts() {
        return effects;
    }

    /** A Query is being sent. */
    public void queried(ByteBuf in, int at, int end, long total, ServerConnection server) {
        if (translate) {
            effects.queried(in, at, end, total, server);
            unnamed.queried(server);
        } else {
            replies.add(Reply.QUERY);
        }
    }

    /**
     * Handles a Parse, Bind, Describe or Close.
     *
     * @return the index up to which the source is dealt with; 0 to pass the message on as it is
     */
    public int handle(
            ByteBuf in,
            int at,
            int end,
            FrontendMessage type,
            long total,
            ServerConnection server,
            Splice splice) {
        int nameAt = messages.nameAt(in, at, end, type, total);
        int nameEnd = StatementMessages.terminator(in, nameAt, at, end, total);
        boolean nameIsLast = type == FrontendMessage.DESCRIBE || type == FrontendMessage.CLOSE;
        if (nameEnd < 0 || (nameIsLast && nameEnd != at + total - 1)) {
            // Malformed or none of Weir's business: PostgreSQL will say.
            replies.add(untranslated(in, at, end, type));
            return 0;
        }
        if (nameEnd == nameAt) {
            return unnamed(in, at, end, type, total, server, splice);
        }
        Named named = names.find(in, nameAt, nameEnd - nameAt);
        ByteBuf out = splice.insertAt(at);
        int past = at + (int) total;
        switch (type) {
            case PARSE -> preparer.parse(in, nameAt, nameEnd, past, named, server, out);
            case BIND -> {
                bind(in, at, nameAt, nameEnd, total, named, server, out);
                past = nameEnd;
            }
            case DESCRIBE -> {
                byte[] name = preparer.serverName(named, server, out);
                Messages.statement(out, FrontendMessage.DESCRIBE, name);
                replies.add(Reply.DESCRIBE_STATEMENT, asSent(in, nameAt, nameEnd, named));
            }
            default -> {
                // The shared statement stays; to close what is unknown succeeds, too (section
                // 54.2.3).
                if (named != null) {
                    names.remove(named);
                    preparer.changed();
                }
                replies.add(Reply.MADE_CLOSE, named);
            }
        }
        splice.leaveOut(at, past);
        return past;
    }

    /** An Execute is being sent. */
    public void executed(ByteBuf in, int at) {
        Deallocated gone =
                deallocation.follows()
                        ? deallocation.executes(in, at + FrontendMessage.HEADER)
                        : null;
        if (gone == null) {
            replies.add(Reply.EXECUTE);
        } else {
            preparer.changed();
            replies.add(Reply.EXECUTE, gone);
        }
    }

    private Reply untranslated(ByteBuf in, int at, int end, FrontendMessage type) {
        return switch (type) {
            case PARSE -> Reply.PARSE;
            case BIND -> Reply.BIND;
            case DESCRIBE -> {
                boolean statement =
                        end - at > FrontendMessage.HEADER
                                && in.getByte(at + FrontendMessage.HEADER) == 'S';
                yield statement ? Reply.DESCRIBE_STATEMENT : Reply.DESCRIBE_PORTAL;
            }
            default -> Reply.CLOSE;
        };
    }

    private int unnamed(
            ByteBuf in,
            int at,
            int end,
            FrontendMessage type,
            long total,
            ServerConnection server,
            Splice splice) {
        switch (type) {
            case PARSE -> {
                int text = at + FrontendMessage.HEADER + 1;
                boolean kept = total <= Math.min(end - at, maxStatementSize);
                UnnamedStatement instead =
                        kept ? deallocation.instead(in, text, (int) (at + total)) : null;
                if (instead != null) {
                    unnamed.parsed(instead, server);
                    UnnamedSlot.write(instead, splice.insertAt(at));
                    splice.leaveOut(at, (int) (at + total));
                    return (int) (at + total);
                }
                unnamed.parsed(
                        new UnnamedStatement(
                                kept ? StatementNames.copy(in, text, (int) total - 6) : null,
                                kept
                                        ? effects.upToZero(in, text, at + (int) total, server)
                                        : effects.unknown(),
                                null),
                        server);
            }
            case BIND -> {
                unnamed.ensure(at, server, splice);
                int nameAt = messages.nameAt(in, at, end, type, total);
                UnnamedStatement bound = unnamed.current();
                effects.bound(bound.effects(), in, at, nameAt, total);
                int portalAt = at + FrontendMessage.HEADER;
                byte[] deallocated = bound.deallocates();
                if (deallocated == null) {
                    deallocation.binds(in, portalAt);
                } else {
                    deallocation.binds(deallocated, in, portalAt, nameAt - 1, splice.insertAt(at));
                }
                replies.add(Reply.BIND);
            }
            case DESCRIBE -> {
                unnamed.ensure(at, server, splice);
                replies.add(Reply.DESCRIBE_STATEMENT);
            }
            default -> unnamed.closed(server);
        }
        return 0;
    }

    // ---- Bind, Describe ----

    private void bind(
            ByteBuf in,
            int at,
            int nameAt,
            int nameEnd,
            long total,
            @Nullable Named named,
            ServerConnection server,
            ByteBuf out) {
        int portalAt = at + FrontendMessage.HEADER;
        deallocation.binds(in, portalAt);
        if (named != null && named.statement() != null) {
            effects.bound(named.statement().effects(), in, at, nameEnd, total);
        }
        byte[] name = preparer.serverName(named, server, out);
        int change = name.length - (nameEnd - nameAt);
        out.writeByte(FrontendMessage.BIND.code());
        out.writeInt((int) total - 1 + change);
        out.writeBytes(in, portalAt, nameAt - portalAt);
        out.writeBytes(name);
        replies.add(Reply.BIND, asSent(in, nameAt, nameEnd, named));
    }

    /** Remembers the client's name, as it has just been sent, for an error to come. */
    private static Named asSent(ByteBuf in, int nameAt, int nameEnd, @Nullable Named named) {
        int length = nameEnd - nameAt;
        // Perf: names that are compared in full are the same object.
        return named != null && length <= StatementNames.SIGNIFICANT
                ? named
                : new Named(
                        StatementNames.copy(in, nameAt, length),
                        named == null ? null : named.statement());
    }
}

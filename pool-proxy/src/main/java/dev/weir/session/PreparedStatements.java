package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerStatements;
import dev.weir.server.SessionState;
import dev.weir.server.Statement;
import dev.weir.server.UnnamedStatement;
import dev.weir.session.StatementNames.Named;
import dev.weir.wire.Backend;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * Lets one session's prepared statements work on whatever server connection it is lent: the
 * client's names are mapped to the server connection's own, and a Parse is repeated where it is
 * lacking, in front of Bind and Describe alike. Confined to the client's loop.
 *
 * <p>Everything is noted when it is sent and undone if the server turns out to have skipped it.
 * Within a batch that is enough, for then the server skips what follows, too; what stands behind a
 * Sync must not build on a change that may still be undone, and waits ({@link #unsettled}).
 */
final class PreparedStatements {
    /**
     * The longest names of a portal and a statement together; PostgreSQL itself has no bound but
     * the message's.
     */
    private static final int MAX_NAMES = 16 * 1024;

    /** A longer Query may do anything: it is not gathered to be looked at. */
    private static final int MAX_LOOKED_AT = 64 * 1024;

    /**
     * For a Parse in a failed transaction, which can only fail or be a ROLLBACK: never in the
     * registry.
     */
    private static final byte[] SCRATCH =
            (ServerStatements.PREFIX + "0").getBytes(StandardCharsets.US_ASCII);

    /** No registry gives names like this: PostgreSQL will say that it does not exist. */
    private static final byte[] UNKNOWN =
            (ServerStatements.PREFIX + "?").getBytes(StandardCharsets.US_ASCII);

    /** What a Parse has changed: undone if it fails or is skipped. */
    record Parsed(Named named, @Nullable ServerConnection server) {}

    /** What a repeated Parse, or a Close of Weir's own, has changed. */
    record Moved(ServerConnection server, Statement statement, byte @Nullable [] name) {}

    private final ReplyQueue replies;
    private final StatementCatalog catalog;
    private final StateTracker state;
    private final CustomSettings custom;
    private final StatementNames names = new StatementNames();

    /** The part of {@link #meaningOf} that texts are read under; null until one is prepared. */
    private @Nullable SessionState meaning;

    private @Nullable SessionState meaningOf;

    private final boolean translate;
    private final int maxStatementSize;

    /** The client's unnamed statement if all that was sent succeeds; null for none. */
    private @Nullable UnnamedStatement unnamed;

    /** The client's unnamed statement as far as replies have come. */
    private @Nullable UnnamedStatement confirmedUnnamed;

    /** Changes of names, here or on the server connection, that are noted and not settled. */
    private final Unsettled nameChanges = new Unsettled();

    /** The same for the unnamed statement. */
    private final Unsettled unnamedChanges = new Unsettled();

    private long needed;

    /**
     * The statements of a new session.
     *
     * @param state the session's, under which its texts are read
     * @param translate false where a session keeps its server connection, so that its names can
     *     stay its own
     */
    PreparedStatements(
            ReplyQueue replies,
            StatementCatalog catalog,
            StateTracker state,
            CustomSettings custom,
            boolean translate,
            int maxStatementSize) {
        this.replies = replies;
        this.catalog = catalog;
        this.state = state;
        this.custom = custom;
        this.translate = translate;
        this.maxStatementSize = maxStatementSize;
    }

    /**
     * Whether enough of the message has arrived to handle it; if not, {@link #needed} says how much
     * to wait for.
     */
    boolean complete(ByteBuf in, int at, int end, FrontendMessage type, long total)
            throws ProtocolException {
        if (!translate && type != FrontendMessage.DESCRIBE) {
            return true;
        }
        switch (type) {
            case QUERY -> {
                needed = total;
                return total <= end - at || total > MAX_LOOKED_AT;
            }
            case PARSE -> {
                if (total <= end - at) {
                    return true;
                }
                boolean isUnnamed =
                        end - at > FrontendMessage.HEADER
                                && in.getByte(at + FrontendMessage.HEADER) == 0;
                if (total > maxStatementSize) {
                    if (isUnnamed) {
                        return true;
                    }
                    if (end - at > FrontendMessage.HEADER) {
                        throw new ProtocolException(
                                SqlState.PROGRAM_LIMIT_EXCEEDED,
                                "a named prepared statement of %d bytes is larger than max-statement-size (%d bytes); prepare it unnamed, or raise the limit"
                                        .formatted(total, maxStatementSize));
                    }
                    needed = FrontendMessage.HEADER + 1;
                    return false;
                }
                needed = total;
                return false;
            }
            case BIND -> {
                int portalEnd = terminator(in, at + FrontendMessage.HEADER, at, end, total);
                int nameEnd = portalEnd < 0 ? -1 : terminator(in, portalEnd + 1, at, end, total);
                if (nameEnd >= 0 || total <= end - at) {
                    return true;
                }
                if (end - at > MAX_NAMES) {
                    throw new ProtocolException(
                            SqlState.PROGRAM_LIMIT_EXCEEDED,
                            "the names in a Bind message are longer than %d bytes"
                                    .formatted(MAX_NAMES));
                }
                needed = end - at + 1L;
                return false;
            }
            case DESCRIBE, CLOSE -> {
                needed = total;
                return total <= end - at;
            }
            default -> {
                return true;
            }
        }
    }

    long needed() {
        return needed;
    }

    /** Notes what a Query may do to the session's state. */
    void query(ByteBuf in, int at, int end, long total, ServerConnection server) {
        if (!translate) {
            return;
        }
        state.touched(
                total > end - at
                        ? Effects.CAPTURED
                        : Effects.of(
                                in,
                                at + FrontendMessage.HEADER,
                                (int) (at + total - 1),
                                server.parameters().plainBackslash(),
                                custom));
    }

    /** The effects of the text that starts at {@code from} and ends before a zero byte. */
    private int effects(ByteBuf in, int from, int bound, ServerConnection server) {
        int end = in.indexOf(from, bound, (byte) 0);
        return Effects.of(
                in, from, end < 0 ? bound : end, server.parameters().plainBackslash(), custom);
    }

    /** A Query destroys the unnamed statement (section 54.2.3). */
    void queried(ServerConnection server) {
        if (translate) {
            unnamed = null;
            server.unnamedIs(UnnamedStatement.ABSENT);
            unnamedChanges.noted();
            batchEnded();
        }
    }

    /** The reply to a Query is complete. */
    void queryDone() {
        if (translate) {
            confirmedUnnamed = null;
            unnamedChanges.settled();
        }
    }

    /** A Sync is on its way: whether what follows is executed does not depend on what precedes. */
    void batchEnded() {
        nameChanges.batchEnded();
        unnamedChanges.batchEnded();
    }

    /**
     * Whether the message builds on a change of an earlier batch of which it is not known yet
     * whether the server has executed it.
     */
    boolean unsettled(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        if (settled()) {
            return false;
        }
        int body = at + FrontendMessage.HEADER;
        return switch (type) {
            case PARSE -> in.getByte(body) != 0 && !nameChanges.isSettled();
            case BIND -> {
                int nameAt = terminator(in, body, at, end, total) + 1;
                yield nameAt > 0 && unsettled(in.getByte(nameAt) == 0);
            }
            case DESCRIBE, CLOSE ->
                    total > FrontendMessage.HEADER + 1
                            && in.getByte(body) == 'S'
                            && unsettled(in.getByte(body + 1) == 0);
            default -> false;
        };
    }

    /** Whether no message at all has to wait for that. */
    boolean settled() {
        return !translate || (nameChanges.isSettled() && unnamedChanges.isSettled());
    }

    private boolean unsettled(boolean isUnnamed) {
        return isUnnamed ? !unnamedChanges.isSettled() : !nameChanges.isSettled();
    }

    /**
     * Handles a Parse, Bind, Describe or Close.
     *
     * @return the index up to which the source is dealt with; 0 to pass the message on as it is
     */
    int handle(
            ByteBuf in,
            int at,
            int end,
            FrontendMessage type,
            long total,
            ServerConnection server,
            Splice splice) {
        int body = at + FrontendMessage.HEADER;
        switch (type) {
            case PARSE -> {
                return parse(in, at, end, total, server, splice);
            }
            case BIND -> {
                int portalEnd = translate ? terminator(in, body, at, end, total) : -1;
                int nameEnd = portalEnd < 0 ? -1 : terminator(in, portalEnd + 1, at, end, total);
                if (nameEnd < 0) {
                    replies.add(Reply.BIND);
                    return 0;
                }
                return bind(in, at, portalEnd, nameEnd, total, server, splice);
            }
            case DESCRIBE -> {
                return describe(in, at, end, total, server, splice);
            }
            default -> {
                return close(in, at, end, total, server, splice);
            }
        }
    }

    // ---- Parse ----

    private int parse(
            ByteBuf in, int at, int end, long total, ServerConnection server, Splice splice) {
        int body = at + FrontendMessage.HEADER;
        int nameEnd = translate ? terminator(in, body, at, end, total) : -1;
        if (nameEnd < 0) {
            if (translate) {
                unnamedChanges.renewed();
            }
            replies.add(translate ? Reply.PARSE_UNNAMED : Reply.PARSE);
            return 0;
        }
        if (nameEnd == body) {
            boolean kept = total <= Math.min(end - at, maxStatementSize);
            UnnamedStatement statement =
                    new UnnamedStatement(
                            kept ? StatementNames.copy(in, body + 1, (int) total - 6) : null,
                            kept
                                    ? effects(in, body + 1, at + (int) total, server)
                                    : Effects.CAPTURED);
            unnamed = statement;
            server.unnamedIs(statement);
            unnamedChanges.renewed();
            replies.add(Reply.PARSE_UNNAMED, statement);
            return 0;
        }
        int past = at + (int) total;
        byte[] definition = StatementNames.copy(in, nameEnd + 1, past - nameEnd - 1);
        Named taken = names.find(in, body, nameEnd - body);
        ByteBuf out = splice.insertAt(at);
        Statement known = taken == null ? null : taken.statement();
        if (known != null) {
            // Let PostgreSQL itself refuse the name, so that its transaction fails with it.
            byte[] name = ensure(known, server, out);
            Messages.parse(out, name, definition);
            replies.add(Reply.PARSE_DUPLICATE, taken);
        } else {
            nameChanges.noted();
            Statement statement =
                    catalog.shared(definition, meaning(), effects(in, nameEnd + 1, past, server));
            Named named = new Named(StatementNames.copy(in, body, nameEnd - body), statement);
            names.put(named);
            parseNew(named, statement, server, out);
        }
        splice.leaveOut(at, past);
        return past;
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

    private void parseNew(Named named, Statement statement, ServerConnection server, ByteBuf out) {
        // After a SET of the client's the same text may mean something else.
        boolean prepared = !state.settingsTouched() && server.statements().name(statement) != null;
        if (!prepared) {
            makeRoom(server, out);
            Messages.parse(out, server.statements().add(statement), statement.definition());
            replies.add(Reply.PARSE, new Parsed(named, server));
        } else if (server.status() == Backend.FAILED_TRANSACTION || replies.readies() > 0) {
            // It may have to fail.
            Messages.statement(out, FrontendMessage.CLOSE, SCRATCH);
            replies.add(Reply.OWN_CLOSE);
            Messages.parse(out, SCRATCH, statement.definition());
            replies.add(Reply.PARSE, new Parsed(named, null));
        } else {
            replies.add(Reply.MADE_PARSE, new Parsed(named, null));
        }
    }

    /** The server-side name of {@code statement}, which is prepared first if it is lacking. */
    private byte[] ensure(Statement statement, ServerConnection server, ByteBuf out) {
        byte[] name = server.statements().name(statement);
        if (name == null) {
            makeRoom(server, out);
            name = server.statements().add(statement);
            Messages.parse(out, name, statement.definition());
            nameChanges.noted();
            replies.add(Reply.REPLAY, new Moved(server, statement, null));
        }
        return name;
    }

    private void makeRoom(ServerConnection server, ByteBuf out) {
        ServerStatements prepared = server.statements();
        Statement surplus = prepared.surplus();
        byte[] name = surplus == null ? null : prepared.name(surplus);
        if (surplus != null && name != null) {
            prepared.remove(surplus);
            Messages.statement(out, FrontendMessage.CLOSE, name);
            nameChanges.noted();
            replies.add(Reply.OWN_CLOSE, new Moved(server, surplus, name));
        }
    }

    // ---- Bind, Describe, Close ----

    private int bind(
            ByteBuf in,
            int at,
            int portalEnd,
            int nameEnd,
            long total,
            ServerConnection server,
            Splice splice) {
        int nameAt = portalEnd + 1;
        if (nameEnd == nameAt) {
            ensureUnnamed(at, server, splice);
            UnnamedStatement bound = unnamed;
            if (bound != null) {
                touched(bound.effects(), in, at, nameEnd, total);
            }
            replies.add(Reply.BIND);
            return 0;
        }
        Named named = names.find(in, nameAt, nameEnd - nameAt);
        Statement statement = named == null ? null : named.statement();
        if (statement != null) {
            touched(statement.effects(), in, at, nameEnd, total);
        }
        ByteBuf out = splice.insertAt(at);
        byte[] name = serverName(named, server, out);
        int change = name.length - (nameEnd - nameAt);
        out.writeByte(FrontendMessage.BIND.code());
        out.writeInt((int) total - 1 + change);
        out.writeBytes(
                in, at + FrontendMessage.HEADER, portalEnd + 1 - at - FrontendMessage.HEADER);
        out.writeBytes(name);
        splice.leaveOut(at, nameEnd);
        replies.add(Reply.BIND, named != null ? named : unknown(in, nameAt, nameEnd - nameAt));
        return nameEnd;
    }

    /** Notes what the statement bound may do; its parameters may name a setting. */
    private void touched(int effects, ByteBuf in, int at, int nameEnd, long total) {
        state.touched(effects);
        if ((effects & Effects.BOUND_NAME) == 0) {
            return;
        }
        int end = (int) Math.min(in.writerIndex(), at + total);
        int index = nameEnd + 1;
        if (index + 2 > end) {
            state.touched(Effects.DYNAMIC_NAME);
            return;
        }
        index += 2 + 2 * in.getUnsignedShort(index);
        int count = index + 2 <= end ? in.getUnsignedShort(index) : 0;
        index += 2;
        for (int i = 0; i < count; i++) {
            int length = index + Integer.BYTES <= end ? in.getInt(index) : Integer.MAX_VALUE;
            index += Integer.BYTES;
            if (length > end - index) {
                // Cut off: what is set cannot be known.
                state.touched(Effects.DYNAMIC_NAME);
                return;
            }
            if (length > 0) {
                custom.add(in.toString(index, length, StandardCharsets.UTF_8));
                index += length;
            }
        }
    }

    private int describe(
            ByteBuf in, int at, int end, long total, ServerConnection server, Splice splice) {
        int nameAt = at + FrontendMessage.HEADER + 1;
        boolean statement =
                end - at > FrontendMessage.HEADER && in.getByte(at + FrontendMessage.HEADER) == 'S';
        int nameEnd = translate && statement ? terminator(in, nameAt, at, end, total) : -1;
        if (nameEnd < 0) {
            replies.add(statement ? Reply.DESCRIBE_STATEMENT : Reply.DESCRIBE_PORTAL);
            return 0;
        }
        if (nameEnd == nameAt) {
            ensureUnnamed(at, server, splice);
            replies.add(Reply.DESCRIBE_STATEMENT);
            return 0;
        }
        Named named = names.find(in, nameAt, nameEnd - nameAt);
        ByteBuf out = splice.insertAt(at);
        byte[] name = serverName(named, server, out);
        Messages.statement(out, FrontendMessage.DESCRIBE, name);
        int past = at + (int) total;
        splice.leaveOut(at, past);
        replies.add(
                Reply.DESCRIBE_STATEMENT,
                named != null ? named : unknown(in, nameAt, nameEnd - nameAt));
        return past;
    }

    private int close(
            ByteBuf in, int at, int end, long total, ServerConnection server, Splice splice) {
        int nameAt = at + FrontendMessage.HEADER + 1;
        boolean statement =
                end - at > FrontendMessage.HEADER && in.getByte(at + FrontendMessage.HEADER) == 'S';
        int nameEnd = translate && statement ? terminator(in, nameAt, at, end, total) : -1;
        if (nameEnd < 0) {
            replies.add(Reply.CLOSE);
            return 0;
        }
        if (nameEnd == nameAt) {
            unnamed = null;
            server.unnamedIs(UnnamedStatement.ABSENT);
            unnamedChanges.noted();
            replies.add(Reply.CLOSE, UnnamedStatement.ABSENT);
            return 0;
        }
        // The shared statement stays; to close what is unknown succeeds, too (section 54.2.3).
        Named named = names.find(in, nameAt, nameEnd - nameAt);
        if (named != null) {
            names.remove(named);
        }
        int past = at + (int) total;
        splice.leaveOut(at, past);
        nameChanges.noted();
        replies.add(Reply.MADE_CLOSE, named);
        return past;
    }

    private byte[] serverName(@Nullable Named named, ServerConnection server, ByteBuf out) {
        Statement statement = named == null ? null : named.statement();
        if (statement == null
                || (statement.outdated() && server.statements().name(statement) == null)) {
            // To prepare an outdated statement anew would give the client rows of a shape that it
            // does not expect.
            return UNKNOWN;
        }
        return ensure(statement, server, out);
    }

    /** Remembers the client's name for the error to come. */
    private static Named unknown(ByteBuf in, int nameAt, int length) {
        return new Named(StatementNames.copy(in, nameAt, length), null);
    }

    /**
     * Makes the server connection's unnamed statement the client's own: another client may have
     * parsed since.
     */
    private void ensureUnnamed(int at, ServerConnection server, Splice splice) {
        UnnamedStatement wanted = unnamed == null ? UnnamedStatement.ABSENT : unnamed;
        if (server.unnamed() == wanted) {
            return;
        }
        byte[] definition = wanted.definition();
        ByteBuf out = splice.insertAt(at);
        if (definition == null) {
            Messages.statement(out, FrontendMessage.CLOSE, new byte[0]);
            unnamedChanges.noted();
            replies.add(Reply.OWN_CLOSE, UnnamedStatement.ABSENT);
            server.unnamedIs(UnnamedStatement.ABSENT);
        } else {
            Messages.parse(out, new byte[0], definition);
            unnamedChanges.noted();
            replies.add(Reply.REPLAY_UNNAMED, wanted);
            server.unnamedIs(wanted);
        }
    }

    /**
     * The index of the zero byte that ends the text at {@code from}; -1 if it has not arrived or is
     * missing.
     */
    private static int terminator(ByteBuf in, int from, int at, int end, long total) {
        int bound = (int) Math.min(end, at + total);
        return from >= bound ? -1 : in.indexOf(from, bound, (byte) 0);
    }

    // ---- what the replies say ----

    /** The head of the queue has succeeded. */
    void succeeded(Reply reply, @Nullable Object detail) {
        settle(reply, detail);
        if (reply == Reply.PARSE_UNNAMED) {
            confirmedUnnamed = (UnnamedStatement) detail;
        } else if (reply == Reply.CLOSE && detail == UnnamedStatement.ABSENT) {
            confirmedUnnamed = null;
        }
    }

    private void settle(Reply reply, @Nullable Object detail) {
        switch (reply) {
            case PARSE_UNNAMED, REPLAY_UNNAMED, QUERY -> unnamedChanges.settled();
            case CLOSE, OWN_CLOSE -> {
                if (detail == UnnamedStatement.ABSENT) {
                    unnamedChanges.settled();
                } else if (detail instanceof Moved) {
                    nameChanges.settled();
                }
            }
            case PARSE, MADE_PARSE -> {
                if (detail instanceof Parsed) {
                    nameChanges.settled();
                }
            }
            case REPLAY, MADE_CLOSE -> nameChanges.settled();
            default -> {}
        }
    }

    /**
     * The head of the queue has failed with {@code fields}; entries behind it are told to {@link
     * #skipped} first.
     */
    void failed(Reply reply, @Nullable Object detail, ServerConnection server, ErrorFields fields) {
        switch (reply) {
            case PARSE_UNNAMED, REPLAY_UNNAMED -> {
                settle(reply, detail);
                // Protocol: the old unnamed statement is dropped before the new one is looked at.
                if (reply == Reply.PARSE_UNNAMED) {
                    confirmedUnnamed = null;
                }
                unnamedFellBack(server, UnnamedStatement.ABSENT);
            }
            case BIND, DESCRIBE_STATEMENT -> {
                Statement statement = detail instanceof Named named ? named.statement() : null;
                if (statement != null && shapeChanged(fields)) {
                    catalog.outdated(statement);
                }
            }
            default -> skipped(reply, detail, server);
        }
    }

    /**
     * The unnamed statement is what it was before, unless a later message has changed it since.
     *
     * @param there what the server connection has now, null if that is not known
     */
    private void unnamedFellBack(ServerConnection server, @Nullable UnnamedStatement there) {
        if (unnamedChanges.allSettled()) {
            unnamed = confirmedUnnamed;
            server.unnamedIs(there);
        }
    }

    /**
     * "cached plan must not change result type". The words may be in any language and the SQLSTATE
     * has other uses, so the routine tells, as it does to pgjdbc.
     */
    private static boolean shapeChanged(ErrorFields fields) {
        return fields.sqlState().equals(SqlState.FEATURE_NOT_SUPPORTED.code())
                && fields.routine().equals("RevalidateCachedQuery");
    }

    /** The server has not executed this entry, and never will. */
    void skipped(Reply reply, @Nullable Object detail, ServerConnection server) {
        settle(reply, detail);
        switch (reply) {
            case PARSE, MADE_PARSE -> {
                if (detail instanceof Parsed parsed) {
                    names.remove(parsed.named());
                    Statement statement = parsed.named().statement();
                    if (parsed.server() != null && statement != null) {
                        parsed.server().statements().remove(statement);
                    }
                }
            }
            case REPLAY -> {
                if (detail instanceof Moved moved) {
                    moved.server().statements().remove(moved.statement());
                }
            }
            case OWN_CLOSE -> {
                if (detail instanceof Moved moved && moved.name() != null) {
                    moved.server().statements().restore(moved.statement(), moved.name());
                } else if (detail == UnnamedStatement.ABSENT) {
                    unnamedFellBack(server, null);
                }
            }
            case MADE_CLOSE -> {
                if (detail instanceof Named named) {
                    names.put(named);
                }
            }
            case PARSE_UNNAMED, REPLAY_UNNAMED, QUERY -> unnamedFellBack(server, null);
            case CLOSE -> {
                if (detail == UnnamedStatement.ABSENT) {
                    unnamedFellBack(server, null);
                }
            }
            default -> {}
        }
    }

    /**
     * The client has dropped all its statements by SQL, and with them those of the server
     * connection.
     */
    void deallocatedAll(ServerConnection server) {
        names.clear();
        server.statements().clear();
    }

    /** Something that statements may depend on has been altered or dropped. */
    void tablesChanged() {
        catalog.changed();
    }

    /**
     * The client's name in an error about one of its statements; null if the error is not about
     * one.
     */
    static byte @Nullable [] clientName(@Nullable Object detail) {
        return switch (detail) {
            case Named named -> named.name();
            case Parsed parsed -> parsed.named().name();
            case null, default -> null;
        };
    }
}

package dev.weir.session;

import dev.weir.classify.Reason;
import dev.weir.classify.Route;
import dev.weir.classify.TransactionCommand;
import dev.weir.classify.TransactionModes;
import dev.weir.classify.Verdict;
import dev.weir.router.LastVerdict;
import dev.weir.router.Router;
import dev.weir.session.statement.PreparedStatements;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What stands between a client's message and the end of its batch, if all of it is there: a Query,
 * or the messages of the extended protocol up to a Sync (manual section 54.2.3). Only such a batch,
 * and only if all of it reads, may leave the primary; and with it, if it begins a READ ONLY
 * transaction, all the rest of that.
 */
final class ReadBatch {
    /** What is kept for a second try must be small. */
    private static final int LONGEST = 64 * 1024;

    private final Router router;
    private final PreparedStatements statements;
    private final List<String> names = new ArrayList<>();
    private final LastVerdict last = new LastVerdict();
    private int end;
    private byte @Nullable [] text;
    private @Nullable Verdict verdict;

    /** Of a transaction that begins without words. */
    private TransactionModes defaults = TransactionModes.UNSAID;

    /** Of the transaction that the statement belongs to; null if it stands alone. */
    private @Nullable TransactionModes modes;

    /** What is asked for. */
    private Route route = Route.AUTO;

    /** That transaction is over. */
    private boolean over;

    /** Nothing in it has to do with a transaction, or was taken for a read by request. */
    private boolean plain;

    ReadBatch(Router router, PreparedStatements statements) {
        this.router = router;
        this.statements = statements;
    }

    /** The index behind the batch that was last looked at. */
    int end() {
        return end;
    }

    /** The text that was executed last in it. */
    byte @Nullable [] text() {
        return text;
    }

    /** Whether what was found to read does so for certain, and stands alone. */
    boolean plain() {
        return plain;
    }

    /** Why it has to stay; null if that is not for its text. */
    @Nullable Verdict verdict() {
        return verdict;
    }

    /**
     * Whether a batch that begins at {@code at} is there whole, and may leave the primary.
     *
     * @param asked where the session, or the beginning of its transaction, asks for
     * @param inherited what a transaction is that begins without words
     * @param begun the transaction that it is the first of; null if none is begun
     */
    boolean reads(
            ByteBuf in,
            int at,
            int limit,
            FrontendMessage type,
            long total,
            Route asked,
            TransactionModes inherited,
            @Nullable TransactionModes begun) {
        verdict = null;
        text = null;
        over = false;
        names.clear();
        plain = begun == null;
        route = asked;
        defaults = inherited;
        modes = begun == null ? null : inherited.then(begun);
        if (modes != null && stays(modes)) {
            return false;
        }
        if (total > limit - at || total > LONGEST) {
            return false;
        }
        if (type == FrontendMessage.QUERY) {
            end = (int) (at + total);
            return reads(ByteBufUtil.getBytes(in, at + FrontendMessage.HEADER, (int) total - 6));
        }
        return extended(in, at, limit);
    }

    private boolean extended(ByteBuf in, int from, int limit) {
        boolean parsed = false;
        int at = from;
        while (limit - at >= FrontendMessage.HEADER) {
            FrontendMessage type = FrontendMessage.of(in.getByte(at));
            int past = at + 1 + in.getInt(at + 1);
            if (type == null || past > limit || past - from > LONGEST || past <= at) {
                return false;
            }
            int body = at + FrontendMessage.HEADER;
            switch (type) {
                case PARSE -> {
                    int nameEnd = in.indexOf(body, past, (byte) 0);
                    int textEnd = nameEnd < 0 ? -1 : in.indexOf(nameEnd + 1, past, (byte) 0);
                    if (textEnd < 0
                            || !reads(
                                    ByteBufUtil.getBytes(in, nameEnd + 1, textEnd - nameEnd - 1))) {
                        return false;
                    }
                    if (nameEnd == body) {
                        parsed = true;
                    } else {
                        names.add(name(in, body, nameEnd));
                    }
                }
                case BIND -> {
                    int name = in.indexOf(body, past, (byte) 0) + 1;
                    if (name == 0 || !bound(in, name, past, parsed)) {
                        return false;
                    }
                }
                case DESCRIBE -> {
                    if (in.getByte(body) == 'S' && !bound(in, body + 1, past, parsed)) {
                        return false;
                    }
                }
                case EXECUTE -> {}
                case SYNC -> {
                    end = past;
                    return text != null;
                }
                default -> {
                    return false;
                }
            }
            at = past;
        }
        return false;
    }

    private static String name(ByteBuf in, int from, int to) {
        return in.toString(from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Whether the statement with the name at {@code nameAt} reads. */
    private boolean bound(ByteBuf in, int nameAt, int past, boolean parsed) {
        int nameEnd = in.indexOf(nameAt, past, (byte) 0);
        if (nameEnd < 0) {
            return false;
        }
        if (nameEnd == nameAt) {
            return parsed;
        }
        if (names.contains(name(in, nameAt, nameEnd))) {
            return true;
        }
        byte[] known = statements.text(in, nameAt, nameEnd - nameAt);
        return known != null && reads(known);
    }

    private boolean reads(byte[] statement) {
        text = statement;
        Verdict found = router.verdict(statement, route, last);
        if (!found.mayLeave() && !over) {
            if (found.reason() == Reason.TRANSACTION || found.reason() == Reason.SESSION) {
                TransactionCommand command = TransactionCommand.read(statement);
                if (command != null) {
                    return command(statement, command, found);
                }
            }
            if (modes != null) {
                found = router.verdictWithin(statement, route);
            }
        }
        boolean asked = isReplicaAsked(statement);
        plain &= !asked;
        if (found.mayLeave() && !over && !statements.texts().keepsState(statement, asked)) {
            return true;
        }
        verdict = found;
        return false;
    }

    /** Whether a statement would tie its session to the server connection. */
    boolean keepsState(byte[] statement) {
        return statements.texts().keepsState(statement, true);
    }

    private boolean isReplicaAsked(byte[] statement) {
        return route == Route.REPLICA || Route.hint(statement) == Route.REPLICA;
    }

    private boolean command(byte[] statement, TransactionCommand command, Verdict found) {
        TransactionModes before = modes;
        plain = false;
        if (command.kind().ends()) {
            over = true;
            verdict = found;
            return before != null && command.alone();
        }
        if (command.kind().begins() != (before == null)) {
            verdict = found;
            return false;
        }
        TransactionModes now = (before == null ? defaults : before).then(command.modes());
        modes = now;
        if (isReplicaAsked(statement)) {
            route = Route.REPLICA;
        }
        return !stays(now)
                && (command.alone()
                        || reads(Arrays.copyOfRange(statement, command.rest(), statement.length)));
    }

    private boolean stays(TransactionModes transaction) {
        Reason reason = transaction.reason();
        if (reason == Reason.READ) {
            return false;
        }
        verdict = new Verdict(reason, "");
        return true;
    }
}

package dev.weir.session;

import dev.weir.classify.Verdict;
import dev.weir.router.Router;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

/**
 * What stands between a client's message and the end of its batch, if all of it is there: a Query,
 * or the messages of the extended protocol up to a Sync (manual section 54.2.3). Only such a batch,
 * and only if all of it reads, may leave the primary, for nothing else can follow on that server
 * connection.
 */
final class ReadBatch {
    /** What is kept for a second try must be small. */
    private static final int LONGEST = 64 * 1024;

    private final Router router;
    private final PreparedStatements statements;
    private int end;
    private byte @Nullable [] text;
    private @Nullable Verdict verdict;

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

    /** Why it has to stay; null if that is not for its text. */
    @Nullable Verdict verdict() {
        return verdict;
    }

    /** Whether a batch that begins at {@code at} is there whole, and reads only. */
    boolean reads(ByteBuf in, int at, int limit, FrontendMessage type, long total) {
        verdict = null;
        text = null;
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
                    int textEnd = in.indexOf(body + 1, past, (byte) 0);
                    // A name that was given on a replica would have to be taken back for a retry.
                    if (in.getByte(body) != 0
                            || textEnd < 0
                            || !reads(ByteBufUtil.getBytes(in, body + 1, textEnd - body - 1))) {
                        return false;
                    }
                    parsed = true;
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

    /** Whether the statement with the name at {@code nameAt} reads. */
    private boolean bound(ByteBuf in, int nameAt, int past, boolean parsed) {
        int nameEnd = in.indexOf(nameAt, past, (byte) 0);
        if (nameEnd < 0) {
            return false;
        }
        if (nameEnd == nameAt) {
            return parsed;
        }
        byte[] known = statements.text(in, nameAt, nameEnd - nameAt);
        return known != null && reads(known);
    }

    private boolean reads(byte[] statement) {
        text = statement;
        Verdict found = router.verdict(statement);
        if (found.mayLeave()) {
            return true;
        }
        verdict = found;
        return false;
    }
}

package dev.weir.session;

import dev.weir.wire.Backend;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;

import java.util.Set;

/**
 * Looks for the first message of a replica's answer that tells whether it has an answer. Until then
 * nothing is passed on, and all of it can be asked for again elsewhere.
 */
final class FirstAnswer {
    /** Longer beginnings are passed on without waiting for their end. */
    private static final int LONGEST = 32 * 1024;

    /** It writes, or needs what only a primary has: it never will be answered there. */
    private static final Set<String> REFUSED = Set.of("25006", "55000", "0A000");

    /**
     * A conflict with recovery, a deadlock with it, a session that was ended, no room: the primary
     * may do better.
     */
    private static final Set<String> FAILED =
            Set.of("40001", "40P01", "57P01", "57P05", "53300", "58P01", "25S02");

    /** The same, because the whole server crashes or does not let anybody in. */
    private static final Set<String> DOWN = Set.of("57P02", "57P03");

    /** In a crash, or an immediate shutdown, the server's last words are only a warning. */
    private static final Set<String> LAST_WORDS = Set.of("57P01", "57P02");

    /** How the tags of BEGIN and START TRANSACTION begin. */
    private static final int BEGIN = 'B' << 16 | 'E' << 8 | 'G';

    private static final int START = 'S' << 16 | 'T' << 8 | 'A';

    enum Found {
        /** More must come. */
        NOTHING,
        ANSWER,
        /** The primary is to be asked. */
        FAILED,
        /** The same, and so may others whose reads are there. */
        DOWN,
        /** The same, for this statement now and later. */
        REFUSED
    }

    private FirstAnswer() {}

    static Found look(ByteBuf in, int from, int end) {
        int at = from;
        while (end - at >= FrontendMessage.HEADER) {
            byte type = in.getByte(at);
            long total = in.getInt(at + 1) + 1L;
            if (type == Backend.ERROR_RESPONSE || type == Backend.NOTICE_RESPONSE) {
                return total > end - at && end - from < LONGEST
                        ? Found.NOTHING
                        : said(in, at, type, (int) Math.min(total, end - at));
            }
            if (!(isOnlyTheBeginning(type) || isBegun(in, at, end, type)) || total > LONGEST) {
                return Found.ANSWER;
            }
            if (total > end - at) {
                return Found.NOTHING;
            }
            at += (int) total;
        }
        return end - from < LONGEST ? Found.NOTHING : Found.ANSWER;
    }

    private static boolean isOnlyTheBeginning(byte type) {
        return switch (type) {
            // CloseComplete is Weir's, for no read of the client's closes anything.
            case Backend.PARSE_COMPLETE,
                    Backend.CLOSE_COMPLETE,
                    Backend.BIND_COMPLETE,
                    Backend.PARAMETER_DESCRIPTION,
                    Backend.ROW_DESCRIPTION,
                    Backend.NO_DATA,
                    Backend.PARAMETER_STATUS ->
                    true;
            default -> false;
        };
    }

    /** Whether it is the answer to a BEGIN, behind which a statement of the same batch may fail. */
    private static boolean isBegun(ByteBuf in, int at, int end, byte type) {
        int tag = at + FrontendMessage.HEADER;
        return type == Backend.COMMAND_COMPLETE
                && end - tag >= 3
                && (in.getMedium(tag) == BEGIN || in.getMedium(tag) == START);
    }

    private static Found said(ByteBuf in, int at, byte type, int total) {
        String state =
                ErrorFields.read(in, at + FrontendMessage.HEADER, total - FrontendMessage.HEADER)
                        .sqlState();
        if (type == Backend.NOTICE_RESPONSE) {
            return LAST_WORDS.contains(state) ? Found.DOWN : Found.ANSWER;
        }
        return REFUSED.contains(state)
                ? Found.REFUSED
                : FAILED.contains(state)
                        ? Found.FAILED
                        : DOWN.contains(state) ? Found.DOWN : Found.ANSWER;
    }
}

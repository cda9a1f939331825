package dev.weir.session;

import dev.weir.balance.Replica;
import dev.weir.classify.TransactionCommand;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerUnavailableException.Kind;
import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Locale;

/**
 * What a client may say in a session that only reads, because its user or its port is read-only.
 * Any thread may use it.
 */
final class ReadOnly {
    /** Always on; the server reports it to the client. */
    static final String SETTING = "default_transaction_read_only";

    /** The setting's value. */
    static final String ON = "on";

    /** What nobody needs to send and would be long to read. */
    private static final int LONGEST = 1024;

    private static final RefusedStatement READ_WRITE =
            new RefusedStatement(
                    SqlState.READ_ONLY_SQL_TRANSACTION,
                    "cannot set transaction read-write mode: this session of Weir's is read-only, by its user or its port");

    /**
     * How it is to be.
     *
     * @param lastResort whether the primary answers what only reads if no replica can
     * @param patience how long a statement waits for a replica otherwise
     * @param greeter the replica whose settings are told at the login; null if there is none
     */
    record Terms(boolean lastResort, Duration patience, @Nullable Replica greeter) {}

    private ReadOnly() {}

    /** What to say of a statement that would keep the session on one replica. */
    static ServerUnavailableException ties() {
        return new ServerUnavailableException(
                Kind.REFUSED,
                SqlState.FEATURE_NOT_SUPPORTED,
                "This session is read-only, and served by replicas, where advisory locks, currval, cursors WITH HOLD and the like mean nothing to others or cannot be kept.");
    }

    /** What is wrong with a statement that wants to write; null if nothing is. */
    static @Nullable RefusedStatement refuses(
            ByteBuf in, int at, int end, FrontendMessage type, long total) {
        byte[] text = total > end - at || total > LONGEST ? null : text(in, at, type, (int) total);
        TransactionCommand command = text == null ? null : TransactionCommand.read(text);
        return command != null && Boolean.FALSE.equals(command.modes().readOnly())
                ? READ_WRITE
                : null;
    }

    /** The text of a Query or Parse that is there whole; null if it has none. */
    static byte @Nullable [] text(ByteBuf in, int at, FrontendMessage type, int total) {
        int body = at + FrontendMessage.HEADER;
        int past = at + total;
        int from =
                switch (type) {
                    case QUERY -> body;
                    case PARSE -> in.indexOf(body, past, (byte) 0) + 1;
                    default -> 0;
                };
        int to = from <= 0 ? -1 : in.indexOf(from, past, (byte) 0);
        return to < 0 ? null : ByteBufUtil.getBytes(in, from, to - from);
    }

    /**
     * Whether it is one SHOW, or one SET of a setting that has nothing to do with writing, as
     * drivers send them when they connect.
     */
    static boolean isSettingOnly(byte[] text) {
        Lexer lexer = new Lexer(text);
        lexer.next();
        boolean set = lexer.is("set");
        if (!set && !lexer.is("show")) {
            return false;
        }
        lexer.next();
        if (set && (lexer.is("session") || lexer.is("local"))) {
            lexer.next();
        }
        if (lexer.kind() != TokenKind.WORD
                || (set && lexer.name().toLowerCase(Locale.ROOT).contains("transaction"))
                || (set && lexer.is("characteristics"))) {
            return false;
        }
        TokenKind kind = lexer.kind();
        while (kind != TokenKind.END && kind != TokenKind.SEMICOLON) {
            if (kind == TokenKind.BROKEN) {
                return false;
            }
            kind = lexer.next();
        }
        return kind == TokenKind.END || lexer.next() == TokenKind.END;
    }
}

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
 * What is different in a session that only reads, because its user or its port is read-only: all of
 * it is for replicas, which cannot write whatever they are told. The primary is only asked what
 * surely writes nothing, one statement at a time, and is told to refuse the rest. Confined to the
 * client's loop.
 */
final class ReadOnly {
    /** Always on; the server reports it to the client. */
    static final String SETTING = "default_transaction_read_only";

    /** The setting's value. */
    static final String ON = "on";

    /** Between two looks for a replica. */
    static final Duration PAUSE = Duration.ofMillis(20);

    /** Replicas that may fail, one after the other, before anything is sent. */
    private static final int MOST_TRIES = 3;

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

    private final Terms terms;

    /** The batch may be answered by the primary. */
    private boolean reads;

    /** Since when a replica is awaited; 0 if none is. */
    private long sinceNanos;

    private int tries;

    /** It has failed, and has not been asked since how it is. */
    private @Nullable Replica failed;

    private long failedNanos;

    ReadOnly(Terms terms) {
        this.terms = terms;
    }

    /** What is to be decided about: whether it surely only reads, and is no part of more. */
    void looksAt(boolean surelyReads) {
        reads = surelyReads && terms.lastResort();
    }

    /** Whether the primary may be asked if no replica answers. */
    boolean mayFallBack() {
        return reads;
    }

    /** Whether it is worth while to wait on for a replica. */
    boolean waitsOn() {
        long now = System.nanoTime();
        if (sinceNanos == 0) {
            sinceNanos = now;
        }
        return now - sinceNanos < terms.patience().toNanos();
    }

    /** Whether one replica after the other has failed. */
    boolean exhausted() {
        return tries >= MOST_TRIES;
    }

    /** Nothing could be sent to that replica. */
    void failed(@Nullable Replica replica) {
        tries++;
        failed = replica;
        failedNanos = System.nanoTime();
    }

    /** Whether a replica has to tell first that it is still there. */
    boolean doubts(@Nullable Replica replica) {
        if (replica == null || replica != failed) {
            return false;
        }
        if (replica.probe().heardSince(failedNanos)) {
            failed = null;
            return false;
        }
        replica.probe().soon();
        return true;
    }

    /** It has been decided about, one way or another. */
    void over() {
        sinceNanos = 0;
        tries = 0;
        failed = null;
    }

    /** What to say when no replica has come. */
    ServerUnavailableException nobody() {
        if (exhausted()) {
            return new ServerUnavailableException(
                    Kind.UNREACHABLE,
                    SqlState.SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
                    "%d times in a row a replica could not be reached for this read-only session; see SHOW PLACES at the console of Weir."
                            .formatted(tries));
        }
        return new ServerUnavailableException(
                Kind.WAITED_TOO_LONG,
                SqlState.SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
                "No replica could answer this read-only session within failover-wait (%d ms)%s."
                        .formatted(
                                terms.patience().toMillis(),
                                terms.lastResort()
                                        ? ", and the primary is only asked what surely reads, outside of a transaction"
                                        : ""));
    }

    /** What to say of a statement that would keep the session on one replica. */
    static ServerUnavailableException ties() {
        return new ServerUnavailableException(
                Kind.REFUSED,
                SqlState.FEATURE_NOT_SUPPORTED,
                "This session is read-only, and served by replicas, where advisory locks, currval, cursors WITH HOLD and the like mean nothing to others or cannot be kept.");
    }

    // ---- what clients write ----

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

package dev.weir.classify;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.function.Function;

/**
 * Tells of a statement that would not leave the primary by itself whether it may within a READ ONLY
 * transaction: what only concerns that transaction, and cursors that end with it.
 */
public final class WithinTransaction {
    private static final byte[] NOTHING = {};

    private WithinTransaction() {}

    /**
     * Classifies a whole text.
     *
     * @param alone its verdict outside of a transaction
     * @param queries classifies the query of a cursor
     */
    public static Verdict classify(byte[] text, Verdict alone, Function<byte[], Verdict> queries) {
        if (alone.reason() != Reason.TRANSACTION && alone.reason() != Reason.SESSION) {
            return alone;
        }
        Lexer lexer = new Lexer(text);
        byte[] query = query(text, lexer);
        if (query == null) {
            return alone;
        }
        return query.length > 0 ? queries.apply(query) : Verdict.of(Reason.READ);
    }

    /** Null if it may not; the query in it; empty if there is none. */
    private static byte @Nullable [] query(byte[] text, Lexer lexer) {
        lexer.next();
        if (lexer.is("declare")) {
            return cursor(text, lexer);
        }
        boolean set = lexer.is("set");
        if (!set
                && !lexer.is("savepoint")
                && !lexer.is("release")
                && !lexer.is("show")
                && !lexer.is("fetch")
                && !lexer.is("move")) {
            return null;
        }
        lexer.next();
        if (set) {
            if (!lexer.is("local")) {
                return null;
            }
            lexer.next();
            if (lexer.is("weir")) {
                // It may ask for the primary, and only there it is certain that it is heard.
                return null;
            }
        }
        while (lexer.kind() != TokenKind.SEMICOLON && lexer.kind() != TokenKind.END) {
            if (lexer.kind() == TokenKind.BROKEN) {
                return null;
            }
            lexer.next();
        }
        while (lexer.kind() == TokenKind.SEMICOLON) {
            lexer.next();
        }
        return lexer.kind() == TokenKind.END ? NOTHING : null;
    }

    /** A cursor that outlives its transaction would tie the session to the replica. */
    private static byte @Nullable [] cursor(byte[] text, Lexer lexer) {
        boolean with = false;
        lexer.next();
        while (lexer.kind() == TokenKind.WORD || lexer.kind() == TokenKind.QUOTED_IDENTIFIER) {
            if (lexer.is("for")) {
                return Arrays.copyOfRange(text, lexer.stop(), text.length);
            }
            if (with && lexer.is("hold")) {
                return null;
            }
            with = lexer.is("with");
            lexer.next();
        }
        return null;
    }
}

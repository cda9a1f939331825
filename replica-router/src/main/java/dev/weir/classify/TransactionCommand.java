package dev.weir.classify;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;

import org.jspecify.annotations.Nullable;

/**
 * A statement that begins or ends a transaction, or says what it is to be: exactly so much of it as
 * PostgreSQL surely carries out. What has AND CHAIN, a savepoint or a name in it is none.
 *
 * @param modes what it says; nothing if it ends the transaction
 * @param rest where what follows its semicolon begins; negative if nothing follows
 */
public record TransactionCommand(Kind kind, TransactionModes modes, int rest) {
    /** What it does. */
    public enum Kind {
        BEGIN("BEGIN"),
        START("START TRANSACTION"),
        /** SET TRANSACTION. */
        SET("SET"),
        COMMIT("COMMIT"),
        ROLLBACK("ROLLBACK");

        private final String tag;

        Kind(String tag) {
            this.tag = tag;
        }

        /** What PostgreSQL answers. */
        public String tag() {
            return tag;
        }

        /** Whether a transaction begins with it. */
        public boolean begins() {
            return this == BEGIN || this == START;
        }

        /** Whether the transaction is over with it. */
        public boolean ends() {
            return this == COMMIT || this == ROLLBACK;
        }
    }

    /** Whether nothing else is in the text. */
    public boolean alone() {
        return rest < 0;
    }

    /**
     * Whether a text may be one that begins with these three bytes: spares {@link #read} for most
     * of those that are none.
     */
    public static boolean mayBegin(byte first, byte second, byte third) {
        return switch (first | 0x20) {
            // SET and START, not SELECT.
            case 's' -> (second | 0x20) == 't' || (third | 0x20) == 't';
            case 'd', 'i', 'm', 'u', 'w' -> false;
            default -> true;
        };
    }

    /** What the text begins with; null if that is none. */
    public static @Nullable TransactionCommand read(byte[] text) {
        Lexer lexer = new Lexer(text);
        lexer.next();
        Kind kind = kind(lexer);
        if (kind == null) {
            return null;
        }
        TransactionModes modes =
                kind.ends() ? TransactionModes.UNSAID : modes(lexer, kind == Kind.SET);
        if (modes == null) {
            return null;
        }
        while (lexer.kind() == TokenKind.SEMICOLON) {
            lexer.next();
        }
        return new TransactionCommand(
                kind, modes, lexer.kind() == TokenKind.END ? -1 : lexer.start());
    }

    /** Reads up to the first token behind its words. */
    private static @Nullable Kind kind(Lexer lexer) {
        Kind kind = first(lexer);
        if (kind == null) {
            return null;
        }
        lexer.next();
        boolean named = skip(lexer, "transaction");
        if (kind == Kind.START || kind == Kind.SET) {
            return named ? kind : null;
        }
        if (!named) {
            skip(lexer, "work");
        }
        return kind == Kind.BEGIN || atEnd(lexer) ? kind : null;
    }

    private static @Nullable Kind first(Lexer lexer) {
        if (lexer.is("begin")) {
            return Kind.BEGIN;
        }
        if (lexer.is("start")) {
            return Kind.START;
        }
        if (lexer.is("set")) {
            return Kind.SET;
        }
        if (lexer.is("commit") || lexer.is("end")) {
            return Kind.COMMIT;
        }
        return lexer.is("rollback") || lexer.is("abort") ? Kind.ROLLBACK : null;
    }

    private static boolean atEnd(Lexer lexer) {
        return lexer.kind() == TokenKind.SEMICOLON || lexer.kind() == TokenKind.END;
    }

    private static @Nullable TransactionModes modes(Lexer lexer, boolean needed) {
        TransactionModes modes = TransactionModes.UNSAID;
        boolean more = needed;
        while (more || !atEnd(lexer)) {
            TransactionModes next = mode(lexer);
            if (next == null) {
                return null;
            }
            modes = modes.then(next);
            more = lexer.kind() == TokenKind.COMMA;
            if (more) {
                lexer.next();
            }
        }
        return modes;
    }

    private static @Nullable TransactionModes mode(Lexer lexer) {
        if (lexer.is("read")) {
            lexer.next();
            boolean only = lexer.is("only");
            return skip(lexer, only ? "only" : "write")
                    ? new TransactionModes(only, null, null)
                    : null;
        }
        if (lexer.is("isolation")) {
            lexer.next();
            if (!skip(lexer, "level")) {
                return null;
            }
            boolean serializable = lexer.is("serializable");
            boolean known =
                    serializable
                            ? skip(lexer, "serializable")
                            : lexer.is("repeatable")
                                    ? skip(lexer, "repeatable") && skip(lexer, "read")
                                    : skip(lexer, "read")
                                            && (skip(lexer, "committed")
                                                    || skip(lexer, "uncommitted"));
            return known ? new TransactionModes(null, serializable, null) : null;
        }
        boolean not = skip(lexer, "not");
        return skip(lexer, "deferrable") ? new TransactionModes(null, null, !not) : null;
    }

    private static boolean skip(Lexer lexer, String word) {
        boolean there = lexer.is(word);
        if (there) {
            lexer.next();
        }
        return there;
    }
}

package dev.weir.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds where a text names prepared statements: in EXECUTE, also behind EXPLAIN or CREATE TABLE AS,
 * in PREPARE and in DEALLOCATE. Only texts with such {@link Effects} are read.
 */
final class SqlNames {
    /** What is done with the statement. */
    enum Use {
        EXECUTE,
        PREPARE,
        DEALLOCATE
    }

    /**
     * One name in the text.
     *
     * @param name as PostgreSQL reads it, but not cut
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Found(Use use, byte[] name) {}

    private final Lexer lexer;
    private final List<Found> found = new ArrayList<>();

    private SqlNames(Lexer lexer) {
        this.lexer = lexer;
    }

    /** The names in the first {@code length} bytes of {@code text}, in their order. */
    static List<Found> in(byte[] text, int length) {
        SqlNames names = new SqlNames(new Lexer(text, 0, length));
        do {
            names.lexer.next();
            names.statement();
        } while (names.lexer.kind() != TokenKind.END);
        return names.found;
    }

    /** Reads up to a semicolon or the end. */
    private void statement() {
        if (lexer.is("deallocate")) {
            lexer.next();
            if (lexer.is("prepare")) {
                lexer.next();
            }
            if (!lexer.is("all")) {
                name(Use.DEALLOCATE);
            }
        } else if (lexer.is("prepare")) {
            lexer.next();
            if (!lexer.is("transaction")) {
                name(Use.PREPARE);
            }
        }
        while (lexer.kind() != TokenKind.SEMICOLON && lexer.kind() != TokenKind.END) {
            boolean execute = lexer.is("execute");
            lexer.next();
            if (execute) {
                name(Use.EXECUTE);
            }
        }
    }

    private void name(Use use) {
        boolean plain = lexer.kind() == TokenKind.WORD;
        // Escapes in it are for PostgreSQL to read.
        boolean quoted =
                lexer.kind() == TokenKind.QUOTED_IDENTIFIER && lexer.text().charAt(0) == '"';
        if (plain || quoted) {
            found.add(new Found(use, lexer.name().getBytes(UTF_8)));
        }
    }
}

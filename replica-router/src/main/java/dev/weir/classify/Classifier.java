package dev.weir.classify;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * Tells whether a statement may leave the primary, from its words and what the catalog knows of
 * them. It knows no grammar: a word decides wherever it stands, so that a column of the name of a
 * volatile function keeps a statement on the primary, too. Whatever it does not know stays there.
 *
 * <p>Strings are read as {@code standard_conforming_strings = on} has them. A session that has
 * turned that off must not ask.
 *
 * <p>Any thread may call it; a call does not block.
 */
public final class Classifier {
    /** Longer names are cut off by PostgreSQL (manual 4.1.1), and may mean another. */
    private static final int LONGEST_NAME = 63;

    private final byte[] text;
    private final Lexer lexer;
    private final Catalog catalog;

    /** What is not certain is taken for harmless. */
    private final boolean lenient;

    // The token before, if it is a name or a key word.
    private boolean word;
    private int start;
    private int stop;
    private int keyword;
    private int meaning;

    /** Whether that token is a name that is given there. */
    private boolean given;

    private int depth;
    private boolean copy;

    /** COPY's TO has been met; before that, parentheses hold columns. */
    private boolean to;

    private boolean toNext;

    private Classifier(byte[] text, int from, int end, Catalog catalog, boolean lenient) {
        this.lenient = lenient;
        this.text = text;
        this.lexer = new Lexer(text, from, end);
        this.catalog = catalog;
    }

    /** Classifies a whole text. */
    public static Verdict classify(byte[] text, Catalog catalog) {
        return classify(text, 0, text.length, catalog);
    }

    /**
     * Classifies the text from one index to before another: UTF-8, or what has ASCII's bytes for
     * ASCII's characters only.
     */
    public static Verdict classify(byte[] text, int from, int end, Catalog catalog) {
        return new Classifier(text, from, end, catalog, false).statement();
    }

    /**
     * Classifies a whole text of which somebody has said that a replica may answer it: only what
     * surely may not has another verdict.
     */
    public static Verdict lenient(byte[] text, Catalog catalog) {
        return new Classifier(text, 0, text.length, catalog, true).statement();
    }

    private Verdict statement() {
        TokenKind kind = lexer.next();
        while (kind == TokenKind.SEMICOLON) {
            kind = lexer.next();
        }
        if (kind == TokenKind.END) {
            return Verdict.of(Reason.EMPTY);
        }
        return begin(kind);
    }

    /** At the first token of a statement. */
    private Verdict begin(TokenKind first) {
        TokenKind kind = first;
        while (kind == TokenKind.LEFT_PARENTHESIS) {
            depth++;
            kind = lexer.next();
        }
        if (kind != TokenKind.WORD) {
            return kind == TokenKind.BROKEN ? unreadable() : Verdict.of(Reason.UNKNOWN_STATEMENT);
        }
        take();
        if ((keyword & Keywords.START) == 0) {
            return verdict(Reason.UNKNOWN_STATEMENT);
        }
        Keywords.Start beginning = Keywords.start(keyword);
        return switch (beginning) {
            case QUERY -> scan();
            case EXPLAIN -> explain();
            case COPY -> copy();
            default -> verdict(beginning.reason());
        };
    }

    private Verdict explain() {
        TokenKind kind = lexer.next();
        if (kind == TokenKind.LEFT_PARENTHESIS) {
            kind = lexer.next();
            if (kind == TokenKind.WORD && !lexer.is("analyze")) {
                take();
                if ((keyword & Keywords.START) != 0) {
                    depth++;
                    return begin(kind);
                }
            }
            while (kind != TokenKind.RIGHT_PARENTHESIS) {
                if (kind == TokenKind.END || kind == TokenKind.BROKEN) {
                    return unreadable();
                }
                kind = lexer.next();
            }
            return begin(lexer.next());
        }
        while (kind == TokenKind.WORD && (lexer.is("analyze") || lexer.is("verbose"))) {
            kind = lexer.next();
        }
        return begin(kind);
    }

    private Verdict copy() {
        copy = true;
        return scan();
    }

    /** All that follows the first word of a query. */
    private Verdict scan() {
        while (true) {
            TokenKind kind = lexer.next();
            if (toNext) {
                toNext = false;
                if (!lexer.is("stdout")) {
                    return verdict(Reason.FILE);
                }
            }
            Verdict verdict =
                    switch (kind) {
                        case WORD, QUOTED_IDENTIFIER -> name();
                        case LEFT_PARENTHESIS -> open();
                        case RIGHT_PARENTHESIS -> {
                            depth--;
                            yield null;
                        }
                        case OPERATOR ->
                                !lenient && catalog.volatileOperator(lexer)
                                        ? new Verdict(Reason.VOLATILE_OPERATOR, lexer.text())
                                        : null;
                        case BROKEN -> unreadable();
                        case SEMICOLON -> last();
                        case END -> end();
                        default -> null;
                    };
            if (verdict != null) {
                return verdict;
            }
            if (kind != TokenKind.WORD && kind != TokenKind.QUOTED_IDENTIFIER) {
                word = false;
                given = false;
            }
        }
    }

    /** Remembers the token as a word. */
    private void take() {
        boolean folded = lexer.kind() == TokenKind.WORD;
        word = true;
        start = lexer.start();
        stop = lexer.stop();
        if (!folded) {
            start++;
            stop--;
        }
        meaning = catalog.meaning(text, start, stop, folded);
        keyword = folded ? meaning & 0xffff : 0;
    }

    private @Nullable Verdict name() {
        int before = word ? keyword : 0;
        if (lexer.kind() == TokenKind.QUOTED_IDENTIFIER && !plainQuotes()) {
            return unreadable();
        }
        take();
        if (stop - start > LONGEST_NAME) {
            return unreadable();
        }
        given = (before & Keywords.NAMES) != 0;
        if (keyword != 0) {
            Verdict verdict = keyword(before);
            if (verdict != null) {
                return verdict;
            }
        }
        if (lenient) {
            return null;
        }
        if ((meaning & Catalog.HIDDEN) != 0) {
            return verdict(Reason.VOLATILE_FUNCTION);
        }
        if ((meaning & Catalog.RELATION) != 0) {
            return verdict(Reason.RELATION);
        }
        if ((meaning & Catalog.SERVER) != 0
                || ((meaning & (Catalog.FUNCTION | Catalog.VOLATILE)) == 0 && startsWithPg())) {
            return verdict(Reason.SERVER);
        }
        return null;
    }

    private @Nullable Verdict keyword(int before) {
        if ((keyword & Keywords.LOCKS) != 0 && (before & Keywords.FOR) != 0) {
            return verdict(Reason.ROW_LOCK);
        }
        if ((keyword & (Keywords.WRITES | Keywords.INTO)) != 0) {
            return verdict(Reason.WRITE);
        }
        if (copy && depth == 0 && !to) {
            if (lexer.is("from")) {
                return verdict(Reason.WRITE);
            }
            to = lexer.is("to");
            toNext = to;
        }
        return null;
    }

    private @Nullable Verdict open() {
        boolean columns = copy && depth == 0 && !to;
        depth++;
        if (lenient || !word || given || columns || (keyword & Keywords.NO_FUNCTION) != 0) {
            return null;
        }
        if ((meaning & Catalog.VOLATILE) != 0) {
            return verdict(Reason.VOLATILE_FUNCTION);
        }
        return (meaning & Catalog.FUNCTION) == 0 ? verdict(Reason.UNKNOWN_FUNCTION) : null;
    }

    private Verdict last() {
        TokenKind kind = TokenKind.SEMICOLON;
        while (kind == TokenKind.SEMICOLON) {
            kind = lexer.next();
        }
        return kind == TokenKind.END ? end() : Verdict.of(Reason.SEVERAL);
    }

    private Verdict end() {
        if (depth != 0) {
            return unreadable();
        }
        if (copy && !to) {
            return Verdict.of(Reason.UNREADABLE);
        }
        return lenient || catalog.known() ? Verdict.of(Reason.READ) : Verdict.of(Reason.NO_CATALOG);
    }

    private boolean startsWithPg() {
        return stop - start > 3
                && (text[start] | 0x20) == 'p'
                && (text[start + 1] | 0x20) == 'g'
                && text[start + 2] == '_';
    }

    /** Whether an identifier in quotes has neither a quote nor an escape in it. */
    private boolean plainQuotes() {
        if (text[lexer.start()] != '"') {
            return false;
        }
        for (int i = lexer.start() + 1; i < lexer.stop() - 1; i++) {
            if (text[i] == '"') {
                return false;
            }
        }
        return true;
    }

    private Verdict verdict(Reason reason) {
        return new Verdict(reason, new String(text, start, stop - start, StandardCharsets.UTF_8));
    }

    private static Verdict unreadable() {
        return Verdict.of(Reason.UNREADABLE);
    }
}

package dev.weir.session.statement;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

/**
 * Recognises a text that is one DEALLOCATE of one statement. Drivers whose libpq cannot close a
 * prepared statement of the protocol say it so: Ruby's and PHP's, psycopg. Under the client's name
 * the server connection has none.
 */
public final class Deallocation {
    /** Up to here a text is looked at: the words, a long name, some blanks. */
    private static final int LONGEST = 200;

    /** What PostgreSQL answers, up to the ReadyForQuery. */
    public static final byte[] DONE = done();

    private static final byte[] WORD = "deallocate".getBytes(UTF_8);

    private Deallocation() {}

    private static byte[] done() {
        ByteBuf out = Unpooled.buffer();
        Messages.commandComplete(out, "DEALLOCATE");
        return ByteBufUtil.getBytes(out);
    }

    /**
     * The name behind DEALLOCATE; null if the text says anything else, or something besides.
     *
     * @param from the first byte
     * @param to behind the last, without terminator
     */
    static byte @Nullable [] name(ByteBuf in, int from, int to) {
        if (to - from <= WORD.length || to - from > LONGEST || !begins(in, from)) {
            return null;
        }
        Lexer lexer = new Lexer(ByteBufUtil.getBytes(in, from, to - from));
        lexer.next();
        if (!lexer.is("deallocate")) {
            return null;
        }
        lexer.next();
        if (lexer.is("prepare")) {
            lexer.next();
        }
        if (lexer.is("all")
                || (lexer.kind() != TokenKind.WORD && lexer.kind() != TokenKind.QUOTED_IDENTIFIER)
                || lexer.text().startsWith("U&")) {
            return null;
        }
        byte[] name = lexer.name().getBytes(UTF_8);
        if (lexer.next() == TokenKind.SEMICOLON) {
            lexer.next();
        }
        return lexer.kind() == TokenKind.END ? name : null;
    }

    /** Perf: nearly all texts end here, at their first byte. */
    private static boolean begins(ByteBuf in, int from) {
        int at = 0;
        while (at < WORD.length && (in.getByte(from + at) | 0x20) == WORD[at]) {
            at++;
        }
        return at == WORD.length;
    }
}

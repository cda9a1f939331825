package dev.weir.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.util.Set;

/**
 * Puts a stand-in for each channel of LISTEN and UNLISTEN. A server connection that sessions share
 * must not listen for one of them; but what it says of the stand-ins, whatever is rolled back or
 * fails, is true of the channels.
 */
final class ChannelNames {
    private static final String PREFIX = "weir:";

    /** NAMEDATALEN less one: PostgreSQL cuts what is longer, and LISTEN refuses it. */
    private static final int LONGEST = 63;

    private ChannelNames() {}

    /** The stand-in for {@code channel}. */
    static String standIn(String channel) {
        return PREFIX + channel;
    }

    /** The channel that a stand-in means; null if it is none. */
    static @Nullable String channel(String standIn) {
        return standIn.startsWith(PREFIX) ? standIn.substring(PREFIX.length()) : null;
    }

    /**
     * Writes {@code text} with stand-ins.
     *
     * @param listened gets the channels that LISTEN names
     * @return null if there is nothing to replace, or a channel's name is too long to get one
     */
    static byte @Nullable [] rewrite(byte[] text, Set<String> listened) {
        Lexer lexer = new Lexer(text);
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + 32);
        int copied = 0;
        lexer.next();
        while (lexer.kind() != TokenKind.END) {
            boolean listen = lexer.is("listen");
            if (listen || lexer.is("unlisten")) {
                lexer.next();
                if (isName(lexer.kind())) {
                    String channel = lexer.name();
                    String standIn = standIn(channel);
                    if (standIn.getBytes(UTF_8).length > LONGEST) {
                        return null;
                    }
                    out.write(text, copied, lexer.start() - copied);
                    out.writeBytes(('"' + standIn.replace("\"", "\"\"") + '"').getBytes(UTF_8));
                    copied = lexer.stop();
                    if (listen) {
                        listened.add(channel);
                    }
                }
            }
            while (lexer.kind() != TokenKind.SEMICOLON && lexer.kind() != TokenKind.END) {
                lexer.next();
            }
            if (lexer.kind() == TokenKind.SEMICOLON) {
                lexer.next();
            }
        }
        if (copied == 0) {
            return null;
        }
        out.write(text, copied, text.length - copied);
        return out.toByteArray();
    }

    private static boolean isName(TokenKind kind) {
        return kind == TokenKind.WORD || kind == TokenKind.QUOTED_IDENTIFIER;
    }
}

package dev.weir.session.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.util.Set;

/**
 * Puts a stand-in for each channel of LISTEN and UNLISTEN. A server connection that sessions share
 * must not listen for one of them; but what it says of the stand-ins, whatever is rolled back or
 * fails, is true of the channels.
 */
public final class ChannelNames {
    private static final String PREFIX = "weir:";

    /** NAMEDATALEN less one: PostgreSQL cuts what is longer, and LISTEN refuses it. */
    private static final int LONGEST = 63;

    private ChannelNames() {}

    /** The stand-in for {@code channel}. */
    public static String standIn(String channel) {
        return PREFIX + channel;
    }

    /** The channel that a stand-in means; null if it is none. */
    public static @Nullable String channel(String standIn) {
        return standIn.startsWith(PREFIX) ? standIn.substring(PREFIX.length()) : null;
    }

    /** Whether the NotificationResponse at {@code at}, which is there whole, is of a stand-in. */
    public static boolean isStandIn(ByteBuf in, int at, long total) {
        int name = at + FrontendMessage.HEADER + Integer.BYTES;
        int end = (int) Math.min(at + total, in.writerIndex());
        if (end - name < PREFIX.length()) {
            return false;
        }
        return in.toString(name, PREFIX.length(), UTF_8).equals(PREFIX);
    }

    /**
     * Whether the text in {@code in} may have a LISTEN or UNLISTEN. Perf: a look at its beginning,
     * and for a semicolon within.
     *
     * @param from the first byte
     * @param to behind the last, without terminator
     */
    public static boolean mayOccur(ByteBuf in, int from, int to) {
        int at = from;
        while (at < to && in.getByte(at) <= ' ' && in.getByte(at) > 0) {
            at++;
        }
        if (at + 1 >= to) {
            return false;
        }
        int first = in.getByte(at) | 0x20;
        int second = in.getByte(at + 1) | 0x20;
        if (first == 'l' && second == 'i' || first == 'u' && second == 'n') {
            return true;
        }
        boolean word = first >= 'a' && first <= 'z';
        int semicolon = in.indexOf(at, to, (byte) ';');
        return !word || (semicolon >= 0 && semicolon < to - 1);
    }

    /**
     * Writes {@code text} with stand-ins.
     *
     * @param listened gets the channels that LISTEN names, also those that have their stand-in
     * @return null if there is nothing to replace, or a channel's name is too long to get one, or
     *     in an encoding that the shared listener does not speak
     */
    public static byte @Nullable [] rewrite(byte[] text, Set<String> listened) {
        Lexer lexer = new Lexer(text);
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + 32);
        int copied = 0;
        lexer.next();
        while (lexer.kind() != TokenKind.END) {
            boolean listen = lexer.is("listen");
            if (listen || lexer.is("unlisten")) {
                lexer.next();
                if (isName(lexer.kind())) {
                    String name = lexer.name();
                    String known = channel(name);
                    if (listen) {
                        listened.add(known == null ? name : known);
                    }
                    if (known == null) {
                        String standIn = standIn(name);
                        if (standIn.getBytes(UTF_8).length > LONGEST || !isUtf8(name)) {
                            listened.clear();
                            return null;
                        }
                        out.write(text, copied, lexer.start() - copied);
                        out.writeBytes(('"' + standIn.replace("\"", "\"\"") + '"').getBytes(UTF_8));
                        copied = lexer.stop();
                        if (copied < text.length && text[copied] == '"') {
                            // Two quotation marks would be one within the name.
                            out.write(' ');
                        }
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

    /** Whether the name was read from UTF-8, as far as can be seen. */
    private static boolean isUtf8(String name) {
        return name.indexOf('\uFFFD') < 0;
    }

    private static boolean isName(TokenKind kind) {
        return kind == TokenKind.WORD || kind == TokenKind.QUOTED_IDENTIFIER;
    }
}

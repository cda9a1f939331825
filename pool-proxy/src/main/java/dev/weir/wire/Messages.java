package dev.weir.wire;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes the messages that Weir itself says, to either side. Each method appends one whole message.
 */
public final class Messages {
    private Messages() {}

    /**
     * Starts a message.
     *
     * @return where its length stands, for {@link #end}
     */
    public static int begin(ByteBuf out, byte type) {
        out.writeByte(type);
        int lengthAt = out.writerIndex();
        out.writeInt(0);
        return lengthAt;
    }

    /** Ends a message by writing its length. */
    public static void end(ByteBuf out, int lengthAt) {
        out.setInt(lengthAt, out.writerIndex() - lengthAt);
    }

    /** A text and the zero byte behind it. */
    public static void cstring(ByteBuf out, String text) {
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        out.writeByte(0);
    }

    // ---- to a client ----

    /**
     * An ErrorResponse; its fields are listed in section 54.8.
     *
     * @param state five characters
     */
    public static void error(
            ByteBuf out, String severity, String state, String message, @Nullable String hint) {
        fields(out, Backend.ERROR_RESPONSE, severity, state, message, hint);
    }

    /** A NoticeResponse, with the same fields; successful_completion is its state. */
    public static void notice(ByteBuf out, String severity, String message) {
        fields(out, Backend.NOTICE_RESPONSE, severity, "00000", message, null);
    }

    private static void fields(
            ByteBuf out,
            byte type,
            String severity,
            String state,
            String message,
            @Nullable String hint) {
        int at = begin(out, type);
        field(out, 'S', severity);
        field(out, 'V', severity);
        field(out, 'C', state);
        field(out, 'M', message);
        if (hint != null) {
            field(out, 'H', hint);
        }
        out.writeByte(0);
        end(out, at);
    }

    private static void field(ByteBuf out, char code, String text) {
        out.writeByte(code);
        cstring(out, text);
    }

    public static void readyForQuery(ByteBuf out, byte status) {
        int at = begin(out, Backend.READY_FOR_QUERY);
        out.writeByte(status);
        end(out, at);
    }

    /**
     * The end of a statement that succeeded: {@code tag} says which and, of some, how many rows.
     */
    public static void commandComplete(ByteBuf out, String tag) {
        int at = begin(out, Backend.COMMAND_COMPLETE);
        cstring(out, tag);
        end(out, at);
    }

    /** A message of type and length alone, such as ParseComplete. */
    public static void bare(ByteBuf out, byte type) {
        out.writeByte(type);
        out.writeInt(FrontendMessage.LENGTH_FIELD);
    }

    /** An Authentication message: {@code code} says which. */
    public static void authentication(ByteBuf out, int code, byte[] body) {
        int at = begin(out, Backend.AUTHENTICATION);
        out.writeInt(code);
        out.writeBytes(body);
        end(out, at);
    }

    public static void parameterStatus(ByteBuf out, String name, String value) {
        int at = begin(out, Backend.PARAMETER_STATUS);
        cstring(out, name);
        cstring(out, value);
        end(out, at);
    }

    public static void backendKeyData(ByteBuf out, CancelKey key) {
        int at = begin(out, Backend.BACKEND_KEY_DATA);
        out.writeInt(key.pid());
        out.writeBytes(key.secret());
        end(out, at);
    }

    /**
     * Tells a client what of its wishes in the startup packet is not fulfilled.
     *
     * @param spoken the protocol that it gets
     */
    public static void negotiateProtocolVersion(
            ByteBuf out, int spoken, Iterable<String> unknownOptions) {
        int at = begin(out, Backend.NEGOTIATE_PROTOCOL_VERSION);
        out.writeInt(spoken);
        int countAt = out.writerIndex();
        out.writeInt(0);
        int count = 0;
        for (String option : unknownOptions) {
            cstring(out, option);
            count++;
        }
        out.setInt(countAt, count);
        end(out, at);
    }

    // ---- to a server ----

    public static void startup(ByteBuf out, Map<String, String> parameters) {
        int at = out.writerIndex();
        out.writeInt(0);
        out.writeInt(StartupPacket.PROTOCOL_3_0);
        parameters.forEach((name, value) -> {
            cstring(out, name);
            cstring(out, value);
        });
        out.writeByte(0);
        end(out, at);
    }

    public static void sslRequest(ByteBuf out) {
        out.writeInt(2 * Integer.BYTES);
        out.writeInt(StartupPacket.SSL_REQUEST);
    }

    public static void cancelRequest(ByteBuf out, CancelKey key) {
        int at = out.writerIndex();
        out.writeInt(0);
        out.writeInt(StartupPacket.CANCEL_REQUEST);
        out.writeInt(key.pid());
        out.writeBytes(key.secret());
        end(out, at);
    }

    public static void password(ByteBuf out, byte[] body) {
        int at = begin(out, FrontendMessage.PASSWORD.code());
        out.writeBytes(body);
        end(out, at);
    }

    /** The same, of a text in whatever encoding. */
    public static void query(ByteBuf out, byte[] sql) {
        int at = begin(out, FrontendMessage.QUERY.code());
        out.writeBytes(sql);
        out.writeByte(0);
        end(out, at);
    }

    public static void query(ByteBuf out, String sql) {
        int at = begin(out, FrontendMessage.QUERY.code());
        cstring(out, sql);
        end(out, at);
    }

    public static void sync(ByteBuf out) {
        bare(out, FrontendMessage.SYNC.code());
    }

    public static void flush(ByteBuf out) {
        bare(out, FrontendMessage.FLUSH.code());
    }

    public static void terminate(ByteBuf out) {
        bare(out, FrontendMessage.TERMINATE.code());
    }

    public static void copyFail(ByteBuf out, String reason) {
        int at = begin(out, FrontendMessage.COPY_FAIL.code());
        cstring(out, reason);
        end(out, at);
    }

    /**
     * A Parse.
     *
     * @param name the statement's name without its terminator, in the server's encoding
     * @param rest all that follows the name: text with its terminator, count and types of
     *     parameters
     */
    public static void parse(ByteBuf out, byte[] name, byte[] rest) {
        int at = begin(out, FrontendMessage.PARSE.code());
        out.writeBytes(name);
        out.writeByte(0);
        out.writeBytes(rest);
        end(out, at);
    }

    /** A Describe or Close of a named statement. */
    public static void statement(ByteBuf out, FrontendMessage type, byte[] name) {
        int at = begin(out, type.code());
        out.writeByte('S');
        out.writeBytes(name);
        out.writeByte(0);
        end(out, at);
    }
}

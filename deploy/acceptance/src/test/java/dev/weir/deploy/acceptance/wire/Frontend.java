package dev.weir.deploy.acceptance.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The messages of a client as bytes (manual section 54.7). Each method makes one whole message. */
public final class Frontend {
    public static final int PROTOCOL_3_0 = 3 << 16;

    private Frontend() {}

    // ---- before the login ----

    /** A startup packet of protocol 3.0. */
    public static byte[] startup(Map<String, String> parameters) {
        return startup(PROTOCOL_3_0, parameters);
    }

    public static byte[] startup(int version, Map<String, String> parameters) {
        Body body = new Body().int32(version);
        parameters.forEach((name, value) -> body.text(name).text(value));
        return body.int8(0).packet();
    }

    public static byte[] sslRequest() {
        return new Body().int32((1234 << 16) | 5679).packet();
    }

    public static byte[] gssEncRequest() {
        return new Body().int32((1234 << 16) | 5680).packet();
    }

    /**
     * A CancelRequest.
     *
     * @param key the body of a BackendKeyData: process number and secret
     */
    public static byte[] cancelRequest(byte[] key) {
        return new Body().int32((1234 << 16) | 5678).bytes(key).packet();
    }

    // ---- passwords ----

    public static byte[] password(byte[] body) {
        return new Body().bytes(body).message('p');
    }

    public static byte[] password(String password) {
        return new Body().text(password).message('p');
    }

    public static byte[] saslInitial(String mechanism, String message) {
        byte[] bytes = message.getBytes(UTF_8);
        return new Body().text(mechanism).int32(bytes.length).bytes(bytes).message('p');
    }

    // ---- queries ----

    public static byte[] query(String sql) {
        return new Body().text(sql).message('Q');
    }

    public static byte[] parse(String name, String sql, int... types) {
        Body body = new Body().text(name).text(sql).int16(types.length);
        Arrays.stream(types).forEach(body::int32);
        return body.message('P');
    }

    /** A Bind of values in text form. */
    public static byte[] bind(String portal, String statement, String... values) {
        List<byte[]> parameters = new ArrayList<>();
        for (String value : values) {
            parameters.add(value.getBytes(UTF_8));
        }
        return bind(portal, statement, List.of(), parameters, List.of());
    }

    /**
     * A Bind.
     *
     * @param formats of the parameters: none, one for all, or one for each
     * @param values null stands for NULL
     * @param results the formats of the result's columns: none, one for all, or one for each
     */
    public static byte[] bind(
            String portal,
            String statement,
            List<Integer> formats,
            List<byte[]> values,
            List<Integer> results) {
        Body body = new Body().text(portal).text(statement).int16(formats.size());
        formats.forEach(body::int16);
        values(body, values);
        body.int16(results.size());
        results.forEach(body::int16);
        return body.message('B');
    }

    /** A Describe; {@code kind} is S for a statement or P for a portal. */
    public static byte[] describe(char kind, String name) {
        return new Body().int8(kind).text(name).message('D');
    }

    /** A Close; {@code kind} is S for a statement or P for a portal. */
    public static byte[] close(char kind, String name) {
        return new Body().int8(kind).text(name).message('C');
    }

    /** An Execute; {@code rows} is 0 for all. */
    public static byte[] execute(String portal, int rows) {
        return new Body().text(portal).int32(rows).message('E');
    }

    public static byte[] execute(String portal) {
        return execute(portal, 0);
    }

    public static byte[] sync() {
        return new Body().message('S');
    }

    public static byte[] flush() {
        return new Body().message('H');
    }

    public static byte[] terminate() {
        return new Body().message('X');
    }

    public static byte[] copyData(byte[] data) {
        return new Body().bytes(data).message('d');
    }

    public static byte[] copyData(String data) {
        return copyData(data.getBytes(UTF_8));
    }

    public static byte[] copyDone() {
        return new Body().message('c');
    }

    public static byte[] copyFail(String reason) {
        return new Body().text(reason).message('f');
    }

    /** A FunctionCall with all parameters and the result in one format, 0 text or 1 binary. */
    public static byte[] functionCall(int function, int format, List<byte[]> values) {
        Body body = new Body().int32(function).int16(1).int16(format);
        values(body, values);
        return body.int16(format).message('F');
    }

    /** A message of any type and content. */
    public static byte[] message(char type, byte[] body) {
        return new Body().bytes(body).message(type);
    }

    private static void values(Body body, List<byte[]> values) {
        body.int16(values.size());
        for (byte[] value : values) {
            if (value == null) {
                body.int32(-1);
            } else {
                body.int32(value.length).bytes(value);
            }
        }
    }

    /** Several messages in one array, to be sent with one write. */
    public static byte[] together(byte[]... messages) {
        ByteBuffer all = ByteBuffer.allocate(Arrays.stream(messages).mapToInt(m -> m.length).sum());
        Arrays.stream(messages).forEach(all::put);
        return all.array();
    }

    private static final class Body {
        private ByteBuffer bytes = ByteBuffer.allocate(256);

        private ByteBuffer room(int more) {
            if (bytes.remaining() < more) {
                ByteBuffer larger = ByteBuffer.allocate(2 * (bytes.position() + more));
                larger.put(bytes.flip());
                bytes = larger;
            }
            return bytes;
        }

        Body int8(int value) {
            room(Byte.BYTES).put((byte) value);
            return this;
        }

        Body int16(int value) {
            room(Short.BYTES).putShort((short) value);
            return this;
        }

        Body int32(int value) {
            room(Integer.BYTES).putInt(value);
            return this;
        }

        Body bytes(byte[] value) {
            room(value.length).put(value);
            return this;
        }

        Body text(String value) {
            return bytes(value.getBytes(UTF_8)).int8(0);
        }

        byte[] message(char type) {
            ByteBuffer whole = ByteBuffer.allocate(1 + Integer.BYTES + bytes.position());
            whole.put((byte) type).putInt(Integer.BYTES + bytes.position()).put(bytes.flip());
            return whole.array();
        }

        byte[] packet() {
            ByteBuffer whole = ByteBuffer.allocate(Integer.BYTES + bytes.position());
            whole.putInt(Integer.BYTES + bytes.position()).put(bytes.flip());
            return whole.array();
        }
    }
}

package dev.weir.deploy.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The few messages that the bench's own clients send, manual section 55.7. */
final class FrontendMessages {
    private static final int PROTOCOL_3_0 = 196608;

    private FrontendMessages() {}

    static ByteBuffer startup(Endpoint endpoint) {
        byte[] parameters =
                ("user\0" + endpoint.user() + "\0database\0" + endpoint.database() + "\0\0")
                        .getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + parameters.length)
                .putInt(8 + parameters.length)
                .putInt(PROTOCOL_3_0)
                .put(parameters)
                .flip();
    }

    static ByteBuffer query(String sql) {
        return message('Q', (sql + "\0").getBytes(StandardCharsets.UTF_8));
    }

    static ByteBuffer copyData(byte[] data) {
        return message('d', data);
    }

    static ByteBuffer copyDone() {
        return message('c', new byte[0]);
    }

    static ByteBuffer terminate() {
        return message('X', new byte[0]);
    }

    private static ByteBuffer message(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .flip();
    }
}

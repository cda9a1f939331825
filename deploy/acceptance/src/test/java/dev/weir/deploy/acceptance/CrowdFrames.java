package dev.weir.deploy.acceptance;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Frontend messages (manual 54.7), one behind the other. */
final class CrowdFrames {
    private static final int PROTOCOL_3_0 = 3 << 16;
    private static final int CANCEL_REQUEST = 80877102;

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    byte[] bytes() {
        return bytes.toByteArray();
    }

    static byte[] startup(Map<String, String> parameters) {
        return bare(out -> {
            out.writeInt(PROTOCOL_3_0);
            for (Map.Entry<String, String> parameter : parameters.entrySet()) {
                text(out, parameter.getKey());
                text(out, parameter.getValue());
            }
            out.writeByte(0);
        });
    }

    static byte[] cancel(int pid, byte[] secret) {
        return bare(out -> {
            out.writeInt(CANCEL_REQUEST);
            out.writeInt(pid);
            out.write(secret);
        });
    }

    CrowdFrames query(String sql) {
        return add('Q', out -> text(out, sql));
    }

    CrowdFrames parse(String name, String sql) {
        return add(
                'P',
                out -> {
                    text(out, name);
                    text(out, sql);
                    out.writeShort(0);
                });
    }

    /** All parameters and results as text. */
    CrowdFrames bind(String portal, String statement, String... values) {
        return add(
                'B',
                out -> {
                    text(out, portal);
                    text(out, statement);
                    out.writeShort(0);
                    out.writeShort(values.length);
                    for (String value : values) {
                        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
                        out.writeInt(utf8.length);
                        out.write(utf8);
                    }
                    out.writeShort(0);
                });
    }

    CrowdFrames describeStatement(String name) {
        return named('D', 'S', name);
    }

    CrowdFrames describePortal(String name) {
        return named('D', 'P', name);
    }

    CrowdFrames closeStatement(String name) {
        return named('C', 'S', name);
    }

    CrowdFrames execute(String portal, int maxRows) {
        return add(
                'E',
                out -> {
                    text(out, portal);
                    out.writeInt(maxRows);
                });
    }

    CrowdFrames sync() {
        return add('S', _ -> {});
    }

    CrowdFrames flush() {
        return add('H', _ -> {});
    }

    CrowdFrames terminate() {
        return add('X', _ -> {});
    }

    CrowdFrames copyData(String data) {
        return add('d', out -> out.write(data.getBytes(StandardCharsets.UTF_8)));
    }

    CrowdFrames copyDone() {
        return add('c', _ -> {});
    }

    CrowdFrames copyFail(String reason) {
        return add('f', out -> text(out, reason));
    }

    private CrowdFrames named(char type, char kind, String name) {
        return add(
                type,
                out -> {
                    out.writeByte(kind);
                    text(out, name);
                });
    }

    private CrowdFrames add(char type, Body body) {
        bytes.write(type);
        bytes.writeBytes(bare(body));
        return this;
    }

    private static byte[] bare(Body body) {
        try {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            body.write(new DataOutputStream(content));
            ByteArrayOutputStream whole = new ByteArrayOutputStream(content.size() + Integer.BYTES);
            new DataOutputStream(whole).writeInt(content.size() + Integer.BYTES);
            content.writeTo(whole);
            return whole.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.writeByte(0);
    }
}

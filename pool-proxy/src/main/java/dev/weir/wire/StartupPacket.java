package dev.weir.wire;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The first packet of a client, which has no type byte (manual section 54.2.1). */
public sealed interface StartupPacket {
    int PROTOCOL_3_0 = 3 << 16;

    /** PostgreSQL 18's: longer cancel keys. */
    int PROTOCOL_3_2 = (3 << 16) | 2;

    /** The newest that Weir speaks. */
    int NEWEST = PROTOCOL_3_2;

    int CANCEL_REQUEST = (1234 << 16) | 5678;
    int SSL_REQUEST = (1234 << 16) | 5679;
    int GSSENC_REQUEST = (1234 << 16) | 5680;

    /** MAX_STARTUP_PACKET_LENGTH of PostgreSQL. */
    int MAX_LENGTH = 10_000;

    /** The client would like TLS. */
    record SslRequest() implements StartupPacket {}

    /** The client would like GSSAPI encryption. */
    record GssEncRequest() implements StartupPacket {}

    /** Somebody wants a statement stopped. */
    record Cancel(CancelKey key) implements StartupPacket {}

    /**
     * A client wants a session.
     *
     * @param version the protocol asked for, major in the upper half
     * @param parameters in the client's order; a later duplicate wins, as in PostgreSQL
     */
    record Startup(int version, Map<String, String> parameters) implements StartupPacket {
        /** The protocol that is spoken: what was asked for, or the newest below it. */
        public int spoken() {
            return Math.min(version, NEWEST);
        }
    }

    /**
     * Whether {@code length}, the first four bytes, is one that a first packet may have.
     *
     * @throws ProtocolException if it is not
     */
    static void checkLength(int length) throws ProtocolException {
        if (length < 8 || length > MAX_LENGTH) {
            throw new ProtocolException("invalid length of startup packet");
        }
    }

    /**
     * Reads one packet.
     *
     * @param packet exactly the packet, behind its length field
     * @throws ProtocolException if it is none
     */
    static StartupPacket read(ByteBuf packet) throws ProtocolException {
        int code = packet.readInt();
        switch (code) {
            case SSL_REQUEST -> {
                return expectEmpty(packet, new SslRequest());
            }
            case GSSENC_REQUEST -> {
                return expectEmpty(packet, new GssEncRequest());
            }
            case CANCEL_REQUEST -> {
                int secret = packet.readableBytes() - Integer.BYTES;
                if (secret < 1 || secret > CancelKey.MAX_SECRET) {
                    throw new ProtocolException("invalid length of cancel request");
                }
                return new Cancel(CancelKey.read(packet));
            }
            default -> {
                if (code >>> 16 != 3) {
                    throw new ProtocolException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "unsupported frontend protocol %d.%d: server supports 3.0 to 3.2"
                                    .formatted(code >>> 16, code & 0xffff));
                }
                return new Startup(code, parameters(packet));
            }
        }
    }

    private static StartupPacket expectEmpty(ByteBuf packet, StartupPacket request)
            throws ProtocolException {
        if (packet.isReadable()) {
            throw new ProtocolException("invalid length of startup packet");
        }
        return request;
    }

    private static Map<String, String> parameters(ByteBuf packet) throws ProtocolException {
        Map<String, String> parameters = new LinkedHashMap<>();
        while (packet.isReadable()) {
            String name = cstring(packet);
            if (name.isEmpty()) {
                if (packet.isReadable()) {
                    throw new ProtocolException(
                            "invalid startup packet layout: expected terminator as last byte");
                }
                return parameters;
            }
            parameters.put(name, cstring(packet));
        }
        throw new ProtocolException(
                "invalid startup packet layout: expected terminator as last byte");
    }

    private static String cstring(ByteBuf packet) throws ProtocolException {
        int length = packet.bytesBefore((byte) 0);
        if (length < 0) {
            throw new ProtocolException(
                    "invalid startup packet layout: expected terminator as last byte");
        }
        String text = packet.readCharSequence(length, StandardCharsets.UTF_8).toString();
        packet.skipBytes(1);
        return text;
    }
}

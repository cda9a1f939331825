package dev.weir.session;

import dev.weir.wire.FrontendMessage;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/** The one message that a client may send while it logs in: a password, or a word of SASL. */
final class PasswordMessage {
    private PasswordMessage() {}

    /**
     * Takes one out of what the client has sent.
     *
     * @return its body; null if it has not arrived whole
     * @throws ProtocolException if it is another message, or longer than one may be
     */
    static byte @Nullable [] read(@Nullable ByteBuf in) throws ProtocolException {
        if (in == null || in.readableBytes() < FrontendMessage.HEADER) {
            return null;
        }
        int start = in.readerIndex();
        byte type = in.getByte(start);
        int length = in.getInt(start + 1);
        if (type != FrontendMessage.PASSWORD.code()) {
            throw new ProtocolException(
                    "expected password response, got message type %d".formatted(type & 0xff));
        }
        if (!FrontendMessage.PASSWORD.allows(length, Integer.MAX_VALUE)) {
            throw new ProtocolException("invalid password packet size");
        }
        if (in.readableBytes() < length + 1) {
            return null;
        }
        byte[] body = new byte[length - FrontendMessage.LENGTH_FIELD];
        in.skipBytes(FrontendMessage.HEADER).readBytes(body);
        return body;
    }
}

package dev.weir.wire;

import io.netty.buffer.ByteBuf;

import java.util.Arrays;

/**
 * What a CancelRequest must show: a process number and a secret (manual section 54.2.8).
 *
 * @param pid the first four bytes
 * @param secret four bytes in protocol 3.0, up to 256 later
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, see below
public record CancelKey(int pid, byte[] secret) {
    /** The length of every secret in protocol 3.0. */
    public static final int SHORT_SECRET = 4;

    /** The longest secret that protocol 3.2 allows. */
    public static final int MAX_SECRET = 256;

    /** Reads what is left of {@code body} as a key. */
    public static CancelKey read(ByteBuf body) {
        int pid = body.readInt();
        byte[] secret = new byte[body.readableBytes()];
        body.readBytes(secret);
        return new CancelKey(pid, secret);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CancelKey key
                && pid == key.pid
                && Arrays.equals(secret, key.secret);
    }

    @Override
    public int hashCode() {
        return 31 * pid + Arrays.hashCode(secret);
    }

    @Override
    public String toString() {
        return "CancelKey[pid=" + pid + "]";
    }
}

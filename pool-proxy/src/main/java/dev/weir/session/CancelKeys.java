package dev.weir.session;

import dev.weir.wire.CancelKey;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The keys by which clients ask for a cancel. They are Weir's own: a server's key never leaves
 * Weir, and a client's key never reaches a server. Any thread may use it.
 */
final class CancelKeys {
    private final ConcurrentMap<CancelKey, ClientSession> sessions = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /** A new key for {@code session}. */
    CancelKey register(ClientSession session) {
        while (true) {
            byte[] drawn = new byte[2 * Integer.BYTES];
            random.nextBytes(drawn);
            byte[] secret = Arrays.copyOf(drawn, Integer.BYTES);
            // Tools print the number as the process id of the session: positive.
            int number = ByteBuffer.wrap(drawn).getInt(Integer.BYTES) & Integer.MAX_VALUE;
            CancelKey key = new CancelKey(Math.max(1, number), secret);
            if (sessions.putIfAbsent(key, session) == null) {
                return key;
            }
        }
    }

    void remove(CancelKey key) {
        sessions.remove(key);
    }

    /** Whose key this is; null for nobody's. */
    @Nullable ClientSession find(CancelKey key) {
        return sessions.get(key);
    }

    int size() {
        return sessions.size();
    }
}

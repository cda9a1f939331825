package dev.weir.session;

import dev.weir.wire.CancelKey;
import dev.weir.wire.StartupPacket;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The keys by which clients ask for a cancel. They are Weir's own: a server's key never leaves
 * Weir, and a client's key never reaches a server. Any thread may use it.
 */
final class CancelKeys {
    /** As PostgreSQL's own are from protocol 3.2. */
    private static final int LONG_SECRET = 32;

    private final int peer;
    private final ConcurrentMap<CancelKey, ClientSession> sessions = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /**
     * No keys yet.
     *
     * @param peer the number of this process, which each key then tells; 0 if it is alone
     */
    CancelKeys(int peer) {
        this.peer = peer;
    }

    /** A new key for {@code session}, as long as its protocol has it. */
    CancelKey register(ClientSession session, int protocol) {
        while (true) {
            byte[] secret =
                    new byte
                            [protocol >= StartupPacket.PROTOCOL_3_2
                                    ? LONG_SECRET
                                    : CancelKey.SHORT_SECRET];
            random.nextBytes(secret);
            // Tools print the number as the process id of the session: positive.
            int number =
                    peer == 0
                            ? Math.max(1, random.nextInt() & Integer.MAX_VALUE)
                            : PeerBits.number(peer, random.nextInt());
            CancelKey key = new CancelKey(number, secret);
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
        return sessions.get(
                peer == 0 ? key : new CancelKey(PeerBits.original(key.pid()), key.secret()));
    }

    Collection<ClientSession> all() {
        return sessions.values();
    }

    int size() {
        return sessions.size();
    }
}

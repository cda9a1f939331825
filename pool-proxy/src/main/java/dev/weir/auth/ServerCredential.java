package dev.weir.auth;

import dev.weir.config.Secret;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;

/** What Weir proves itself with to PostgreSQL. Its text form tells nothing. */
public sealed interface ServerCredential {
    /**
     * A password, or what PostgreSQL stores of it.
     *
     * @param secret a verifier is good for nothing, an md5 hash only where PostgreSQL asks for md5
     */
    record Password(Secret secret) implements ServerCredential {}

    /**
     * What a client's own SCRAM proof has shown (RFC 5802 section 3): as good as the password for
     * SCRAM, as long as PostgreSQL stores that with the same salt, and for nothing else. In memory
     * only.
     *
     * @param clientKey 32 bytes
     * @param serverKey 32 bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by content below
    record ScramKeys(byte[] clientKey, byte[] serverKey) implements ServerCredential {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ScramKeys keys
                    && MessageDigest.isEqual(clientKey, keys.clientKey)
                    && MessageDigest.isEqual(serverKey, keys.serverKey);
        }

        @Override
        public int hashCode() {
            return java.util.Arrays.hashCode(serverKey);
        }

        @Override
        public String toString() {
            return "********";
        }
    }

    /** The credential that a configured secret is; null if there is none. */
    static @Nullable ServerCredential of(@Nullable Secret secret) {
        return secret == null ? null : new Password(secret);
    }

    /** Whether a secret is only a verifier, which proves nothing by itself. */
    static boolean isVerifier(Secret secret) {
        return secret.value().startsWith(ScramVerifier.PREFIX);
    }
}

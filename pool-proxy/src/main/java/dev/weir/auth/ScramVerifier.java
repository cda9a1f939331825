package dev.weir.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * What a server keeps of a password under SCRAM-SHA-256 (RFC 5802 section 3): enough to check a
 * proof, too little to make one.
 *
 * @param iterations 1 to {@link #MAX_ITERATIONS}
 * @param salt random bytes
 * @param storedKey 32 bytes
 * @param serverKey 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
record ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
    static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_256;
    static final String PREFIX = "SCRAM-SHA-256$";

    /** PostgreSQL's default for scram_iterations. */
    static final int DEFAULT_ITERATIONS = 4096;

    /**
     * More would let whoever names the number, a hostile server or a typing error, keep a core busy
     * for seconds: this many take about a second.
     */
    static final int MAX_ITERATIONS = 1_000_000;

    private static final int SALT_BYTES = 16;
    private static final int KEY_BYTES = 32;

    /** The verifier of a password, with a new salt. Takes milliseconds. */
    static ScramVerifier of(String password, SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] salted = salted(password, salt, DEFAULT_ITERATIONS);
        return new ScramVerifier(
                DEFAULT_ITERATIONS,
                salt,
                ScramFunctions.storedKey(MECHANISM, ScramFunctions.clientKey(MECHANISM, salted)),
                ScramFunctions.serverKey(MECHANISM, salted));
    }

    /**
     * For a user that does not exist: the same salt each time it is asked for, and no password that
     * fits.
     */
    static ScramVerifier mock(String user, byte[] processKey) {
        byte[] salt = ScramFunctions.hmac(MECHANISM, processKey, ("salt " + user).getBytes(UTF_8));
        byte[] key = ScramFunctions.hmac(MECHANISM, processKey, ("key " + user).getBytes(UTF_8));
        return new ScramVerifier(DEFAULT_ITERATIONS, Arrays.copyOf(salt, SALT_BYTES), key, key);
    }

    /**
     * Reads PostgreSQL's form, {@code SCRAM-SHA-256$iterations:salt$stored:server}.
     *
     * @return null if {@code secret} is not of that form
     */
    static @Nullable ScramVerifier parse(String secret) {
        if (!secret.startsWith(PREFIX)) {
            return null;
        }
        String[] parts = secret.substring(PREFIX.length()).split("[:$]", -1);
        if (parts.length != 4) {
            return null;
        }
        try {
            int iterations = Integer.parseInt(parts[0]);
            byte[] salt = Base64.getDecoder().decode(parts[1]);
            byte[] stored = Base64.getDecoder().decode(parts[2]);
            byte[] server = Base64.getDecoder().decode(parts[3]);
            boolean sound =
                    iterations > 0
                            && iterations <= MAX_ITERATIONS
                            && salt.length > 0
                            && stored.length == KEY_BYTES
                            && server.length == KEY_BYTES;
            return sound ? new ScramVerifier(iterations, salt, stored, server) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Hi(password, salt, iterations), the expensive part. PostgreSQL's rule for what SASLprep
     * refuses: the bytes as they are.
     */
    static byte[] salted(String password, byte[] salt, int iterations) {
        return ScramFunctions.saltedPassword(
                MECHANISM,
                StringPreparation.POSTGRESQL_PREPARATION,
                password.toCharArray(),
                salt,
                iterations);
    }

    /**
     * The keys of {@code password}, if this is its verifier; null if not. Takes milliseconds either
     * way.
     */
    ServerCredential.@Nullable ScramKeys keysOf(String password) {
        byte[] key = ScramFunctions.clientKey(MECHANISM, salted(password, salt, iterations));
        return MessageDigest.isEqual(ScramFunctions.storedKey(MECHANISM, key), storedKey)
                ? new ServerCredential.ScramKeys(key, serverKey)
                : null;
    }
}

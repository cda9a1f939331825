package dev.weir.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * PostgreSQL's md5 passwords (manual section 20.5 and 54.2.1): {@code md5} and the hex of a hash,
 * salted once more for the wire.
 */
final class Md5 {
    static final String PREFIX = "md5";
    static final int SALT_BYTES = 4;
    private static final int LENGTH = PREFIX.length() + 32;

    private Md5() {}

    /** Whether a configured secret is a hash rather than a password. */
    static boolean isHash(String secret) {
        return secret.length() == LENGTH
                && secret.startsWith(PREFIX)
                && secret.substring(PREFIX.length())
                        .chars()
                        .allMatch(c -> Character.digit(c, 16) >= 0);
    }

    /** The form in which PostgreSQL stores {@code password}. */
    static String hash(byte[] password, String user) {
        return PREFIX + hex(password, user.getBytes(StandardCharsets.UTF_8));
    }

    /** What goes over the wire for a stored {@code hash}. */
    static String answer(String hash, byte[] salt) {
        byte[] inner = hash.substring(PREFIX.length()).getBytes(StandardCharsets.US_ASCII);
        return PREFIX + hex(inner, salt);
    }

    private static String hex(byte[] first, byte[] second) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(first);
            digest.update(second);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no MD5", e);
        }
    }
}

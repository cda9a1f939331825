package dev.weir.deploy.acceptance.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;

import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A client's side of SCRAM-SHA-256 (RFC 5802) in its single parts, so that a test can say any of
 * them wrongly.
 *
 * @param gs2Header such as {@code n,,}
 * @param firstBare the client's first message behind the header
 * @param serverFirst what the server answered
 */
public record ScramDialogue(String gs2Header, String firstBare, String serverFirst) {
    public static final String MECHANISM = "SCRAM-SHA-256";
    public static final String NONCE = "fyko+d2lbbFgONRv9qkxdawL";

    /** The part of the server's message that begins with {@code name=}. */
    public String attribute(char name) {
        for (String attribute : serverFirst.split(",")) {
            if (attribute.startsWith(name + "=")) {
                return attribute.substring(2);
            }
        }
        throw new AssertionError("no " + name + " in " + serverFirst);
    }

    public String binding() {
        return Base64.getEncoder().encodeToString(gs2Header.getBytes(US_ASCII));
    }

    /** The last message without its proof, as it should be. */
    public String withoutProof() {
        return "c=" + binding() + ",r=" + attribute('r');
    }

    /** The proof that one knows {@code password}. */
    public byte[] proof(String password) {
        try {
            byte[] salt = Base64.getDecoder().decode(attribute('s'));
            int iterations = Integer.parseInt(attribute('i'));
            byte[] salted =
                    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                            .generateSecret(
                                    new PBEKeySpec(password.toCharArray(), salt, iterations, 256))
                            .getEncoded();
            byte[] clientKey = hmac(salted, "Client Key");
            byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(clientKey);
            String authMessage = firstBare + "," + serverFirst + "," + withoutProof();
            byte[] signature = hmac(storedKey, authMessage);
            byte[] proof = new byte[clientKey.length];
            for (int i = 0; i < proof.length; i++) {
                proof[i] = (byte) (clientKey[i] ^ signature[i]);
            }
            return proof;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public String last(byte[] proof) {
        return withoutProof() + ",p=" + Base64.getEncoder().encodeToString(proof);
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(UTF_8));
    }
}

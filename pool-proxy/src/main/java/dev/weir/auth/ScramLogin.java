package dev.weir.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.common.ScramFunctions;

import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677; manual section 54.3). Unknown users and
 * wrong passwords go the same way to the same end.
 */
final class ScramLogin implements ClientLogin {
    private static final String MECHANISM = "SCRAM-SHA-256";
    private static final String PLUS = MECHANISM + "-PLUS";

    /** How a message begins that binds the login to the channel. */
    private static final String BOUND = "p=tls-server-end-point";

    /** libpq's nonce has 24 characters; what is far longer is no nonce. */
    private static final int MAX_NONCE = 256;

    private static final int MAX_MESSAGE = 2048;
    private static final int NONCE_BYTES = 18;
    private static final int PROOF_BYTES = 32;

    private enum Stage {
        FIRST,
        FINAL,
        OVER
    }

    private final ScramVerifier verifier;
    private final boolean known;
    private final AuthStep.Refused wrong;
    private final @Nullable ServerCredential credential;
    private final byte @Nullable [] endPoint;
    private final SecureRandom random;
    private Stage stage = Stage.FIRST;
    private String gs2Header = "";
    private String clientFirstBare = "";
    private String serverFirst = "";
    private String nonce = "";

    /**
     * A conversation.
     *
     * @param known false if {@code verifier} is a mock, so that no proof is good
     * @param wrong what is said in the end if the proof is not good
     * @param credential what PostgreSQL takes as a proof; null if that is what the client shows
     * @param endPoint what the client's channel can be bound to; null if it cannot
     */
    ScramLogin(
            ScramVerifier verifier,
            boolean known,
            AuthStep.Refused wrong,
            @Nullable ServerCredential credential,
            byte @Nullable [] endPoint,
            SecureRandom random) {
        this.verifier = verifier;
        this.known = known;
        this.wrong = wrong;
        this.credential = credential;
        this.endPoint = endPoint;
        this.random = random;
    }

    @Override
    public AuthStep start() {
        // The list of mechanisms: each ends with a zero byte, the list with another.
        String offered = endPoint == null ? MECHANISM : PLUS + '\0' + MECHANISM;
        return new AuthStep.Request(AuthCode.SASL, (offered + "\0\0").getBytes(UTF_8));
    }

    @Override
    public AuthStep answer(byte[] body) {
        Stage now = stage;
        stage = Stage.OVER;
        return switch (now) {
            case FIRST -> first(body);
            case FINAL -> last(body);
            case OVER -> malformed("the conversation is over");
        };
    }

    // ---- client-first-message ----

    private AuthStep first(byte[] body) {
        int end = 0;
        while (end < body.length && body[end] != 0) {
            end++;
        }
        if (end == body.length || body.length - end - 1 < Integer.BYTES) {
            return malformed("the SASL mechanism is missing");
        }
        String chosen = new String(body, 0, end, UTF_8);
        boolean bound = chosen.equals(PLUS) && endPoint != null;
        if (!bound && !chosen.equals(MECHANISM)) {
            return malformed("client selected an invalid SASL authentication mechanism");
        }
        ByteBuffer rest = ByteBuffer.wrap(body, end + 1, body.length - end - 1);
        int length = rest.getInt();
        if (length < 0 || length != rest.remaining() || length > MAX_MESSAGE) {
            return malformed("the length of the SASL response is wrong");
        }
        return clientFirst(new String(body, rest.position(), length, UTF_8), bound);
    }

    private AuthStep clientFirst(String message, boolean bound) {
        int flagEnd = message.indexOf(',');
        String flag = flagEnd < 0 ? message : message.substring(0, flagEnd);
        String fault = flagFault(flag, bound);
        if (fault != null) {
            return malformed(fault);
        }
        int comma = message.indexOf(',', flagEnd + 1);
        if (comma < 0) {
            return malformed("the SCRAM header is cut off");
        }
        if (comma != flagEnd + 1) {
            return malformed("client uses authorization identity, but it is not supported");
        }
        gs2Header = message.substring(0, comma + 1);
        clientFirstBare = message.substring(comma + 1);
        String[] attributes = clientFirstBare.split(",", -1);
        if (attributes.length < 2
                || !attributes[0].startsWith("n=")
                || !attributes[1].startsWith("r=")) {
            return malformed("the first SCRAM message has no user or nonce");
        }
        String clientNonce = attributes[1].substring(2);
        if (!printable(clientNonce)) {
            return malformed("the nonce is not printable or too long");
        }
        byte[] own = new byte[NONCE_BYTES];
        random.nextBytes(own);
        nonce = clientNonce + Base64.getEncoder().encodeToString(own);
        serverFirst =
                "r=%s,s=%s,i=%d"
                        .formatted(
                                nonce,
                                Base64.getEncoder().encodeToString(verifier.salt()),
                                verifier.iterations());
        stage = Stage.FINAL;
        return new AuthStep.Request(AuthCode.SASL_CONTINUE, serverFirst.getBytes(UTF_8));
    }

    /** What is wrong with the channel-binding flag; null if nothing is. */
    private @Nullable String flagFault(String flag, boolean bound) {
        if (bound) {
            return flag.equals(BOUND)
                    ? null
                    : "client chose channel binding and does not bind to tls-server-end-point";
        }
        if (flag.startsWith("p=")) {
            return "client requires SCRAM channel binding, but it is not offered here";
        }
        if (flag.equals("y") && endPoint != null) {
            // It has not seen the offer: somebody in between has taken that out (RFC 5802 section
            // 6).
            return "client believes that channel binding is not offered, but it is";
        }
        return flag.equals("n") || flag.equals("y") ? null : "unexpected channel-binding flag";
    }

    /** What the client's second message has to repeat of the first, and of the channel. */
    private String binding() {
        byte[] header = gs2Header.getBytes(UTF_8);
        byte[] channel = endPoint;
        if (channel == null || !gs2Header.startsWith(BOUND)) {
            return Base64.getEncoder().encodeToString(header);
        }
        byte[] both = Arrays.copyOf(header, header.length + channel.length);
        System.arraycopy(channel, 0, both, header.length, channel.length);
        return Base64.getEncoder().encodeToString(both);
    }

    private static boolean printable(String nonce) {
        return !nonce.isEmpty()
                && nonce.length() <= MAX_NONCE
                && nonce.chars().allMatch(c -> c >= 0x21 && c <= 0x7e);
    }

    // ---- client-final-message ----

    private AuthStep last(byte[] body) {
        if (body.length > MAX_MESSAGE) {
            return malformed("the last SCRAM message is too long");
        }
        String message = new String(body, UTF_8);
        int proofAt = message.lastIndexOf(",p=");
        String withoutProof = proofAt < 0 ? "" : message.substring(0, proofAt);
        String[] attributes = withoutProof.split(",", -1);
        if (attributes.length < 2
                || !attributes[0].startsWith("c=")
                || !attributes[1].startsWith("r=")) {
            return malformed("the last SCRAM message is incomplete");
        }
        if (!attributes[0].substring(2).equals(binding())) {
            return malformed("SCRAM channel binding check failed");
        }
        byte[] proof = decode(message.substring(proofAt + 3));
        if (!attributes[1].substring(2).equals(nonce) || proof == null) {
            return malformed("nonce does not match, or the proof is malformed");
        }
        String authMessage = clientFirstBare + ',' + serverFirst + ',' + withoutProof;
        boolean good =
                ScramFunctions.verifyClientProof(
                        ScramVerifier.MECHANISM, proof, verifier.storedKey(), authMessage);
        if (!(good & known)) {
            return wrong;
        }
        byte[] signature =
                ScramFunctions.serverSignature(
                        ScramVerifier.MECHANISM, verifier.serverKey(), authMessage);
        return new AuthStep.Done(
                ("v=" + Base64.getEncoder().encodeToString(signature)).getBytes(UTF_8),
                credential == null ? keys(proof, authMessage) : credential);
    }

    /** A good proof is the client's key, hidden by a signature that the verifier lets one make. */
    private ServerCredential keys(byte[] proof, String authMessage) {
        byte[] key =
                ScramFunctions.clientSignature(
                        ScramVerifier.MECHANISM, verifier.storedKey(), authMessage);
        for (int i = 0; i < key.length; i++) {
            key[i] ^= proof[i];
        }
        return new ServerCredential.ScramKeys(key, verifier.serverKey());
    }

    private static byte @Nullable [] decode(String proof) {
        try {
            byte[] bytes = Base64.getDecoder().decode(proof);
            return bytes.length == PROOF_BYTES ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static AuthStep malformed(String what) {
        return new AuthStep.Refused(
                SqlState.PROTOCOL_VIOLATION, "malformed SCRAM message: " + what);
    }
}

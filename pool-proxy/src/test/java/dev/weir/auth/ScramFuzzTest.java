package dev.weir.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.weir.wire.SqlState;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * SCRAM messages of whoever does not know the password: refused, whatever they are. Every build
 * replays what is kept beside it; with JAZZER_FUZZ=1 in the environment it looks for more.
 */
class ScramFuzzTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ScramVerifier VERIFIER =
            ScramVerifier.mock("app", new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

    @FuzzTest(maxDuration = "10m")
    void nobodyGetsInWithoutThePassword(FuzzedDataProvider data) {
        ScramLogin login =
                new ScramLogin(
                        VERIFIER,
                        true,
                        new AuthStep.Refused(SqlState.INVALID_PASSWORD, "no"),
                        null,
                        data.consumeBoolean() ? new byte[32] : null,
                        RANDOM);
        AuthStep step = login.start();
        if (data.consumeBoolean()) {
            byte[] first = ("n,,n=,r=" + data.consumeString(40)).getBytes(UTF_8);
            step =
                    login.answer(
                            ByteBuffer.allocate(14 + 4 + first.length)
                                    .put("SCRAM-SHA-256\0".getBytes(UTF_8))
                                    .putInt(first.length)
                                    .put(first)
                                    .array());
        } else {
            step = login.answer(data.consumeBytes(400));
        }
        if (step instanceof AuthStep.Request request) {
            String server = new String(request.body(), UTF_8);
            String nonce = server.substring(2, server.indexOf(','));
            boolean right = data.consumeBoolean();
            String last =
                    right
                            ? "c=biws,r=" + nonce + ",p=" + data.consumeRemainingAsString()
                            : data.consumeRemainingAsString();
            step = login.answer(last.getBytes(UTF_8));
        }
        if (!(step instanceof AuthStep.Refused)) {
            throw new AssertionError("let in: " + step);
        }
    }
}

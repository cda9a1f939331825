package dev.weir.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.wire.SqlState;

import java.util.Arrays;
import java.util.function.Predicate;

/** A login of one question and one answer: the password itself, or its md5 answer. */
final class PasswordLogin implements ClientLogin {
    private final AuthStep.Request question;
    private final Predicate<byte[]> good;
    private final AuthStep.Refused wrong;
    private final boolean slow;

    private PasswordLogin(
            AuthStep.Request question,
            Predicate<byte[]> good,
            AuthStep.Refused wrong,
            boolean slow) {
        this.question = question;
        this.good = good;
        this.wrong = wrong;
        this.slow = slow;
    }

    /** Asks for the password in clear text. */
    static ClientLogin cleartext(Predicate<String> good, AuthStep.Refused wrong) {
        return new PasswordLogin(
                new AuthStep.Request(AuthCode.CLEARTEXT_PASSWORD, new byte[0]),
                answer -> good.test(new String(answer, UTF_8)),
                wrong,
                true);
    }

    /** Asks for the md5 of the password, salted. */
    static ClientLogin md5(String hash, boolean known, byte[] salt, AuthStep.Refused wrong) {
        byte[] expected = Md5.answer(hash, salt).getBytes(US_ASCII);
        return new PasswordLogin(
                new AuthStep.Request(AuthCode.MD5_PASSWORD, salt),
                answer -> java.security.MessageDigest.isEqual(expected, answer) & known,
                wrong,
                false);
    }

    @Override
    public boolean slow() {
        return slow;
    }

    @Override
    public AuthStep start() {
        return question;
    }

    @Override
    public AuthStep answer(byte[] body) {
        int last = body.length - 1;
        if (last < 0 || body[last] != 0) {
            return new AuthStep.Refused(
                    SqlState.PROTOCOL_VIOLATION, "malformed password packet: no terminator");
        }
        if (last == 0) {
            return new AuthStep.Refused(
                    SqlState.INVALID_PASSWORD, "empty password returned by client");
        }
        return good.test(Arrays.copyOf(body, last)) ? new AuthStep.Done(null) : wrong;
    }
}

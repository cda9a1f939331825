package dev.weir.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.wire.SqlState;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Function;

/** A login of one question and one answer: the password itself, or its md5 answer. */
final class PasswordLogin implements ClientLogin {
    private final AuthStep.Request question;
    private final Check check;
    private final boolean slow;

    /** Looks at an answer, without the zero byte at its end. */
    interface Check {
        AuthStep of(byte[] answer);
    }

    private PasswordLogin(AuthStep.Request question, Check check, boolean slow) {
        this.question = question;
        this.check = check;
        this.slow = slow;
    }

    /** Asks for the password in clear text. */
    static ClientLogin cleartext(Function<String, AuthStep> check) {
        return new PasswordLogin(
                new AuthStep.Request(AuthCode.CLEARTEXT_PASSWORD, new byte[0]),
                answer -> check.apply(new String(answer, UTF_8)),
                true);
    }

    /** Asks for the md5 of the password, salted. */
    static ClientLogin md5(String hash, byte[] salt, AuthStep good, AuthStep wrong) {
        byte[] expected = Md5.answer(hash, salt).getBytes(US_ASCII);
        return new PasswordLogin(
                new AuthStep.Request(AuthCode.MD5_PASSWORD, salt),
                answer -> MessageDigest.isEqual(expected, answer) ? good : wrong,
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
        return check.of(Arrays.copyOf(body, last));
    }
}

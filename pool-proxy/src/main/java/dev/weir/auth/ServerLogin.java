package dev.weir.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.ClientFinalMessage;
import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;

import dev.weir.config.Secret;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Weir's side of one login to PostgreSQL (manual section 54.2.1). Not for several threads at once.
 * A step that is {@link #slow} does not belong on an event loop.
 */
public final class ServerLogin {
    private static final String MECHANISM = "SCRAM-SHA-256";
    private static final String PLUS = MECHANISM + "-PLUS";
    private static final String BINDING = "tls-server-end-point";

    private enum Stage {
        START,
        SASL_FIRST,
        SASL_FINAL,
        ANSWERED
    }

    private final String user;
    private final @Nullable ServerCredential credential;
    private byte @Nullable [] endPoint;
    private @Nullable ScramClient scram;
    private Stage stage = Stage.START;

    /**
     * A login.
     *
     * @param credential null if there is none, which is well as long as PostgreSQL asks for none
     */
    public ServerLogin(String user, @Nullable ServerCredential credential) {
        this.user = user;
        this.credential = credential;
    }

    /** The channel is encrypted, and can be bound to. Before anything else is called. */
    public void bindTo(byte[] channel) {
        endPoint = channel;
    }

    /**
     * Whether the reaction to this message derives a key from the password, which takes
     * milliseconds on purpose. All others take microseconds, and must not be left to another
     * thread: PostgreSQL may close the connection right after them, and what it said last would be
     * lost.
     */
    public boolean slow(int code) {
        return code == AuthCode.SASL_CONTINUE && credential instanceof ServerCredential.Password;
    }

    /**
     * Reacts to an Authentication message.
     *
     * @param code which one
     * @param body what follows the code
     */
    public ServerStep on(int code, byte[] body) {
        try {
            return step(code, body);
        } catch (ScramException e) {
            return new ServerStep.Failed(
                    SqlState.INVALID_PASSWORD,
                    "PostgreSQL's SCRAM messages are not acceptable: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return broken();
        }
    }

    private ServerStep step(int code, byte[] body) throws ScramException {
        switch (code) {
            case AuthCode.OK -> {
                return stage == Stage.SASL_FIRST || stage == Stage.SASL_FINAL
                        ? broken()
                        : new ServerStep.Done();
            }
            case AuthCode.CLEARTEXT_PASSWORD -> {
                stage = Stage.ANSWERED;
                return withPassword(ServerLogin::cstring, false);
            }
            case AuthCode.MD5_PASSWORD -> {
                if (body.length != Md5.SALT_BYTES) {
                    return broken();
                }
                stage = Stage.ANSWERED;
                return withPassword(
                        secret ->
                                cstring(
                                        Md5.answer(
                                                Md5.isHash(secret)
                                                        ? secret
                                                        : Md5.hash(secret.getBytes(UTF_8), user),
                                                body)),
                        true);
            }
            case AuthCode.SASL -> {
                return sasl(body);
            }
            case AuthCode.SASL_CONTINUE -> {
                return saslContinue(body);
            }
            case AuthCode.SASL_FINAL -> {
                return saslFinal(body);
            }
            default -> {
                return new ServerStep.Failed(
                        SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                        "PostgreSQL asks for the authentication method %s, which Weir does not speak; use scram-sha-256 for user \"%s\" in its pg_hba.conf."
                                .formatted(AuthCode.nameOf(code), user));
            }
        }
    }

    private interface Answer {
        byte[] of(String secret);
    }

    private ServerStep withPassword(Answer answer, boolean md5HashServes) {
        if (!(credential instanceof ServerCredential.Password(Secret secret))) {
            return credential == null ? none() : onlyKeys();
        }
        String text = secret.value();
        if (text.startsWith(ScramVerifier.PREFIX) || (Md5.isHash(text) && !md5HashServes)) {
            return new ServerStep.Failed(
                    SqlState.INVALID_PASSWORD,
                    "PostgreSQL asks for the password of user \"%s\" and Weir has only a verifier, which is not enough to log in: set server-password for the user."
                            .formatted(user));
        }
        return new ServerStep.Answer(answer.of(text));
    }

    private ServerStep none() {
        return new ServerStep.Failed(
                SqlState.INVALID_PASSWORD,
                "PostgreSQL asks for the password of user \"%s\" and Weir has none: set password or server-password for the user, or user and password for the database. Where clients prove theirs by SCRAM, log in again."
                        .formatted(user));
    }

    private ServerStep onlyKeys() {
        return new ServerStep.Failed(
                SqlState.INVALID_PASSWORD,
                "PostgreSQL asks for the password of user \"%s\" itself and Weir has only SCRAM keys from its client: use scram-sha-256 for the user in its pg_hba.conf, or set server-password."
                        .formatted(user));
    }

    // ---- SCRAM ----

    private ServerStep sasl(byte[] body) {
        List<String> offered =
                Stream.of(new String(body, UTF_8).split("\0"))
                        .filter(name -> !name.isEmpty())
                        .toList();
        if (!offered.contains(MECHANISM)) {
            return new ServerStep.Failed(
                    SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                    "PostgreSQL offers the SASL mechanisms %s, of which Weir speaks none."
                            .formatted(offered));
        }
        List<String> usable =
                endPoint != null && offered.contains(PLUS)
                        ? List.of(MECHANISM, PLUS)
                        : List.of(MECHANISM);
        ScramClient.PasswordBuildStage builder =
                ScramClient.builder().advertisedMechanisms(usable).username("*");
        if (credential instanceof ServerCredential.ScramKeys keys) {
            return new ServerStep.Answer(
                    saslFirst(builder.clientAndServerKey(keys.clientKey(), keys.serverKey())));
        }
        return withPassword(secret -> saslFirst(builder.password(secret.toCharArray())), false);
    }

    private byte[] saslFirst(ScramClient.FinalBuildStage builder) {
        byte[] channel = endPoint;
        if (channel != null) {
            // Also where it is not offered: PostgreSQL then notices who has taken the offer out.
            builder.channelBinding(BINDING, channel);
        }
        ScramClient client =
                builder.stringPreparation(StringPreparation.POSTGRESQL_PREPARATION).build();
        scram = client;
        stage = Stage.SASL_FIRST;
        byte[] first = client.clientFirstMessage().toString().getBytes(UTF_8);
        byte[] name = cstring(client.getScramMechanism().getName());
        return ByteBuffer.allocate(name.length + Integer.BYTES + first.length)
                .put(name)
                .putInt(first.length)
                .put(first)
                .array();
    }

    private ServerStep saslContinue(byte[] body) throws ScramException {
        ScramClient client = scram;
        if (client == null || stage != Stage.SASL_FIRST) {
            return broken();
        }
        ServerFirstMessage first = client.serverFirstMessage(new String(body, UTF_8));
        if (first.getIterationCount() > ScramVerifier.MAX_ITERATIONS) {
            return new ServerStep.Failed(
                    SqlState.INVALID_PASSWORD,
                    "PostgreSQL asks for %d SCRAM iterations, more than the %d that Weir is willing to compute."
                            .formatted(first.getIterationCount(), ScramVerifier.MAX_ITERATIONS));
        }
        ClientFinalMessage last = client.clientFinalMessage();
        stage = Stage.SASL_FINAL;
        return new ServerStep.Answer(last.toString().getBytes(UTF_8));
    }

    private ServerStep saslFinal(byte[] body) throws ScramException {
        ScramClient client = scram;
        if (client == null || stage != Stage.SASL_FINAL) {
            return broken();
        }
        client.serverFinalMessage(new String(body, UTF_8));
        stage = Stage.ANSWERED;
        return new ServerStep.Wait();
    }

    private static ServerStep broken() {
        return new ServerStep.Failed(
                SqlState.PROTOCOL_VIOLATION,
                "PostgreSQL's login messages do not follow the protocol; the server was not trusted.");
    }

    private static byte[] cstring(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }
}

package dev.weir.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.config.LoginConfig;
import dev.weir.config.Secret;
import dev.weir.config.UserConfig;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Begins the login conversation of each client. Any thread may use it. */
public final class ClientLogins {
    private static final Logger LOG = LoggerFactory.getLogger(ClientLogins.class);

    private final LoginConfig.AuthType type;
    private final Map<String, UserConfig> users;
    private final SecureRandom random = new SecureRandom();
    private final byte[] processKey = new byte[32];

    /**
     * The verifiers of users whose configured secret is a password: derived once each, as many as
     * there are users.
     */
    private final ConcurrentMap<String, ScramVerifier> derived = new ConcurrentHashMap<>();

    /**
     * Logins of these users.
     *
     * @param type the method that every client is asked for
     */
    public ClientLogins(LoginConfig.AuthType type, Map<String, UserConfig> users) {
        this.type = type;
        this.users = users;
        random.nextBytes(processKey);
    }

    /** A conversation with a client that says it is {@code user}. May take milliseconds. */
    public ClientLogin begin(String user) {
        UserConfig known = users.get(user);
        Secret secret = known == null ? null : known.password();
        String text = secret == null ? null : secret.value();
        return switch (type) {
            case TRUST -> TrustLogin.INSTANCE;
            case PASSWORD ->
                    PasswordLogin.cleartext(given -> matches(user, text, given), wrong(user));
            case MD5 ->
                    text != null && text.startsWith(ScramVerifier.PREFIX)
                            ? scram(user, text)
                            : md5(user, text);
            case SCRAM_SHA_256 -> scram(user, text);
        };
    }

    private static AuthStep.Refused wrong(String user) {
        return new AuthStep.Refused(
                SqlState.INVALID_PASSWORD,
                "password authentication failed for user \"%s\"".formatted(user));
    }

    private static boolean matches(String user, @Nullable String secret, String given) {
        if (secret == null) {
            return false;
        }
        ScramVerifier verifier = ScramVerifier.parse(secret);
        if (verifier != null) {
            return verifier.matches(given);
        }
        String candidate = Md5.isHash(secret) ? Md5.hash(given.getBytes(UTF_8), user) : given;
        return MessageDigest.isEqual(candidate.getBytes(UTF_8), secret.getBytes(UTF_8));
    }

    private ClientLogin md5(String user, @Nullable String secret) {
        byte[] salt = new byte[Md5.SALT_BYTES];
        random.nextBytes(salt);
        String hash =
                secret == null
                        ? Md5.hash(processKey, user)
                        : Md5.isHash(secret) ? secret : Md5.hash(secret.getBytes(UTF_8), user);
        return PasswordLogin.md5(hash, secret != null, salt, wrong(user));
    }

    private ClientLogin scram(String user, @Nullable String secret) {
        ScramVerifier verifier = secret == null ? null : verifier(user, secret);
        boolean known = verifier != null;
        return new ScramLogin(
                verifier == null ? ScramVerifier.mock(user, processKey) : verifier,
                known,
                wrong(user),
                random);
    }

    private @Nullable ScramVerifier verifier(String user, String secret) {
        if (Md5.isHash(secret)) {
            LOG.warn(
                    "user \"{}\" cannot log in: its password is an md5 hash, and auth-type is scram-sha-256",
                    user);
            return null;
        }
        if (secret.startsWith(ScramVerifier.PREFIX)) {
            return ScramVerifier.parse(secret);
        }
        return derived.computeIfAbsent(user, _ -> ScramVerifier.of(secret, random));
    }
}

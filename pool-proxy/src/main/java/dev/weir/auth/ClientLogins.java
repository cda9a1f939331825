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

    /** Verifiers that have been read or derived, as many as there are users. */
    private final ConcurrentMap<String, ScramVerifier> verifiers = new ConcurrentHashMap<>();

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

    /** A conversation with a client that says it is {@code user}. */
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

    /** Derives one key whoever the user is, so that the time taken does not tell. */
    private boolean matches(String user, @Nullable String secret, String given) {
        ScramVerifier verifier = secret == null ? null : ScramVerifier.parse(secret);
        if (verifier != null) {
            return verifier.matches(given);
        }
        boolean mock = ScramVerifier.mock(user, processKey).matches(given);
        String expected = secret == null ? "" : secret;
        String candidate = Md5.isHash(expected) ? Md5.hash(given.getBytes(UTF_8), user) : given;
        boolean same = MessageDigest.isEqual(candidate.getBytes(UTF_8), expected.getBytes(UTF_8));
        return same & secret != null & !mock;
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
        if (secret == null || Md5.isHash(secret)) {
            if (secret != null) {
                LOG.warn(
                        "user \"{}\" cannot log in: its password is an md5 hash, and auth-type is scram-sha-256",
                        user);
            }
            return scram(user, ScramVerifier.mock(user, processKey), false);
        }
        ScramVerifier known = verifiers.get(user);
        if (known == null && secret.startsWith(ScramVerifier.PREFIX)) {
            known = ScramVerifier.parse(secret);
            if (known == null) {
                return scram(user, ScramVerifier.mock(user, processKey), false);
            }
            verifiers.put(user, known);
        }
        return known != null
                ? scram(user, known, true)
                : new DerivingLogin(() ->
                        scram(
                                user,
                                verifiers.computeIfAbsent(
                                        user, _ -> ScramVerifier.of(secret, random)),
                                true));
    }

    private ClientLogin scram(String user, ScramVerifier verifier, boolean known) {
        return new ScramLogin(verifier, known, wrong(user), random);
    }
}

package dev.weir.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.config.DatabaseConfig;
import dev.weir.config.HbaConfig;
import dev.weir.config.HbaRule.Method;
import dev.weir.config.LoginConfig;
import dev.weir.config.Secret;
import dev.weir.config.UserConfig;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;

/** Begins the login conversation of each client. Any thread may use it. */
public final class ClientLogins {
    private final Method method;
    private final @Nullable HbaVerdict hba;
    private final Map<String, StoredSecret> configured = new HashMap<>();
    private final SecretLookup lookup;
    private final SecureRandom random = new SecureRandom();
    private final byte[] processKey = new byte[32];

    /**
     * Logins of these users, and of those that a look-up finds.
     *
     * @param config what clients are asked for
     */
    public ClientLogins(LoginConfig config, Map<String, UserConfig> users, SecretLookup lookup) {
        this.method =
                switch (config.authType()) {
                    case TRUST -> Method.TRUST;
                    case PASSWORD -> Method.PASSWORD;
                    case MD5 -> Method.MD5;
                    case SCRAM_SHA_256 -> Method.SCRAM_SHA_256;
                    case CERT -> Method.CERT;
                    case HBA -> Method.REJECT;
                };
        HbaConfig rules = config.hba();
        this.hba =
                rules == null || config.authType() != LoginConfig.AuthType.HBA
                        ? null
                        : new HbaVerdict(rules);
        this.lookup = lookup;
        users.forEach((name, user) -> {
            Secret password = user.password();
            if (password != null) {
                configured.put(name, new StoredSecret(password));
            }
        });
        random.nextBytes(processKey);
    }

    /** A conversation with a client that says who it is. */
    public ClientLogin begin(Applicant applicant) {
        HbaVerdict verdict = hba;
        if (verdict == null) {
            return method == Method.CERT ? certified(applicant) : begin(applicant, method);
        }
        return verdict.slow()
                ? new DerivingLogin(() -> begin(applicant, verdict))
                : begin(applicant, verdict);
    }

    /** The name in the client's certificate must be the user's. */
    private static ClientLogin certified(Applicant applicant) {
        String name = applicant.certificateName();
        if (applicant.user().equals(name)) {
            return TrustLogin.INSTANCE;
        }
        AuthStep.Refused refusal =
                new AuthStep.Refused(
                        SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                        name == null
                                ? "connection requires a valid client certificate"
                                : "certificate authentication failed for user \"%s\""
                                        .formatted(applicant.user()));
        return new RefusedLogin(
                name == null
                        ? refusal
                        : refusal.because("its certificate is that of \"%s\"".formatted(name)));
    }

    private ClientLogin begin(Applicant applicant, HbaVerdict verdict) {
        HbaVerdict.Outcome outcome = verdict.on(applicant);
        AuthStep.Refused refusal = outcome.refusal();
        return refusal == null ? begin(applicant, outcome.method()) : new RefusedLogin(refusal);
    }

    private ClientLogin begin(Applicant applicant, Method asked) {
        // Who comes with cert has shown its certificate already.
        if (asked == Method.TRUST || asked == Method.CERT) {
            return TrustLogin.INSTANCE;
        }
        String user = applicant.user();
        StoredSecret known = configured.get(user);
        DatabaseConfig place = applicant.place();
        if (known == null && place != null && place.authQuery().user() != null) {
            return new LookedUpLogin(
                    lookup, applicant, place, found -> conversation(asked, applicant, found, true));
        }
        return conversation(asked, applicant, known, false);
    }

    /**
     * A conversation with a client that has to prove that it knows a password.
     *
     * @param secret null if there is none that it could know
     */
    private ClientLogin conversation(
            Method asked, Applicant applicant, @Nullable StoredSecret secret, boolean lookedUp) {
        String user = applicant.user();
        return switch (asked) {
            case TRUST, CERT -> TrustLogin.INSTANCE;
            case REJECT -> new RefusedLogin(wrong(user, secret));
            case PASSWORD -> PasswordLogin.cleartext(given -> check(user, secret, given));
            case MD5 -> {
                // PostgreSQL asks for what it has stored. What it would have stored for a user
                // that does not exist is its default.
                boolean scram = secret == null ? lookedUp : secret.isVerifier();
                yield scram ? scram(applicant, secret) : md5(user, secret);
            }
            case SCRAM_SHA_256 -> scram(applicant, secret);
        };
    }

    private static AuthStep.Refused wrong(String user, @Nullable StoredSecret secret) {
        AuthStep.Refused refused =
                new AuthStep.Refused(
                        SqlState.INVALID_PASSWORD,
                        "password authentication failed for user \"%s\"".formatted(user));
        return refused.because(
                secret == null
                        ? "no such user, or none that may log in with a password"
                        : "wrong password");
    }

    /** Derives one key whoever the user is, so that the time taken does not tell. */
    private AuthStep check(String user, @Nullable StoredSecret secret, String given) {
        ScramVerifier verifier = secret == null || !secret.isVerifier() ? null : secret.verifier();
        if (verifier != null) {
            ServerCredential keys = verifier.keysOf(given);
            return keys == null ? wrong(user, secret) : new AuthStep.Done(null, keys);
        }
        var mock = ScramVerifier.mock(user, processKey).keysOf(given);
        String expected = secret == null ? "" : secret.text();
        String candidate = Md5.isHash(expected) ? Md5.hash(given.getBytes(UTF_8), user) : given;
        boolean same = MessageDigest.isEqual(candidate.getBytes(UTF_8), expected.getBytes(UTF_8));
        return same & secret != null & mock == null
                ? new AuthStep.Done(null, secret == null ? null : secret.credential())
                : wrong(user, secret);
    }

    private ClientLogin md5(String user, @Nullable StoredSecret secret) {
        byte[] salt = new byte[Md5.SALT_BYTES];
        random.nextBytes(salt);
        AuthStep wrong = wrong(user, secret);
        if (secret == null) {
            return PasswordLogin.md5(Md5.hash(processKey, user), salt, wrong, wrong);
        }
        String hash =
                secret.isMd5Hash() ? secret.text() : Md5.hash(secret.text().getBytes(UTF_8), user);
        return PasswordLogin.md5(hash, salt, new AuthStep.Done(null, secret.credential()), wrong);
    }

    private ClientLogin scram(Applicant applicant, @Nullable StoredSecret secret) {
        String user = applicant.user();
        if (secret == null) {
            return mock(applicant, wrong(user, null));
        }
        if (secret.isMd5Hash()) {
            return mock(
                    applicant,
                    wrong(user, secret)
                            .because(
                                    "its password is an md5 hash, and auth-type is scram-sha-256"));
        }
        ScramVerifier verifier = secret.verifier();
        if (verifier == null && secret.isVerifier()) {
            return mock(
                    applicant,
                    wrong(user, secret)
                            .because(
                                    "its SCRAM verifier is malformed, or has too many iterations"));
        }
        return verifier != null
                ? scram(applicant, secret, verifier)
                : new DerivingLogin(() -> scram(applicant, secret, secret.derive(random)));
    }

    private ClientLogin mock(Applicant applicant, AuthStep.Refused wrong) {
        ScramVerifier verifier = ScramVerifier.mock(applicant.user(), processKey);
        return new ScramLogin(verifier, false, wrong, null, applicant.endPoint(), random);
    }

    private ClientLogin scram(Applicant applicant, StoredSecret secret, ScramVerifier verifier) {
        return new ScramLogin(
                verifier,
                true,
                wrong(applicant.user(), secret),
                secret.credential(),
                applicant.endPoint(),
                random);
    }
}

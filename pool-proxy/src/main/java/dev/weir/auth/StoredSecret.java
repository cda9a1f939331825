package dev.weir.auth;

import dev.weir.config.Secret;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;

/**
 * What is known of one user's password: itself, or what PostgreSQL stores of it. Any thread may use
 * it.
 */
final class StoredSecret {
    private final Secret secret;
    private final boolean isVerifier;

    /** Read or derived once; a race derives it twice, and one of the two stays. */
    private volatile @Nullable ScramVerifier verifier;

    StoredSecret(Secret secret) {
        this.secret = secret;
        this.isVerifier = ServerCredential.isVerifier(secret);
        this.verifier = isVerifier ? ScramVerifier.parse(secret.value()) : null;
    }

    String text() {
        return secret.value();
    }

    boolean isVerifier() {
        return isVerifier;
    }

    boolean isMd5Hash() {
        return Md5.isHash(secret.value());
    }

    /** Null if it has to be derived first, or if the secret is a verifier out of form. */
    @Nullable ScramVerifier verifier() {
        return verifier;
    }

    /** The verifier of a password. Takes milliseconds the first time. */
    synchronized ScramVerifier derive(SecureRandom random) {
        ScramVerifier known = verifier;
        if (known == null) {
            known = ScramVerifier.of(secret.value(), random);
            verifier = known;
        }
        return known;
    }

    /** What it proves to PostgreSQL by itself; null if nothing. */
    @Nullable ServerCredential credential() {
        return isVerifier ? null : new ServerCredential.Password(secret);
    }
}

package dev.weir.deploy.bench;

/** How every contender lets clients in while a row runs. */
enum Login {
    /** Nobody is asked: the login is not what is measured. */
    TRUST,
    /** The same inside TLS, which only clients speak: nothing behind a proxy is encrypted. */
    TLS,
    /** SCRAM-SHA-256 against a stored verifier. */
    SCRAM
}

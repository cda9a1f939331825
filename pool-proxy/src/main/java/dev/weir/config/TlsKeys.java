package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;

import java.nio.file.Path;
import java.util.List;

/** The part of the key table that is about TLS. */
final class TlsKeys {
    private static final String[] MODES = {
        "disable", "allow", "prefer", "require", "verify-ca", "verify-full"
    };

    // ---- towards clients ----

    static final Group<ClientTlsConfig> CLIENT = new Group<>("TLS with clients");

    static final Key<ClientTlsConfig, TlsMode> CLIENT_SSLMODE =
            CLIENT.key(
                    "client-tls-sslmode",
                    Types.choice(TlsMode.class, MODES),
                    "disable",
                    RELOAD,
                    ClientTlsConfig::sslmode,
                    "Whether clients may use TLS (allow, prefer: the same) or must (require); with"
                            + " verify-ca or verify-full they must also show a certificate by"
                            + " client-tls-ca-file.");
    static final Key<ClientTlsConfig, Path> CLIENT_KEY_FILE =
            CLIENT.optional(
                    "client-tls-key-file",
                    TlsTypes.file(),
                    RELOAD,
                    tls -> tls.files().keyFile(),
                    "The private key of client-tls-cert-file, as PEM without a password.");
    static final Key<ClientTlsConfig, Path> CLIENT_CERT_FILE =
            CLIENT.optional(
                    "client-tls-cert-file",
                    TlsTypes.file(),
                    RELOAD,
                    tls -> tls.files().certFile(),
                    "The certificate that Weir shows to clients, as PEM, and behind it those that"
                            + " lead to its issuer.");
    static final Key<ClientTlsConfig, Path> CLIENT_CA_FILE =
            CLIENT.optional(
                    "client-tls-ca-file",
                    TlsTypes.file(),
                    RELOAD,
                    tls -> tls.files().caFile(),
                    "Who may issue certificates of clients, as PEM. With it clients are asked for"
                            + " one, and one that is shown must be good in every mode.");
    static final Key<ClientTlsConfig, List<TlsProtocol>> CLIENT_PROTOCOLS =
            CLIENT.key(
                    "client-tls-protocols",
                    TlsTypes.protocols(),
                    "secure",
                    RELOAD,
                    tls -> tls.files().protocols(),
                    "The versions of TLS that clients may speak.");
    static final Key<ClientTlsConfig, List<String>> CLIENT_CIPHERS =
            CLIENT.key(
                    "client-tls-ciphers",
                    TlsTypes.ciphers(),
                    "default",
                    RELOAD,
                    tls -> tls.files().ciphers(),
                    "The cipher suites of TLS 1.2, best first. Those of TLS 1.3 are all good, and"
                            + " always on.");

    // ---- towards PostgreSQL: at the top level, in a database ----

    static final Group<ServerTlsConfig> SERVER = new Group<>("TLS with PostgreSQL");

    static final Key<ServerTlsConfig, TlsMode> SERVER_SSLMODE =
            SERVER.key(
                    "server-tls-sslmode",
                    Types.choice(TlsMode.class, MODES),
                    "prefer",
                    RELOAD,
                    ServerTlsConfig::sslmode,
                    "Whether server connections are encrypted, in libpq's words: prefer is with TLS"
                            + " where PostgreSQL has it, require is never without, verify-ca also"
                            + " looks at its certificate, verify-full also at the host name in it.");
    static final Key<ServerTlsConfig, ServerTlsConfig.Negotiation> SERVER_SSLNEGOTIATION =
            SERVER.key(
                    "server-tls-sslnegotiation",
                    Types.choice(ServerTlsConfig.Negotiation.class, "postgres", "direct"),
                    "postgres",
                    RELOAD,
                    ServerTlsConfig::negotiation,
                    "How TLS begins: direct saves a round trip, and needs PostgreSQL 17 or newer.");
    static final Key<ServerTlsConfig, Path> SERVER_CA_FILE =
            SERVER.optional(
                    "server-tls-ca-file",
                    TlsTypes.file(),
                    RELOAD,
                    tls -> tls.files().caFile(),
                    "Who may issue PostgreSQL's certificate, as PEM; without it, for verify-full,"
                            + " those whom Java trusts.");
    static final Key<ServerTlsConfig, Path> SERVER_KEY_FILE =
            SERVER.optional(
                    "server-tls-key-file",
                    TlsTypes.file(),
                    RELOAD,
                    tls -> tls.files().keyFile(),
                    "The private key of server-tls-cert-file, as PEM without a password.");
    static final Key<ServerTlsConfig, Path> SERVER_CERT_FILE =
            SERVER.optional(
                    "server-tls-cert-file",
                    TlsTypes.file(),
                    RELOAD,
                    tls -> tls.files().certFile(),
                    "The certificate that Weir shows to PostgreSQL if it asks for one, as PEM.");
    static final Key<ServerTlsConfig, List<TlsProtocol>> SERVER_PROTOCOLS =
            SERVER.key(
                    "server-tls-protocols",
                    TlsTypes.protocols(),
                    "secure",
                    RELOAD,
                    tls -> tls.files().protocols(),
                    "The versions of TLS that Weir speaks with PostgreSQL.");
    static final Key<ServerTlsConfig, List<String>> SERVER_CIPHERS =
            SERVER.key(
                    "server-tls-ciphers",
                    TlsTypes.ciphers(),
                    "default",
                    RELOAD,
                    tls -> tls.files().ciphers(),
                    "The cipher suites of TLS 1.2, best first.");

    private TlsKeys() {}
}

package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;

import java.time.Duration;

/**
 * The part of the key table that says how clients log in, and where their passwords are looked up.
 */
final class LoginKeys {
    static final Group<LoginConfig> LOGIN = new Group<>("How clients log in");

    static final Key<LoginConfig, LoginConfig.AuthType> AUTH_TYPE =
            LOGIN.key(
                    "auth-type",
                    Types.choice(
                            LoginConfig.AuthType.class,
                            "trust",
                            "password",
                            "md5",
                            "scram-sha-256",
                            "cert",
                            "hba"),
                    "scram-sha-256",
                    RELOAD,
                    LoginConfig::authType,
                    "What clients are asked for, in PostgreSQL's words; trust believes everybody,"
                            + " cert wants a certificate in the user's name, and hba asks as the rules"
                            + " in auth-hba-file say.");
    static final Key<LoginConfig, String> AUTH_HBA_FILE =
            LOGIN.optional(
                    "auth-hba-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    LoginConfig::hbaFile,
                    "Rules in the form of PostgreSQL's pg_hba.conf, of which the first that fits"
                            + " counts.");
    static final Key<LoginConfig, String> AUTH_IDENT_FILE =
            LOGIN.optional(
                    "auth-ident-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    LoginConfig::identFile,
                    "Which role the name in a certificate may be, in the form of PostgreSQL's"
                            + " pg_ident.conf, for rules with map=.");
    static final Key<LoginConfig, Duration> CLIENT_LOGIN_TIMEOUT =
            LOGIN.key(
                    "client-login-timeout",
                    Types.duration(Bounds.MOMENT, Bounds.DAY),
                    "1m",
                    RELOAD,
                    LoginConfig::clientLoginTimeout,
                    "A client that has not logged in by then is disconnected.");
    static final Key<LoginConfig, Duration> FAILED_LOGIN_DELAY =
            LOGIN.key(
                    "failed-login-delay",
                    Types.duration(Duration.ZERO, Bounds.DAY),
                    "10s",
                    RELOAD,
                    LoginConfig::failedLoginDelay,
                    "The longest that the answer to a failed login is held back; it grows with the"
                            + " failures from one address. 0 is never.");

    static final Group<AuthQueryConfig> AUTH_QUERIES =
            new Group<>("Where the passwords of other users are looked up");

    static final Key<AuthQueryConfig, String> AUTH_USER =
            AUTH_QUERIES.optional(
                    "auth-user",
                    Types.text("the name of a role"),
                    RELOAD,
                    AuthQueryConfig::user,
                    "The role that looks up in PostgreSQL the password of a user who is not among"
                            + " users; its own password stands there.");
    static final Key<AuthQueryConfig, String> AUTH_QUERY =
            AUTH_QUERIES.optional(
                    "auth-query",
                    Types.authQuery(),
                    RELOAD,
                    AuthQueryConfig::query,
                    "What auth-user asks: a row of the name and password of user $1. Without it"
                            + " pg_authid, honouring LOGIN and VALID UNTIL.");
    static final Key<AuthQueryConfig, String> AUTH_DBNAME =
            AUTH_QUERIES.optional(
                    "auth-dbname",
                    Types.text("the name of an entry of databases"),
                    RELOAD,
                    AuthQueryConfig::dbname,
                    "The entry of databases where it asks; without it the one that the client asks"
                            + " for.");
    static final Key<AuthQueryConfig, Duration> AUTH_QUERY_CACHE_TIME =
            AUTH_QUERIES.key(
                    "auth-query-cache-time",
                    Types.duration(Duration.ZERO, Bounds.DAY),
                    "10s",
                    RELOAD,
                    AuthQueryConfig::cacheTime,
                    "How long an answer counts; 0 asks at each login.");

    private LoginKeys() {}
}

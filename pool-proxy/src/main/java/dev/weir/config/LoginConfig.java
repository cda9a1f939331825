package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * How clients prove who they are.
 *
 * @param authType the method asked of every client
 * @param clientLoginTimeout from accept to the end of the login, more than zero
 * @param failedLoginDelay the longest that the answer to a failed login is held back, zero for
 *     never
 * @param authQuery the look-up of passwords that a database inherits
 * @param hbaFile the file that the rules come from, as configured; null if there is none
 * @param identFile the file that their maps come from, as configured; null if there is none
 * @param hba the rules and maps; null unless {@code authType} is {@link AuthType#HBA}
 */
public record LoginConfig(
        AuthType authType,
        Duration clientLoginTimeout,
        Duration failedLoginDelay,
        AuthQueryConfig authQuery,
        @Nullable String hbaFile,
        @Nullable String identFile,
        @Nullable HbaConfig hba) {
    /** Only configured users may log in. */
    public LoginConfig(AuthType authType, Duration clientLoginTimeout) {
        this(
                authType,
                clientLoginTimeout,
                Duration.ofSeconds(10),
                AuthQueryConfig.NONE,
                null,
                null,
                null);
    }

    /** The names are those of PostgreSQL's pg_hba.conf, section 20.1 of its manual. */
    public enum AuthType {
        TRUST,
        PASSWORD,
        MD5,
        SCRAM_SHA_256,
        /** The client's TLS certificate, whose common name must be the user's. */
        CERT,
        /** What the rules in a file say for each client. */
        HBA
    }
}

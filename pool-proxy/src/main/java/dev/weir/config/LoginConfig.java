package dev.weir.config;

import java.time.Duration;

/**
 * How clients prove who they are.
 *
 * @param authType the method asked of every client
 * @param clientLoginTimeout from accept to the end of the login, more than zero
 */
public record LoginConfig(AuthType authType, Duration clientLoginTimeout) {
    /** The names are those of PostgreSQL's pg_hba.conf, section 20.1 of its manual. */
    public enum AuthType {
        TRUST,
        PASSWORD,
        MD5,
        SCRAM_SHA_256
    }
}

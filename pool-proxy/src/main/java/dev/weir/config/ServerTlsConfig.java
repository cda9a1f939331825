package dev.weir.config;

import java.util.Objects;

/**
 * TLS between Weir and PostgreSQL.
 *
 * @param sslmode what is asked of PostgreSQL
 * @param negotiation how a TLS session begins
 * @param files a certificate only if PostgreSQL asks Weir for one
 */
public record ServerTlsConfig(TlsMode sslmode, Negotiation negotiation, TlsFiles files) {
    /** Never TLS. */
    public static final ServerTlsConfig NONE =
            new ServerTlsConfig(TlsMode.DISABLE, Negotiation.POSTGRES, TlsFiles.NONE);

    /** Perf: the one that a record is given is put together at its first use, in 25 ms. */
    @Override
    public int hashCode() {
        return Objects.hash(
                sslmode,
                negotiation,
                files.keyFile(),
                files.certFile(),
                files.caFile(),
                files.protocols(),
                files.ciphers());
    }

    /** libpq's {@code sslnegotiation}. */
    public enum Negotiation {
        /** Weir asks for TLS in PostgreSQL's protocol, and PostgreSQL says yes or no. */
        POSTGRES,
        /** TLS from the first byte, which saves a round trip; PostgreSQL from 17. */
        DIRECT
    }
}

package dev.weir.config;

/**
 * TLS between clients and Weir.
 *
 * @param sslmode what is asked of clients; {@code allow} and {@code prefer} mean the same
 * @param files key and certificate are there unless {@code sslmode} is {@code disable}
 */
public record ClientTlsConfig(TlsMode sslmode, TlsFiles files) {
    /** No TLS for anybody. */
    public static final ClientTlsConfig NONE = new ClientTlsConfig(TlsMode.DISABLE, TlsFiles.NONE);
}

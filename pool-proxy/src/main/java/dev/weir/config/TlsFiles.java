package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * One end of TLS sessions: who Weir says it is there, whom it trusts, and what it speaks. The files
 * are PEM.
 *
 * @param keyFile the private key of the certificate; null exactly if there is no certificate
 * @param certFile the certificate, and behind it those that lead to its issuer
 * @param caFile the certificates of the issuers that are trusted; null for none of its own
 * @param protocols at least one
 * @param ciphers of TLS 1.2, in the words of OpenSSL; empty for those that are usual
 */
public record TlsFiles(
        @Nullable Path keyFile,
        @Nullable Path certFile,
        @Nullable Path caFile,
        List<TlsProtocol> protocols,
        List<String> ciphers) {
    /** No certificate, nobody trusted. */
    public static final TlsFiles NONE =
            new TlsFiles(null, null, null, List.of(TlsProtocol.values()), List.of());

    public TlsFiles {
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
    }
}

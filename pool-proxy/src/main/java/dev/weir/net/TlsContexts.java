package dev.weir.net;

import com.ongres.scram.common.util.TlsServerEndpoint;

import dev.weir.config.TlsFiles;
import dev.weir.config.TlsProtocol;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLException;

/** What both ends' TLS contexts are made of. Reads files: not for an event loop. */
final class TlsContexts {
    /** Protocol: what both sides name in the ALPN extension (section 54.2.10). */
    static final String APPLICATION_PROTOCOL = "postgresql";

    private static final List<String> TLS_1_3_CIPHERS =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256");

    private TlsContexts() {}

    /**
     * A key and the certificates that go with it.
     *
     * @param chain the certificate, and those that lead to its issuer
     */
    record Identity(PrivateKey key, List<X509Certificate> chain) {
        /** Reads both, and sees that they belong together. */
        static Identity read(String keyName, Path keyFile, String certName, Path certFile)
                throws TlsException {
            PemFile keyPem = new PemFile(keyName, keyFile);
            PrivateKey key = keyPem.privateKey();
            List<X509Certificate> chain = new PemFile(certName, certFile).certificates();
            if (!fit(key, chain.getFirst().getPublicKey())) {
                throw keyPem.bad(
                        "has another private key than that of the certificate in " + certFile,
                        null);
            }
            return new Identity(key, chain);
        }

        X509Certificate certificate() {
            return chain.getFirst();
        }

        private static boolean fit(PrivateKey key, PublicKey publicKey) {
            String algorithm =
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> "EdDSA";
                    };
            byte[] text = {1, 2, 3};
            try {
                Signature signer = Signature.getInstance(algorithm);
                signer.initSign(key);
                signer.update(text);
                byte[] signature = signer.sign();
                Signature verifier = Signature.getInstance(algorithm);
                verifier.initVerify(publicKey);
                verifier.update(text);
                return verifier.verify(signature);
            } catch (GeneralSecurityException e) {
                return false;
            }
        }
    }

    /**
     * Builds what has been prepared.
     *
     * @param side how configuration keys of this end begin
     */
    static SslContext build(SslContextBuilder builder, TlsFiles files, String side)
            throws TlsException {
        try {
            return builder.sslProvider(provider())
                    .protocols(files.protocols().stream().map(TlsProtocol::javaName).toList())
                    .ciphers(ciphers(files))
                    .applicationProtocolConfig(
                            new ApplicationProtocolConfig(
                                    Protocol.ALPN,
                                    SelectorFailureBehavior.NO_ADVERTISE,
                                    SelectedListenerFailureBehavior.ACCEPT,
                                    APPLICATION_PROTOCOL))
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new TlsException(
                    "the `%s-…` settings cannot be used, perhaps because of `%s-ciphers`: %s"
                            .formatted(side, side, e.getMessage()),
                    e);
        }
    }

    /** Null is what the provider takes by itself. */
    private static @Nullable List<String> ciphers(TlsFiles files) {
        if (files.ciphers().isEmpty()) {
            return null;
        }
        List<String> ciphers = new ArrayList<>(files.ciphers());
        if (files.protocols().contains(TlsProtocol.V1_3)) {
            ciphers.addAll(TLS_1_3_CIPHERS);
        }
        return ciphers;
    }

    /**
     * What the channel binding tls-server-end-point (RFC 5929) shows of a server's certificate.
     *
     * @return null if it is signed in a way that the RFC has no hash for
     */
    static byte @Nullable [] endPoint(X509Certificate certificate) {
        try {
            byte[] hash = TlsServerEndpoint.getChannelBindingData(certificate);
            return hash.length == 0 ? null : hash;
        } catch (CertificateEncodingException e) {
            return null;
        }
    }

    /** BoringSSL where its library can be loaded: it takes about half of the JDK's time. */
    private static SslProvider provider() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /** What encrypts, for the log. */
    static String library() {
        String version = OpenSsl.versionString();
        return version == null ? "the JDK's TLS" : version;
    }
}

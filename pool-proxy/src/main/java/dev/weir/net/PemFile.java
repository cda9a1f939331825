package dev.weir.net;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of keys or certificates in PEM (RFC 7468), as a configuration key names it. Reads files:
 * not for an event loop.
 *
 * @param key the configuration key
 * @param path where it is
 */
record PemFile(String key, Path path) {
    private static final Pattern PRIVATE_KEY =
            Pattern.compile(
                    "-----BEGIN ((?:[A-Z]+ )?)PRIVATE KEY-----([^-]+)-----END \\1PRIVATE KEY-----");

    /** The kinds of keys that certificates on the web have. */
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    /** AlgorithmIdentifier of rsaEncryption, with its NULL parameter (RFC 8017, appendix C). */
    private static final byte[] RSA_ENCRYPTION = {
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    /** All certificates in it, at least one. */
    List<X509Certificate> certificates() throws TlsException {
        byte[] text = text().getBytes(StandardCharsets.ISO_8859_1);
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(text))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (certificates.isEmpty()) {
                throw bad("has no certificate in it; expected -----BEGIN CERTIFICATE-----", null);
            }
            return certificates;
        } catch (CertificateException e) {
            throw bad("has no certificate in it; expected -----BEGIN CERTIFICATE-----", e);
        }
    }

    /** The private key in it. */
    PrivateKey privateKey() throws TlsException {
        Matcher found = PRIVATE_KEY.matcher(text());
        if (!found.find()) {
            throw bad("has no private key in it; expected -----BEGIN PRIVATE KEY-----", null);
        }
        byte[] bytes;
        try {
            bytes = Base64.getMimeDecoder().decode(found.group(2));
        } catch (IllegalArgumentException e) {
            throw bad("has a private key that is cut off or spoilt", e);
        }
        PrivateKey key =
                switch (found.group(1)) {
                    case "" -> read(bytes);
                    case "RSA " -> read(wrapped(bytes));
                    default -> null;
                };
        if (key == null) {
            throw bad(
                    "has a private key in a form that Weir does not read, or one with a password; `openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW` writes one that it does",
                    null);
        }
        return key;
    }

    private static @Nullable PrivateKey read(byte[] pkcs8) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                // Then it is of another kind.
            }
        }
        return null;
    }

    /** RSA's own older form, as OpenSSL wrote it for long, in the form that Java reads. */
    private static byte[] wrapped(byte[] pkcs1) {
        byte[] version = {0x02, 0x01, 0x00};
        return der(0x30, version, RSA_ENCRYPTION, der(0x04, pkcs1));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        out.write(tag);
        // Three bytes of length: no RSA key is shorter than 256 bytes or longer than 64 KiB.
        out.write(0x82);
        out.write(length >>> 8);
        out.write(length);
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private String text() throws TlsException {
        try {
            // Base64 and words of ASCII; other bytes can only stand in comments.
            return Files.readString(path, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw bad("cannot be read: " + e, e);
        }
    }

    /** {@code what} completes the sentence "the file …". */
    TlsException bad(String what, @Nullable Throwable cause) {
        return new TlsException(key, path, what, cause);
    }
}

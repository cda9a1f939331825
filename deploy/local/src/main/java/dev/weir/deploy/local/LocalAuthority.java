package dev.weir.deploy.local;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;

/**
 * Issues certificates for this machine, so that TLS can be tried without any of one's own. They are
 * valid for a day. Its programs need Bouncy Castle (bcpkix) on the class path. Threads: any.
 */
public final class LocalAuthority {
    private static final Duration PAST = Duration.ofHours(1);
    private static final Duration VALIDITY = Duration.ofDays(1);

    /**
     * A certificate with its key, both as PEM.
     *
     * @param keyFile only its owner may read it, as PostgreSQL and its clients demand
     * @param certFile the certificate alone: its issuer is the authority itself
     */
    public record Issued(Path keyFile, Path certFile) {}

    private final Path folder;
    private final SecureRandom random = new SecureRandom();
    private final X500Name name;
    private final KeyPair keys;
    private final Path certificate;

    /**
     * A new authority.
     *
     * @param folder an existing folder, where its files go
     * @param name the common name in its own certificate; also the beginning of its file's name
     */
    public LocalAuthority(Path folder, String name) {
        this.folder = folder;
        this.name = named(name);
        this.keys = newKeys();
        this.certificate =
                write(folder.resolve(name + ".crt"), "CERTIFICATE", certify(this.name, keys, true));
    }

    /** The file with the authority's own certificate, for those who shall trust it. */
    public Path certificate() {
        return certificate;
    }

    /**
     * Issues a certificate.
     *
     * @param commonName whose it is; also the beginning of its files' names
     * @param hosts host names and IPv4 addresses that it is good for
     */
    public Issued issue(String commonName, String... hosts) {
        KeyPair own = newKeys();
        byte[] issued = certify(named(commonName), own, false, hosts);
        String file = commonName.replaceAll("[^A-Za-z0-9.-]", "_");
        return new Issued(
                write(folder.resolve(file + ".key"), "PRIVATE KEY", own.getPrivate().getEncoded()),
                write(folder.resolve(file + ".crt"), "CERTIFICATE", issued));
    }

    private byte[] certify(X500Name subject, KeyPair own, boolean authority, String... hosts) {
        Instant now = Instant.now();
        X509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(64, random),
                        Date.from(now.minus(PAST)),
                        Date.from(now.plus(VALIDITY)),
                        subject,
                        own.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (hosts.length > 0) {
                GeneralName[] names =
                        Arrays.stream(hosts).map(LocalAuthority::host).toArray(GeneralName[]::new);
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            X509CertificateHolder issued =
                    builder.build(
                            new JcaContentSignerBuilder("SHA256withECDSA")
                                    .build(keys.getPrivate()));
            return issued.getEncoded();
        } catch (CertIOException | OperatorCreationException e) {
            throw new IllegalStateException("a certificate cannot be made", e);
        } catch (IOException e) {
            throw new IllegalStateException("a certificate cannot be encoded", e);
        }
    }

    private static GeneralName host(String host) {
        boolean address = host.matches("[0-9.]+");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
    }

    private static X500Name named(String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, "Weir")
                .addRDN(BCStyle.CN, commonName)
                .build();
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no elliptic curves", e);
        }
    }

    private static Path write(Path file, String what, byte[] der) {
        String text =
                "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
                        .formatted(
                                what,
                                Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
        try {
            Files.deleteIfExists(file);
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, text, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new LocalServerException(file + " cannot be written: " + e, e);
        }
    }
}

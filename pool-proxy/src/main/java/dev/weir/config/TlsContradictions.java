package dev.weir.config;

import java.nio.file.Path;

/** Finds keys about TLS that are right alone and wrong together. */
final class TlsContradictions {
    private final Section top;
    private final Problems problems;

    TlsContradictions(Section top, Problems problems) {
        this.top = top;
        this.problems = problems;
    }

    void find() {
        client();
    }

    private void client() {
        pair(top, TlsKeys.CLIENT_KEY_FILE, TlsKeys.CLIENT_CERT_FILE);
        if (!top.isSound(TlsKeys.CLIENT_SSLMODE)) {
            return;
        }
        TlsMode mode = top.get(TlsKeys.CLIENT_SSLMODE);
        String written = TlsKeys.CLIENT_SSLMODE.text(mode);
        if (mode.offered()
                && !top.names(TlsKeys.CLIENT_KEY_FILE)
                && !top.names(TlsKeys.CLIENT_CERT_FILE)) {
            problems.add(
                    top.line(TlsKeys.CLIENT_SSLMODE),
                    "`client-tls-sslmode` is %s, and Weir has no certificate to show; expected `client-tls-key-file` and `client-tls-cert-file`"
                            .formatted(written));
        }
        if (mode.verifies() && !top.names(TlsKeys.CLIENT_CA_FILE)) {
            problems.add(
                    top.line(TlsKeys.CLIENT_SSLMODE),
                    "`client-tls-sslmode` is %s, and nobody is trusted to issue certificates of clients; expected `client-tls-ca-file`"
                            .formatted(written));
        }
    }

    /** A key and a certificate belong together. */
    private void pair(Section section, Key<?, Path> key, Key<?, Path> certificate) {
        if (section.names(key) != section.names(certificate)) {
            Key<?, Path> there = section.names(key) ? key : certificate;
            problems.add(
                    section.line(there),
                    "`%s` stands alone; expected `%s` with it"
                            .formatted(there, there == key ? certificate : key));
        }
    }
}

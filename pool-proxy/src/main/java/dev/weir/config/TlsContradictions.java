package dev.weir.config;

import java.nio.file.Path;
import java.util.Collection;

/** Finds keys about TLS that are right alone and wrong together. */
final class TlsContradictions {
    private final Section top;
    private final Collection<Section> databases;
    private final Problems problems;

    TlsContradictions(Section top, Collection<Section> databases, Problems problems) {
        this.top = top;
        this.databases = databases;
        this.problems = problems;
    }

    void find() {
        client();
        server(top, true);
        databases.forEach(section -> server(section, false));
    }

    private void client() {
        pair(top, TlsKeys.CLIENT_KEY_FILE, TlsKeys.CLIENT_CERT_FILE);
        if (!top.isSound(TlsKeys.CLIENT_SSLMODE)) {
            return;
        }
        TlsMode mode = top.get(TlsKeys.CLIENT_SSLMODE);
        boolean certificates =
                top.isSound(LoginKeys.AUTH_TYPE)
                        && top.get(LoginKeys.AUTH_TYPE) == LoginConfig.AuthType.CERT;
        if (certificates && !(mode.offered() && top.names(TlsKeys.CLIENT_CA_FILE))) {
            problems.add(
                    top.line(LoginKeys.AUTH_TYPE),
                    "`auth-type` is cert, and clients are asked for no certificate; expected `client-tls-ca-file`, and a `client-tls-sslmode` other than disable");
        }
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

    /** What is wrong already where a place inherits from is told there alone. */
    private void server(Section section, boolean all) {
        boolean says = all || TlsKeys.SERVER.keys().stream().anyMatch(section::names);
        boolean sound = TlsKeys.SERVER.keys().stream().allMatch(section::isSound);
        pair(section, TlsKeys.SERVER_KEY_FILE, TlsKeys.SERVER_CERT_FILE);
        if (!says || !sound) {
            return;
        }
        ServerTlsConfig tls = Records.serverTls(section);
        String written = TlsKeys.SERVER_SSLMODE.text(tls.sslmode());
        if (tls.negotiation() == ServerTlsConfig.Negotiation.DIRECT && !tls.sslmode().required()) {
            problems.add(
                    section.line(TlsKeys.SERVER_SSLNEGOTIATION),
                    "`server-tls-sslnegotiation` is direct, and `server-tls-sslmode` is %s; expected require or a stricter one"
                            .formatted(written));
        }
        if (tls.sslmode() == TlsMode.VERIFY_CA && tls.files().caFile() == null) {
            problems.add(
                    section.line(TlsKeys.SERVER_SSLMODE),
                    "`server-tls-sslmode` is verify-ca without a `server-tls-ca-file`, so that anybody's certificate would do; expected that file, or verify-full");
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

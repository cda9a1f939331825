package dev.weir.config;

import static dev.weir.config.KnownMistakes.REST;
import static dev.weir.config.KnownMistakes.at;
import static dev.weir.config.KnownMistakes.entry;

import org.junit.jupiter.params.provider.Arguments;

import java.util.stream.Stream;

/** Settings that contradict each other, or that lack another one. */
final class SettingMistakes {
    private SettingMistakes() {}

    static Stream<Arguments> all() {
        return Stream.of(
                // contradictions
                at(
                        "min-pool-size: 30\n" + REST,
                        1,
                        "`min-pool-size` (30) is greater than `default-pool-size` (20); expected at most that"),
                at(
                        "min-pool-size: 5\ndefault-pool-size: 8\n"
                                + entry("host: x, default-pool-size: 4"),
                        4,
                        "`min-pool-size` (5) is greater than `default-pool-size` (4); expected at most that"),
                at(
                        entry("host: x, min-pool-size: 7")
                                + "  b: { password: c, default-pool-size: 3 }\n",
                        5,
                        "`min-pool-size` (7) is greater than `default-pool-size` (3); expected at most that"),
                at(
                        "reserve-pool-size: 1\nquery-wait-timeout: 5s\n" + REST,
                        2,
                        "`reserve-pool-timeout` (5s) is not shorter than `query-wait-timeout` (5s), so that the reserve would never be used; expected less"),
                at(
                        "listen-port: 5000\nhttp-port: 5000\n" + REST,
                        2,
                        "`listen-port` and `http-port` are both 5000; expected two ports"),
                at(
                        "databases:\n  shop: { host: x }\n",
                        0,
                        "nobody can log in: `auth-type` is scram-sha-256 and there are no users; expected at least one entry below `users:`, such as `app: { password: … }`"),
                at(
                        "auth-type: md5\ndatabases:\n  shop: { host: x }\nusers:\n",
                        1,
                        "nobody can log in: `auth-type` is md5 and there are no users; expected at least one entry below `users:`, such as `app: { password: … }`"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: {}\n",
                        4,
                        "user `app` has no `password`; expected one, as `auth-type` is scram-sha-256"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: md5d41d8cd98f00b204e9800998ecf8427e }\n",
                        4,
                        "`password` is an md5 hash, which cannot serve where `auth-type` is scram-sha-256; expected the password or a SCRAM verifier, or `auth-type: md5`"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: SCRAM-SHA-256$hunter2 }\n",
                        4,
                        "`password` begins as a SCRAM verifier and is none; expected the whole rolpassword from pg_authid"),
                at(
                        "auth-type: trust\ndatabases:\n  shop: { host: x }\nusers:\n  app: { server-password: SCRAM-SHA-256$hunter2 }\n",
                        5,
                        "`server-password` is a SCRAM verifier, with which nobody can log in at PostgreSQL; expected the password itself"),
                at(
                        "proxy-protocol-from: 10.0.0.0/8, lb.example.com\n" + REST,
                        1,
                        "`proxy-protocol-from`: the value has an entry that is no IP address; expected a list of networks, such as 10.0.0.0/8, 192.168.1.7"),
                at(
                        "tcp-keepalive: 1\n" + REST,
                        1,
                        "`tcp-keepalive`: `1` is not one of the choices; expected one of true, false"),
                at(
                        "auth-type: hba\n" + REST,
                        1,
                        "`auth-type` is hba and there is no `auth-hba-file`; expected the path of a file with rules"),
                at(
                        "auth-hba-file: /no/such/file\n" + REST,
                        1,
                        "`auth-hba-file` does not count where `auth-type` is scram-sha-256; expected `auth-type: hba`"),
                at(
                        "auth-ident-file: /no/such/file\n" + REST,
                        1,
                        "`auth-ident-file` stands without `auth-hba-file`; expected the rules that name its maps"),
                at(
                        "auth-query: SELECT 1\n" + REST,
                        1,
                        "`auth-query`: `SELECT 1` does not say $1; expected a query with $1, the user's name, in one line"),
                at(
                        "auth-query: SELECT a, b FROM c($1)\n" + REST,
                        1,
                        "`auth-query` stands without `auth-user`; expected the role that looks passwords up"),
                at(
                        "auth-user: app\nauth-dbname: other\n" + REST,
                        2,
                        "`auth-dbname`: `other` is not among the databases; expected the name of one"),
                at(
                        "auth-user: app\ndatabases:\n  shop: { host: x }\nusers:\n  app: { password: SCRAM-SHA-256$4096:YQ==$bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb=:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb= }\n",
                        1,
                        "`auth-user`: of the password of user `app` there is only a hash, with which it cannot log in at PostgreSQL; expected the password itself, as its `server-password`"),
                at(
                        "auth-type: trust\n",
                        0,
                        "there are no databases; expected at least one entry below `databases:`, such as `shop: { host: 127.0.0.1 }`"),
                at(
                        "auth-type: trust\ndatabases:\n  shop:\n",
                        3,
                        "database `shop` has no `host`; expected the IP address or host name of PostgreSQL"),
                at(
                        entry("host: x, password: hunter2"),
                        2,
                        "`password` stands without `user`; expected the role whose password it is, or the password in the entry of each user (`server-password`)"),
                at(
                        entry("host: x, user: u, password: hunter2, password-file: /f"),
                        2,
                        "`password` and `password-file` contradict each other; expected only one of them"),

                // TLS
                at(
                        "client-tls-sslmode: requre\n" + REST,
                        1,
                        "`client-tls-sslmode`: `requre` is not one of the choices; expected one of disable, allow, prefer, require, verify-ca, verify-full"),
                at(
                        "client-tls-sslmode: require\n" + REST,
                        1,
                        "`client-tls-sslmode` is require, and Weir has no certificate to show; expected `client-tls-key-file` and `client-tls-cert-file`"),
                at(
                        "client-tls-cert-file: /etc/passwd\n" + REST,
                        1,
                        "`client-tls-cert-file` stands alone; expected `client-tls-key-file` with it"),
                at(
                        "client-tls-key-file: /etc/passwd\nclient-tls-cert-file: /etc/passwd\nclient-tls-sslmode: verify-ca\n"
                                + REST,
                        3,
                        "`client-tls-sslmode` is verify-ca, and nobody is trusted to issue certificates of clients; expected `client-tls-ca-file`"),
                at(
                        "client-tls-key-file: /nonexistent/weir.key\nclient-tls-cert-file: /etc/passwd\n"
                                + REST,
                        1,
                        "`client-tls-key-file`: the file /nonexistent/weir.key does not exist; expected a readable PEM file"),
                at(
                        "client-tls-protocols: sslv3\n" + REST,
                        1,
                        "`client-tls-protocols`: `sslv3` is not among the versions; expected one of tlsv1.2, tlsv1.3, secure (both)"),
                at(
                        "auth-type: cert\n" + REST,
                        1,
                        "`auth-type` is cert, and clients are asked for no certificate; expected `client-tls-ca-file`, and a `client-tls-sslmode` other than disable"),
                at(
                        "server-tls-sslmode: verify-ca\n" + REST,
                        1,
                        "`server-tls-sslmode` is verify-ca without a `server-tls-ca-file`, so that anybody's certificate would do; expected that file, or verify-full"),
                at(
                        "server-tls-sslnegotiation: direct\n" + REST,
                        1,
                        "`server-tls-sslnegotiation` is direct, and `server-tls-sslmode` is prefer; expected require or a stricter one"),
                at(
                        entry("host: x, server-tls-key-file: /etc/passwd"),
                        2,
                        "`server-tls-key-file` stands alone; expected `server-tls-cert-file` with it"),

                // Unix-domain sockets
                at(
                        "unix-socket-dir: /nonexistent\n" + REST,
                        1,
                        "`unix-socket-dir`: there is no folder /nonexistent; expected one that Weir may write to"),
                at(
                        "unix-socket-mode: rwx\n" + REST,
                        1,
                        "`unix-socket-mode`: `rwx` is no file mode; expected an octal file mode, such as 0770"),
                at(
                        "unix-socket-dir: /tmp\ntransport: io_uring\n" + REST,
                        2,
                        "`transport` is io_uring, which has no Unix-domain sockets, and the configuration names some; expected auto, epoll or nio"),

                // peers
                at(
                        REST + "peers: { 2: { host: 10.0.0.2 } }\n",
                        5,
                        "there are `peers` and this process has no `peer-id`; expected the number that it has among them"),
                at(
                        "peer-id: 1\n" + REST + "peers: { two: { host: 10.0.0.2 } }\n",
                        6,
                        "a peer is named `two`; expected its `peer-id`, a whole number from 1 to 16383"),
                at(
                        "peer-id: 1\n" + REST + "peers: { 2: { port: 6433 } }\n",
                        6,
                        "peer `2` has no `host`; expected the address where it alone is"));
    }
}

package dev.weir.config;

import org.junit.jupiter.params.provider.Arguments;

import java.util.stream.Stream;

/** Files with a mistake, its line, and the message. */
final class KnownMistakes {
    static final String REST =
            """
            databases:
              shop: { host: 127.0.0.1 }
            users:
              app: { password: secret-of-app }
            """;

    private KnownMistakes() {}

    static Stream<Arguments> all() {
        return Stream.of(
                // keys
                at(
                        "default-pol-size: 5\n" + REST,
                        1,
                        "unknown key `default-pol-size`; did you mean `default-pool-size`?"),
                at(
                        "listen_port: 5\n" + REST,
                        1,
                        "unknown key `listen_port`; did you mean `listen-port`?"),
                at(
                        "Listen-Port: 5\n" + REST,
                        1,
                        "unknown key `Listen-Port`; did you mean `listen-port`?"),
                at("usres: {}\n" + REST, 1, "unknown key `usres`; did you mean `users`?"),
                at(
                        "colour: red\n" + REST,
                        1,
                        "unknown key `colour`; expected one of those that `weir init -` lists"),
                at(entry("hots: x"), 2, "unknown key `hots`; did you mean `host`?"),
                at(
                        entry("listen-port: 5"),
                        2,
                        "`listen-port` does not belong to a database; expected it at the top level"),
                at(
                        "host: x\n" + REST,
                        1,
                        "`host` does not belong to the top level; expected it in a database"),
                at(
                        "password: hunter2\n" + REST,
                        1,
                        "`password` does not belong to the top level; expected it in a database or in a user"),
                at(
                        "listen-port: 1\nlisten-port: 2\n" + REST,
                        2,
                        "`listen-port` is named a second time; expected it only once (line 1)"),
                at(
                        REST + "  app: { password: hunter2 }\n",
                        5,
                        "`app` is named a second time; expected it only once (line 4)"),
                at(
                        "<<: { listen-port: 1 }\n" + REST,
                        1,
                        "unknown key `<<`; expected one of those that `weir init -` lists"),
                at("? [a, b]\n: 1\n" + REST, 1, "a key is a list; expected a name"),

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
                        "peer `2` has no `host`; expected the address where it alone is"),

                // node types
                at(
                        "listen-port: [1]\n" + REST,
                        1,
                        "`listen-port` is a list; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: { a: 1 }\n" + REST,
                        1,
                        "`listen-port` is a map; expected a whole number from 0 to 65535"),
                at(
                        "listen-port:\n" + REST,
                        1,
                        "`listen-port` has no value; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: !x 5\n" + REST,
                        1,
                        "`listen-port` is a value with a tag (!); expected a whole number from 0 to 65535"),
                at(
                        "databases: [shop]\nusers: { a: { password: b } }\n",
                        1,
                        "`databases` is a list; expected `key: value` lines, indented below it"),
                at(
                        "databases: { shop: here }\nusers: { a: { password: b } }\n",
                        1,
                        "`shop` is a single value; expected `key: value` lines, indented below it"),
                at(
                        "- a\n",
                        1,
                        "the configuration is a list; expected `key: value` lines, indented below it"),
                at(
                        "hunter2\n",
                        1,
                        "the configuration is a single value; expected `key: value` lines, indented below it"),

                // numbers
                at(
                        "listen-port: many\n" + REST,
                        1,
                        "`listen-port`: `many` is not a whole number; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: 70000\n" + REST,
                        1,
                        "`listen-port`: `70000` is too large; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: -1\n" + REST,
                        1,
                        "`listen-port`: `-1` is too small; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: 99999999999999999999999\n" + REST,
                        1,
                        "`listen-port`: `99999999999999999999999` is too large; expected a whole number from 0 to 65535"),
                at(
                        "default-pool-size: 0\n" + REST,
                        1,
                        "`default-pool-size`: `0` is too small; expected a whole number from 1 to 1000000"),
                at(
                        "listen-port: 5432s\n" + REST,
                        1,
                        "`listen-port`: `5432s` is not a whole number; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: ''\n" + REST,
                        1,
                        "`listen-port`: the value is not a whole number; expected a whole number from 0 to 65535"),

                // units
                at(
                        "server-lifetime: 30\n" + REST,
                        1,
                        "`server-lifetime`: `30` has no unit; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 30 minutes\n" + REST,
                        1,
                        "`server-lifetime`: `30 minutes` has a unit that is not known here; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 30MiB\n" + REST,
                        1,
                        "`server-lifetime`: `30MiB` has a unit that is not known here; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 1.5h\n" + REST,
                        1,
                        "`server-lifetime`: `1.5h` has a unit that is not known here; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: soon\n" + REST,
                        1,
                        "`server-lifetime`: `soon` is not a whole number with a unit; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 366d\n" + REST,
                        1,
                        "`server-lifetime`: `366d` is too large; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 9223372036854775807d\n" + REST,
                        1,
                        "`server-lifetime`: `9223372036854775807d` is too large; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-lifetime: 99999999999999999999d\n" + REST,
                        1,
                        "`server-lifetime`: `99999999999999999999d` is too large; expected a duration from 0 to 365d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "server-connect-timeout: 0\n" + REST,
                        1,
                        "`server-connect-timeout`: `0` is too small; expected a duration from 1ms to 1d, such as 30s (units: ms, s, m, h, d)"),
                at(
                        "max-message-size: 16777216\n" + REST,
                        1,
                        "`max-message-size`: `16777216` has no unit; expected a size from 1KiB to 1GiB, such as 64KiB (units: B, KiB, MiB, GiB)"),
                at(
                        "max-message-size: 16MB\n" + REST,
                        1,
                        "`max-message-size`: `16MB` has a unit that is not known here; expected a size from 1KiB to 1GiB, such as 64KiB (units: B, KiB, MiB, GiB)"),
                at(
                        "max-message-size: 2GiB\n" + REST,
                        1,
                        "`max-message-size`: `2GiB` is too large; expected a size from 1KiB to 1GiB, such as 64KiB (units: B, KiB, MiB, GiB)"),

                // choices and texts
                at(
                        "pool-mode: transactions\n" + REST,
                        1,
                        "`pool-mode`: `transactions` is not one of the choices; expected one of session, transaction, statement"),
                at(
                        "auth-type: scram\n" + REST,
                        1,
                        "`auth-type`: `scram` is not one of the choices; expected one of trust, password, md5, scram-sha-256, cert, hba"),
                at(
                        entry("host: 'a b'"),
                        2,
                        "`host`: `a b` contains characters that are not allowed here; expected an IP address, a host name, or the folder of a Unix-domain socket"),
                at(
                        entry("host: ''"),
                        2,
                        "`host`: the value is empty; expected an IP address, a host name, or the folder of a Unix-domain socket"),
                at(
                        entry("host: x, user: \"a\\nb\""),
                        2,
                        "`user`: the value contains characters that are not allowed here; expected the name of a role"),

                // variables
                at(
                        "listen-port: ${WEIR_UNSET}\n" + REST,
                        1,
                        "`listen-port`: `${WEIR_UNSET}` refers to the environment variable WEIR_UNSET, which is not set; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: ${PASS}\n" + REST,
                        1,
                        "`listen-port`: the value of ${PASS} is not a whole number; expected a whole number from 0 to 65535"),
                at(
                        "listen-port: ${\n" + REST,
                        1,
                        "`listen-port`: `${` has a ${ that no environment variable's name and } follow; expected ${NAME}, or $${ for the characters themselves; expected a whole number from 0 to 65535"),

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

                // promotion
                at(
                        entry("host: x, replicas: \"a, b\", router-user: u, promote: automatic"),
                        2,
                        "`promote` is automatic without a `switchover-user`; expected the superuser as whom replicas are promoted"),
                at(
                        entry(
                                "host: x, replicas: a, router-user: u, switchover-user: s, promote: automatic"),
                        2,
                        "`promote` is automatic with fewer than two `replicas`, where those that are left without the primary are not most of the nodes; expected two or more"),
                at(
                        entry("host: x, promote: autmatic"),
                        2,
                        "`promote`: `autmatic` is not one of the choices; expected one of never, automatic"),

                // sessions that only read
                at(
                        "read-only-port: 6434\n" + REST,
                        1,
                        "`read-only-port` stands where no database has `replicas`, which answer there; expected some"),
                at(
                        "read-only-port: 6432\n"
                                + "databases: { shop: { host: x, replicas: a, router-user: app } }\nusers: { app: { password: x } }\n",
                        1,
                        "`read-only-port` and `listen-port` are both 6432; expected two ports"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: x, read-only: true }\n",
                        4,
                        "user `app` is `read-only` where no database has `replicas`, which answer such a user; expected some"),
                at(
                        "databases:\n  shop: { host: x, replicas: a, router-user: app }\nusers:\n  app: { password: x, read-only: true, pool-mode: session }\n",
                        4,
                        "user `app` is `read-only` with `pool-mode: session`, in which a session keeps one server connection; expected transaction or statement"),

                // replicas that nobody lists
                at(
                        entry("host: x, replicas-from-dns: a"),
                        2,
                        "`replicas-from-dns` stands without `router-user`; expected the role that asks the servers how far they are"),
                at(
                        entry("host: x, replica-from-dns: a, router-user: u"),
                        2,
                        "unknown key `replica-from-dns`; did you mean `replicas-from-dns`?"),
                at(
                        entry("host: x, replicas-from-primary: client_addr"),
                        2,
                        "`replicas-from-primary` stands without `router-user`; expected the role that asks the servers how far they are"),
                at(
                        entry("host: x, replicas-from-primary: addr, router-user: u"),
                        2,
                        "`replicas-from-primary`: `addr` is not one of the choices; expected one of off, client_addr, application_name"),
                at(
                        entry(
                                "host: x, replicas-from-primary: client_addr, router-user: u, pool-mode: session"),
                        2,
                        "`replicas-from-primary` stands where `pool-mode` is session, in which a session keeps one server connection; expected transaction or statement"),
                at(
                        entry(
                                "host: x, replicas-from-primary: client_addr, router-user: u, switchover-user: s, promote: automatic"),
                        2,
                        "`promote` is automatic with fewer than two `replicas`, where those that are left without the primary are not most of the nodes; expected two or more"),

                // replicas
                at(
                        entry("host: x, replicas: 10.0.0.2"),
                        2,
                        "`replicas` stands without `router-user`; expected the role that asks the servers how far they are"),
                at(
                        entry("host: x, replicas: \"10.0.0.2:0\", router-user: u"),
                        2,
                        "`replicas`: the value has a port that is not from 1 to 65535; expected a list of servers with commas between them, such as 10.0.0.2:5432"),
                at(
                        entry("host: x, replicas: \"::1\", router-user: u"),
                        2,
                        "`replicas`: the value has an IPv6 address without its brackets; expected a list of servers with commas between them, such as 10.0.0.2:5432"),
                at(
                        entry("host: x, replicas: a, router-user: u, replica-lag-never: 3 parsecs"),
                        2,
                        "`replica-lag-never`: `3 parsecs` is neither a time nor an amount; expected one of off, a time such as 500ms, an amount of WAL such as 16MB, and both with a comma"),
                at(
                        entry(
                                "host: x, replicas: a, router-user: u, replica-lag-prefer: \"1s, 2s\""),
                        2,
                        "`replica-lag-prefer`: the value is neither a time nor an amount; expected one of off, a time such as 500ms, an amount of WAL such as 16MB, and both with a comma"),
                at(
                        entry("host: x, replicas: a, router-user: u, replica-lag-nver: 3s"),
                        2,
                        "unknown key `replica-lag-nver`; did you mean `replica-lag-never`?"),
                at(
                        entry("host: x, replicas: a wieght=5, router-user: u"),
                        2,
                        "`replicas`: the value says `wieght` of a server, where weight= was meant; expected a list of servers with commas between them, such as 10.0.0.2:5432"),
                at(
                        entry("host: x, replicas: a weight=0, router-user: u"),
                        2,
                        "`replicas`: the value has a weight that is not from 1 to 1000; expected a list of servers with commas between them, such as 10.0.0.2:5432"),
                at(
                        entry("host: x, replicas: \"a, b, a:5432 zone=x\", router-user: u"),
                        2,
                        "`replicas`: the value has a server twice; expected a list of servers with commas between them, such as 10.0.0.2:5432"),
                at(
                        entry("host: x, replicas: a, router-user: u, pool-mode: session"),
                        2,
                        "`replicas` stands where `pool-mode` is session, in which a session keeps one server connection; expected transaction or statement"),
                at(
                        "databases:\n  \"*\": { host: x, replicas: a, router-user: u }\nusers:\n  app: { password: x }\n",
                        2,
                        "`replicas` stands in the entry for all names; expected an entry of its own for each database with replicas"),

                // secrets in a file
                at(
                        entry("host: x, user: u, password-file: /no/such/file"),
                        2,
                        "`password-file`: the file /no/such/file does not exist; expected a readable file with the password in its first line"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app:\n    password-file: /\n",
                        5,
                        "`password-file`: the file / is a folder; expected a readable file with the password in its first line"),
                at(
                        REST + "  b:\n    password: x\n    server-password-file: /no/such/file\n",
                        7,
                        "`server-password-file`: the file /no/such/file does not exist; expected a readable file with the password in its first line"),

                // secrets of a wrong form stay unsaid
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: [hunter2] }\n",
                        4,
                        "`password` is a list; expected a password"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: '' }\n",
                        4,
                        "`password`: the value is empty; expected a password"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { pasword: hunter2, password: x }\n",
                        4,
                        "unknown key `pasword`; did you mean `password`?"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: {password:hunter2}\n",
                        4,
                        "there is no space after `password:`; expected `password: …`"),
                at(
                        "databases:\n  shop: { host: x }\nusers:\n  app: { password: one,hunter2 }\n",
                        4,
                        "something that is no key stands in the place of one; expected `key: value`, and quotes around a value with odd characters in it"),
                at(
                        "users:\n  password:hunter2: {}\n",
                        2,
                        "user `password…` has no `password`; expected one, as `auth-type` is scram-sha-256"),
                at(
                        entry("host: 'x, password hunter2'"),
                        2,
                        "`host`: the value contains characters that are not allowed here; expected an IP address, a host name, or the folder of a Unix-domain socket"),

                // YAML
                at(
                        "listen-port: 1\n\tlisten-backlog: 2\n",
                        2,
                        "a tab stands where YAML allows only spaces; indent with spaces"),
                at(
                        "users:\n  app: { password: *hunter2 }\n",
                        2,
                        "a value or name that begins with * must be in quotes; expected e.g. \"*\":"),
                at(
                        "databases:\n  *: { host: x }\n",
                        2,
                        "a value or name that begins with * must be in quotes; expected e.g. \"*\":"),
                at(
                        "users:\n  app: { password: @hunter2 }\n",
                        2,
                        "a value that begins with one of @ ` % must be in quotes"),
                at(
                        "users:\n  app: { password: &a!hunter2 }\n",
                        2,
                        "a value that begins with & must be in quotes"),
                at(
                        "users:\n  app: { password: !h!unter2 x }\n",
                        2,
                        "a value that begins with ! must be in quotes"),
                at(
                        "users:\n  app: { password: 'hunter2 }\n",
                        2,
                        "a quote is opened and not closed"),
                at(
                        "users:\n  app: { password: \"hunter2\\q\" }\n",
                        2,
                        "a backslash in \"…\" begins an escape that YAML does not know; use '…'"),
                at(
                        "users:\n  app: { password: hunter2\n",
                        2,
                        "a { or [ is opened and not closed, or a comma is missing; expected e.g. { host: 127.0.0.1, port: 5432 }"),
                at(
                        "users:\n  app:\n    password: hunter2: x\n",
                        3,
                        "\": \" stands inside of a value, or the line above is incomplete or indented differently; expected one `key: value` in a line, and quotes around a value with \": \" in it"),
                at(
                        "users:\n  app:\n   password: hunter2\n  hunter2\n",
                        4,
                        "this is no `key: value`; expected a colon and a space after the key"),
                at(
                        "users:\n    app: {}\n  b: {}\n",
                        3,
                        "this line is not indented like its neighbours; expected the same number of spaces before each key of a place"),
                at(REST + "---\na: b\n", 5, "a second document begins here; expected only one"),
                at(
                        "a: b\nc: \"\u0001\"\n",
                        2,
                        "holds a character (U+0001) that YAML does not allow; expected printable text"),
                at(
                        "a: " + "[".repeat(50) + "]".repeat(50) + "\n",
                        0,
                        "is longer or deeper than a configuration may be; expected at most 4194304 characters and 20 levels"),
                at("", 0, "there is nothing in it; expected `databases:` at least"),
                at(
                        "# only a comment\n",
                        0,
                        "there is nothing in it; expected `databases:` at least"));
    }

    private static Arguments at(String text, int line, String message) {
        return Arguments.of(text, line, message);
    }

    /** A file with one database whose first key is at line 2. */
    static String entry(String keys) {
        return "databases:\n  shop: { %s }\nusers:\n  app: { password: secret-of-app }\n"
                .formatted(keys);
    }
}

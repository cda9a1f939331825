package dev.weir.config;

import static dev.weir.config.KnownMistakes.REST;
import static dev.weir.config.KnownMistakes.at;
import static dev.weir.config.KnownMistakes.entry;

import org.junit.jupiter.params.provider.Arguments;

import java.util.stream.Stream;

/** Mistakes about replicas, and about what only these do. */
final class ReplicaMistakes {
    private ReplicaMistakes() {}

    static Stream<Arguments> all() {
        return Stream.of(
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
                        "`replicas` stands in the entry for all names; expected an entry of its own for each database with replicas"));
    }
}

package dev.weir.deploy.bench;

import dev.weir.deploy.local.LocalAuthority;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Arenas without servers, for what only calculates. */
final class Arenas {
    private Arenas() {}

    static Arena of(int seconds, Contender... preparing) {
        Endpoint postgres = new Endpoint("127.0.0.1", 1, "bench", "bench", "secret");
        return new Arena(
                Path.of("pgbench"),
                Path.of("."),
                postgres,
                seconds,
                1,
                Map.of(),
                new ProxyLauncher.Setup(
                        postgres,
                        Login.TRUST,
                        "SCRAM-SHA-256$4096:a$b:c",
                        1100,
                        new LocalAuthority.Issued(Path.of("key"), Path.of("crt"))),
                Set.of(preparing),
                new HashMap<>());
    }
}

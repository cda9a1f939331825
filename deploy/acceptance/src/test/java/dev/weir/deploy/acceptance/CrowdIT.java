package dev.weir.deploy.acceptance;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.weir.app.Weir;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.config.PoolConfig;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;

/**
 * Hundreds of clients over few server connections, at random: no client ever receives another's
 * row, no reply is lost or doubled, what was committed is there once and nothing else is, and the
 * pool is whole at the end.
 *
 * <p>{@code -Dweir.seed} repeats a run as far as threads allow, {@code -Dweir.crowd.seconds}
 * lengthens each, and {@code -Dweir.crowd.clients} sets how many play.
 */
class CrowdIT {
    private static final int POOL = 4;
    private static final int CLIENTS = Integer.getInteger("weir.crowd.clients", 200);
    private static final Duration TIME =
            Duration.ofSeconds(Integer.getInteger("weir.crowd.seconds", 5));

    private static LocalPostgres postgres;

    @BeforeAll
    static void open() {
        postgres = CrowdRun.postgres();
    }

    @AfterAll
    static void close() {
        postgres.close();
    }

    private static Proxy proxy() {
        // Fewer statements than the crowd has texts, so that they push each other out.
        return Proxy.inFrontOf(postgres.port())
                .poolSize(POOL)
                .eventLoops(2)
                .maxPreparedStatements(8)
                .queryWaitTimeout(Duration.ofSeconds(25));
    }

    private static CrowdRun run(Weir weir) {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("seed " + seed + " (set it by -Dweir.seed)");
        return new CrowdRun(postgres, weir, POOL, seed);
    }

    private static Weir start(Proxy proxy, Transport transport) throws IOException {
        try {
            return proxy.transport(transport).start();
        } catch (IllegalStateException e) {
            System.out.println("skipped: " + e.getMessage());
            return abort(e.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void nobodyReceivesWhatIsAnothers(Transport transport) throws Exception {
        try (Weir weir = start(proxy(), transport)) {
            run(weir).play(CLIENTS, TIME);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void serverConnectionsThatAreKilledCostNobodyElseAnything(Transport transport)
            throws Exception {
        try (Weir weir = start(proxy().loginRetry(Duration.ofMillis(1)), transport)) {
            run(weir).killing().play(CLIENTS / 4, TIME.dividedBy(2));
        }
    }

    @Test
    void sessionModeKeepsThemApartToo() throws Exception {
        try (Weir weir = proxy().mode(PoolConfig.Mode.SESSION).start()) {
            run(weir).play(CLIENTS / 4, TIME.dividedBy(2));
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.weir.app.Weir;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;

/** One server connection and clients on different event loops, which take it over in turn. */
class LoopMoveIT {
    private static final int TURNS = 1_500;

    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void aServerConnectionSurvivesManyMovesBetweenLoops(Transport transport) throws IOException {
        try (Weir weir = start(transport);
                WireClient one = WireClient.login(weir.port(), "app", "postgres");
                WireClient two = WireClient.login(weir.port(), "app", "postgres");
                WireClient three = WireClient.login(weir.port(), "app", "postgres")) {
            String server = one.one("SELECT pg_backend_pid()");
            WireClient[] clients = {one, two, three};
            for (int turn = 0; turn < TURNS; turn++) {
                assertThat(clients[turn % 3].one("SELECT pg_backend_pid()"))
                        .as("turn %d", turn)
                        .isEqualTo(server);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void aServerConnectionMovesWhileItIsAskedForAndReset(Transport transport) throws IOException {
        try (Weir weir = start(transport);
                WireClient one = WireClient.login(weir.port(), "app", "postgres");
                WireClient two = WireClient.login(weir.port(), "app", "postgres")) {
            for (int turn = 0; turn < TURNS / 3; turn++) {
                // The second waits in the queue; the first leaves state behind that is discarded.
                one.query("BEGIN; SET LOCAL TimeZone = 'Asia/Tokyo'");
                assertThat(one.readAnswer()).contains("ReadyForQuery(T)");
                two.query("SHOW TimeZone");
                one.query("COMMIT");
                assertThat(one.readAnswer()).contains("ReadyForQuery(I)");
                assertThat(two.readAnswer()).contains("ReadyForQuery(I)").doesNotContain("Tokyo");
            }
        }
    }

    private static Weir start(Transport transport) throws IOException {
        try {
            return Proxy.inFrontOf(postgres.port())
                    .poolSize(1)
                    .eventLoops(2)
                    .transport(transport)
                    .start();
        } catch (IllegalStateException e) {
            return abort(e.getMessage());
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Connections end when they are closed. */
class GoodbyeIT {
    /** A fault of Netty's io_uring that Weir works around met one of 800. */
    private static final int MANY = 2_000;

    private static final int SOME = 100;

    private static final int CROWD = 3;

    /** In rows of 1 kB; less than what Weir keeps of an answer. */
    private static final int STEP = 20;

    private static LocalPostgres postgres;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void whoSaysTerminateBehindAPipelineSeesTheEndOfTheConnection(Transport transport)
            throws Exception {
        try (Weir weir = start(transport);
                ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Void>> clients =
                    Collections.nCopies(
                            CROWD,
                            () ->
                                    comeAndGo(
                                            weir.port(),
                                            transport == Transport.IO_URING ? MANY : SOME));
            List<Future<Void>> ends = new ArrayList<>(crowd.invokeAll(clients));
            for (Future<Void> end : ends) {
                end.get();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void whoSaysTerminateBehindALongAnswerReadsAllOfItHoweverLate(Transport transport)
            throws Exception {
        try (Weir weir = start(transport)) {
            // Up to an answer that PostgreSQL cannot end before somebody reads.
            int rows = STEP;
            while (readAfterTheEnd(weir.port(), rows)) {
                rows += STEP;
            }
            assertThat(rows).isGreaterThan(3 * STEP);
        }
    }

    /** Whether PostgreSQL was through with an answer of so many rows before the first was read. */
    private static boolean readAfterTheEnd(int port, int rows) throws Exception {
        try (WireClient late = WireClient.login(port, "app", "postgres");
                WireClient next = WireClient.login(port, "app", "postgres")) {
            late.send(
                    Frontend.query(
                            "SELECT repeat('x', 1000) FROM generate_series(1, %d)".formatted(rows)),
                    Frontend.terminate());
            // There is one server connection.
            next.send(Frontend.query("SELECT 1"));
            long patience = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            while (next.raw().available() == 0 && System.nanoTime() < patience) {
                Thread.sleep(1);
            }
            boolean ended = next.raw().available() > 0;
            int read = 0;
            for (Backend message = late.next(); !message.isEnd(); message = late.next()) {
                read += message.type() == 'D' ? 1 : 0;
            }
            assertThat(read).isEqualTo(rows);
            return ended;
        }
    }

    private static Weir start(Transport transport) throws IOException {
        try {
            return Proxy.inFrontOf(postgres.port()).poolSize(1).transport(transport).start();
        } catch (IllegalStateException e) {
            return Assumptions.abort(e.getMessage());
        }
    }

    private static Void comeAndGo(int port, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (WireClient client = WireClient.login(port, "app", "postgres")) {
                client.send(
                        Frontend.query("BEGIN"),
                        Frontend.sync(),
                        Frontend.query("SELECT 1/0"),
                        Frontend.query("ROLLBACK"));
                for (int ready = 0; ready < 4; ready++) {
                    client.readUntil('Z');
                }
                client.send(Frontend.sync(), Frontend.query("ROLLBACK"));
                if (i % 2 == 0) {
                    client.readUntil('Z');
                    client.readUntil('Z');
                    client.send(Frontend.terminate());
                } else {
                    client.send(Frontend.terminate());
                    client.readUntil('Z');
                    client.readUntil('Z');
                }
                client.expectClosed();
            }
        }
        return null;
    }
}

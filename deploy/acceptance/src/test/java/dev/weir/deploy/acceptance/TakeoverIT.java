package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.admin.Shutdown;
import dev.weir.app.Weir;
import dev.weir.config.ListenConfig;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;
import dev.weir.net.ListenException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One Weir takes the port over from another. */
class TakeoverIT {
    private static final int CLIENTS = 6;
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

    private static Proxy proxy(ListenConfig.Transport transport, int port) {
        return Proxy.inFrontOf(postgres.port()).transport(transport).sharedPort(port);
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "EPOLL"})
    void noQueryFailsWhileOneProcessTakesOverFromAnother(ListenConfig.Transport transport)
            throws Exception {
        AtomicInteger done = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        try (Weir first = proxy(transport, 0).start();
                WireClient stays = WireClient.login(first.port(), "app", "postgres");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(
                            threads.submit(() -> {
                                while (!over.get()) {
                                    try (WireClient client =
                                            WireClient.login(first.port(), "app", "postgres")) {
                                        assertThat(client.one("SELECT 1")).isEqualTo("1");
                                        client.terminate();
                                    }
                                    done.incrementAndGet();
                                }
                                return null;
                            }));
                }
                await().until(() -> done.get() > CLIENTS);

                try (Weir second = proxy(transport, first.port()).start()) {
                    first.operations().shutdown(Shutdown.WAIT_FOR_CLIENTS);
                    await("only the client that stays is left").until(() -> first.clients() == 1);
                    assertThat(stays.one("SELECT 'still there'")).isEqualTo("still there");
                    stays.terminate();
                    first.awaitClosed();

                    int before = done.get();
                    await().until(() -> done.get() > before + 2 * CLIENTS);
                    assertThat(second.clients()).isLessThanOrEqualTo(CLIENTS);
                    over.set(true);
                    for (Future<?> client : clients) {
                        client.get();
                    }
                }
            } finally {
                over.set(true);
            }
        }
    }

    @Test
    void withoutTheKeyThePortIsOneProcesssOwn() throws Exception {
        try (Weir first = Proxy.inFrontOf(postgres.port()).start()) {
            assertThatThrownBy(() -> proxy(ListenConfig.Transport.AUTO, first.port()).start())
                    .isInstanceOf(ListenException.class)
                    .hasMessageContaining("listen-port");
        }
    }
}

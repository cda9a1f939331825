package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.weir.app.Weir;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What crowds have brought to light, each as a scene of its own. */
class CrowdPipelineIT {
    private static final Map<String, String> LOGIN =
            Map.of("user", CrowdRun.USER, "database", CrowdRun.DATABASE);

    private static LocalPostgres postgres;

    @BeforeAll
    static void open() {
        postgres = CrowdRun.postgres();
    }

    @AfterAll
    static void close() {
        postgres.close();
    }

    /** Sends all at once and reads as many ReadyForQuery as it must give. */
    private static List<String> say(CrowdWire wire, CrowdFrames frames, int readies)
            throws IOException {
        wire.send(frames.bytes());
        List<String> said = new ArrayList<>();
        for (int left = readies; left > 0; ) {
            CrowdMessage message = CrowdExchange.next(wire);
            said.add(message.said());
            if (message.type() == 'Z') {
                left--;
            }
        }
        return said;
    }

    private static CrowdFrames frames() {
        return new CrowdFrames();
    }

    @ParameterizedTest
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void aClientThatGoesInTheMiddleOfAMessageIsNoticed(Transport transport) throws Exception {
        try (Weir small = start(transport)) {
            for (int i = 0; i < 200; i++) {
                CrowdWire client = CrowdWire.login(small.port(), LOGIN);
                byte[] query = frames().query("SELECT '" + "x".repeat(i) + "'").bytes();
                client.send(java.util.Arrays.copyOf(query, query.length - 1));
                if (i % 2 == 0) {
                    client.vanish();
                } else {
                    client.reset();
                }
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> small.clients() == 0);
            try (CrowdWire client = CrowdWire.login(small.port(), LOGIN)) {
                assertThat(say(client, frames().query("SELECT 1"), 1))
                        .containsExactly("T", "D[1]", "CSELECT 1", "ZI");
            }
        }
    }

    private static Weir start(Transport transport) throws IOException {
        try {
            return Proxy.inFrontOf(postgres.port()).poolSize(1).transport(transport).start();
        } catch (IllegalStateException e) {
            System.out.println("skipped: " + e.getMessage());
            return abort(e.getMessage());
        }
    }
}

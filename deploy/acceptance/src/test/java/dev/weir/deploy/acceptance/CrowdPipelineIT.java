package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.weir.app.Weir;
import dev.weir.config.ListenConfig.Transport;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What crowds have brought to light, each as a scene of its own, beside PostgreSQL alone. */
class CrowdPipelineIT {
    private static final Map<String, String> LOGIN =
            Map.of("user", CrowdRun.USER, "database", CrowdRun.DATABASE);
    private static final String TEXT = "SELECT 'text' AS t";
    private static final String BAD = "SELECT * FROM nowhere";

    private static LocalPostgres postgres;
    private static Weir weir;

    @BeforeAll
    static void open() throws Exception {
        postgres = CrowdRun.postgres();
        weir = Proxy.inFrontOf(postgres.port()).poolSize(2).start();
    }

    @AfterAll
    static void close() {
        weir.close();
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

    /**
     * What is said to two sets of frames, by PostgreSQL alone and through Weir, where the second
     * meets another server connection than the first.
     */
    private static void sameWithAndWithoutWeir(CrowdFrames first, CrowdFrames then, int readies)
            throws IOException {
        List<String> alone = new ArrayList<>();
        try (CrowdWire direct = CrowdWire.login(postgres.port(), LOGIN)) {
            alone.addAll(say(direct, first, 1));
            alone.addAll(say(direct, then, readies));
        }
        for (boolean elsewhere : new boolean[] {false, true}) {
            List<String> through = new ArrayList<>();
            try (CrowdWire client = CrowdWire.login(weir.port(), LOGIN);
                    CrowdWire one = CrowdWire.login(weir.port(), LOGIN);
                    CrowdWire other = CrowdWire.login(weir.port(), LOGIN)) {
                say(one, frames().query("BEGIN"), 1);
                through.addAll(say(client, first, 1));
                if (elsewhere) {
                    say(other, frames().query("BEGIN"), 1);
                    say(one, frames().query("ROLLBACK"), 1);
                }
                through.addAll(say(client, then, readies));
            }
            assertThat(through)
                    .as("on %s server connection", elsewhere ? "another" : "the same")
                    .isEqualTo(alone);
        }
    }

    @Test
    void aStatementWhoseCloseIsSkippedCanBeUsedInTheBatchBehind() throws Exception {
        sameWithAndWithoutWeir(
                frames().parse("s", TEXT).sync(),
                frames().parse("", BAD)
                        .closeStatement("s")
                        .sync()
                        .bind("", "s")
                        .execute("", 0)
                        .sync(),
                2);
    }

    @Test
    void aStatementCanBeUsedInTheBatchBehindOneThatFailedBeforeItsUse() throws Exception {
        sameWithAndWithoutWeir(
                frames().parse("s", TEXT).sync(),
                frames().parse("", BAD)
                        .bind("", "s")
                        .describeStatement("s")
                        .sync()
                        .bind("", "s")
                        .execute("", 0)
                        .sync()
                        .describeStatement("s")
                        .sync(),
                3);
    }

    @Test
    void aStatementWhoseParseIsSkippedIsUnknownInTheBatchBehindAndCanBeParsedThen()
            throws Exception {
        sameWithAndWithoutWeir(
                frames().parse("known", TEXT).sync(),
                frames().parse("", BAD)
                        .parse("s", TEXT)
                        .sync()
                        .bind("", "s")
                        .execute("", 0)
                        .sync()
                        .parse("s", TEXT)
                        .bind("", "s")
                        .execute("", 0)
                        .sync()
                        .parse("s", TEXT)
                        .sync(),
                4);
    }

    @Test
    void anUnnamedStatementOutlivesAFailureInFrontOfIt() throws Exception {
        sameWithAndWithoutWeir(
                frames().parse("", TEXT).sync(),
                frames().parse("", BAD)
                        .sync()
                        .parse("", TEXT)
                        .bind("", "")
                        .execute("", 0)
                        .sync()
                        .bind("", "")
                        .execute("", 0)
                        .sync()
                        .query("SELECT 1")
                        .bind("", "")
                        .sync(),
                5);
    }

    @Test
    void anUnnamedStatementIsKeptWhenTheParseOfAnotherIsSkipped() throws Exception {
        sameWithAndWithoutWeir(
                frames().parse("", TEXT).sync(),
                frames().bind("", "unknown")
                        .parse("", "SELECT 'never'")
                        .sync()
                        .bind("", "")
                        .execute("", 0)
                        .sync()
                        .bind("", "unknown")
                        .closeStatement("")
                        .sync()
                        .bind("", "")
                        .execute("", 0)
                        .sync(),
                4);
    }

    @Test
    void aParseBehindAFailureInATransactionFailsAlthoughTheTextIsKnown() throws Exception {
        sameWithAndWithoutWeir(
                frames().parse("known", TEXT).sync(),
                frames().query("BEGIN")
                        .query("SELECT 1 / 0")
                        .parse("s", TEXT)
                        .sync()
                        .query("ROLLBACK")
                        .parse("s", TEXT)
                        .bind("", "s")
                        .execute("", 0)
                        .sync(),
                5);
    }

    /**
     * More messages than Weir keeps in mind, and the Sync that PostgreSQL waits for is the last.
     */
    @Test
    void aPipelineOfManyMessagesComesToItsEnd() throws Exception {
        try (CrowdWire client = CrowdWire.login(weir.port(), LOGIN)) {
            for (int statements : new int[] {8_190, 8_195, 9_000, 20_000}) {
                CrowdFrames frames = frames().parse("", "SELECT WHERE false");
                for (int i = 0; i < statements; i++) {
                    frames.bind("", "").execute("", 0);
                }
                List<String> said = say(client, frames.sync(), 1);
                assertThat(said).hasSize(2 * statements + 2);
                assertThat(said.subList(1, said.size() - 1)).containsOnly("2", "CSELECT 0");
            }
        }
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

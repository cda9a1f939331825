package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Clients that have logged in and then do not keep to the protocol, before one server connection
 * that all share.
 */
class FramingIT {
    private static final String MESSAGES = "BCDEFHPQSXcdf";
    private static final int LARGEST = 64 * 1024;

    private static LocalPostgres postgres;

    private Weir weir;
    private Bystander bystander;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "app");
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void startWeir() throws IOException {
        weir = Proxy.inFrontOf(postgres.port()).poolSize(1).maxMessageSize(LARGEST).start();
        bystander = new Bystander(weir, "app", "postgres");
    }

    @AfterEach
    void othersWereServed() throws IOException {
        bystander.assertServed();
        bystander.close();
        weir.close();
    }

    private WireClient login() throws IOException {
        return WireClient.login(weir.port(), "app", "postgres");
    }

    private static byte[] header(int type, int length) {
        return ByteBuffer.allocate(5).put((byte) type).putInt(length).array();
    }

    @Test
    void aTypeThatNoClientMessageHasIsRefused() throws IOException {
        for (int type = 0; type < 256; type++) {
            if (MESSAGES.indexOf(type) < 0) {
                try (WireClient client = login()) {
                    client.send(header(type, 4));
                    assertThat(client.expectFatal("08P01").field('M'))
                            .contains("invalid frontend message type " + type);
                }
            }
        }
    }

    @Test
    void messagesThatOnlyAServerSendsAreRefused() throws IOException {
        for (char type : "RKZTtn12I3sAGWNvV".toCharArray()) {
            try (WireClient client = login()) {
                client.send(Frontend.message(type, new byte[] {0, 0, 0, 0}));
                client.expectFatal("08P01");
            }
        }
    }

    @Test
    void aPasswordThatNobodyAskedForIsRefused() throws IOException {
        try (WireClient client = login()) {
            client.send(Frontend.password("secret"));
            Backend refusal = client.expectFatal("08P01");
            assertThat(refusal.field('M')).doesNotContain("secret");
        }
    }

    @Test
    void aLengthThatNoMessageHasIsRefused() throws IOException {
        for (char type : MESSAGES.toCharArray()) {
            for (int length : new int[] {Integer.MIN_VALUE, -1, 0, 3, Integer.MAX_VALUE}) {
                try (WireClient client = login()) {
                    client.send(header(type, length));
                    client.expectFatal("08P01");
                }
            }
        }
    }

    @Test
    void aLengthAboveTheLimitIsRefusedBeforeTheContentsArrive() throws IOException {
        for (char type : "QPBdF".toCharArray()) {
            try (WireClient client = login()) {
                client.send(header(type, LARGEST + 1));
                client.expectFatal("08P01");
            }
        }
        // As PostgreSQL has it, these are never long.
        for (char type : "SHXECDcf".toCharArray()) {
            try (WireClient client = login()) {
                client.send(header(type, 10_001));
                client.expectFatal("08P01");
            }
        }
    }

    @Test
    void aMessageOfTheLargestSizeIsCarriedOut() throws IOException {
        String text = "x".repeat(LARGEST - 4 - "SELECT ''".length() - 1);
        try (WireClient client = login()) {
            assertThat(client.one("SELECT '" + text + "'"))
                    .contains("%d bytes".formatted(text.length()));
        }
    }

    @Test
    void randomBytesEndOnlyTheSessionThatSentThem() throws IOException {
        long seed = System.nanoTime();
        System.out.println("randomBytesEndOnlyTheSessionThatSentThem: seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 150; i++) {
            byte[] noise = new byte[1 + random.nextInt(400)];
            random.nextBytes(noise);
            if (i % 2 == 0) {
                // A message that looks well from outside.
                noise[0] = (byte) MESSAGES.charAt(random.nextInt(MESSAGES.length()));
                if (noise.length >= 5) {
                    ByteBuffer.wrap(noise).putInt(1, noise.length - 1);
                }
            }
            try (WireClient client = login()) {
                client.send(noise);
                client.shutdownOutput();
                for (Backend message = client.next(); !message.isEnd(); message = client.next()) {
                    assertThat("ENIZ12345nC3".indexOf(message.type()))
                            .as("%s", message)
                            .isNotNegative();
                }
            }
            if (i % 10 == 0) {
                bystander.assertServed();
            }
        }
    }

    @Test
    void aSessionMayVanishInTheMidstOfAnyMessage() throws IOException {
        byte[] messages =
                Frontend.together(
                        Frontend.parse("s", "SELECT $1::text"),
                        Frontend.bind("", "s", "value"),
                        Frontend.describe('P', ""),
                        Frontend.execute(""),
                        Frontend.sync(),
                        Frontend.query("SELECT 1"));
        for (int sent = 1; sent < messages.length; sent++) {
            try (WireClient client = login()) {
                client.send(java.util.Arrays.copyOf(messages, sent));
            }
            if (sent % 10 == 0) {
                bystander.assertServed();
            }
        }
    }

    @Test
    void aSessionMayVanishInATransactionOrInTheMidstOfCopy() throws IOException {
        postgres.execute("CREATE TABLE IF NOT EXISTS sink (n int); GRANT ALL ON sink TO app");
        for (byte[] last :
                new byte[][] {
                    Frontend.query("INSERT INTO sink VALUES (1)"),
                    Frontend.query("SELECT 1/0"),
                    Frontend.query("COPY sink FROM STDIN"),
                    Frontend.together(
                            Frontend.query("COPY sink FROM STDIN"), Frontend.copyData("1\n2\n3")),
                    Frontend.together(
                            Frontend.parse("", "COPY sink FROM STDIN"),
                            Frontend.bind("", ""),
                            Frontend.execute(""),
                            Frontend.sync()),
                    Frontend.together(Frontend.parse("", "SELECT 1"), Frontend.bind("", "")),
                    Frontend.query("COPY (SELECT generate_series(1, 200000)) TO STDOUT"),
                    Frontend.query("SELECT generate_series(1, 200000)"),
                    Frontend.query("SELECT pg_sleep(3600)")
                }) {
            try (WireClient client = login()) {
                client.query("BEGIN");
                assertThat(client.readAnswer()).contains("ReadyForQuery(T)");
                client.send(Frontend.query("INSERT INTO sink VALUES (0)"), last);
                assertThat(client.readAnswer()).contains("ReadyForQuery(T)");
            }
            bystander.assertServed();
            try (WireClient client = login()) {
                assertThat(client.one("SELECT count(*) FROM sink")).isEqualTo("0");
            }
        }
    }

    @Test
    void aCopyMayFailWhileItsNextMessageIsOnItsWayInPieces() throws IOException {
        postgres.execute("CREATE TABLE IF NOT EXISTS sink (n int); GRANT ALL ON sink TO app");
        byte[] late = Frontend.copyData("2345\n");
        for (int sent = 1; sent < late.length; sent++) {
            try (WireClient client = login()) {
                client.send(
                        Frontend.parse("", "COPY sink FROM STDIN"),
                        Frontend.bind("", ""),
                        Frontend.execute(""),
                        Frontend.flush());
                client.readUntil('G');
                client.send(
                        Frontend.copyData("x\n"),
                        Frontend.sync(),
                        java.util.Arrays.copyOf(late, sent));
                client.expectError("ERROR", "22P02");
                client.send(
                        java.util.Arrays.copyOfRange(late, sent, late.length),
                        Frontend.copyDone(),
                        Frontend.sync());
                client.readUntil('Z');
                client.readUntil('Z');
                assertThat(client.one("SELECT count(*) FROM sink")).isEqualTo("0");
            }
        }
    }

    @Test
    void whatCameBeforeTheOffenceIsCarriedOut() throws IOException {
        postgres.execute("CREATE TABLE IF NOT EXISTS sink (n int); GRANT ALL ON sink TO app");
        try (WireClient client = login()) {
            client.query("INSERT INTO sink VALUES (7)");
            assertThat(client.readAnswer()).contains("CommandComplete(INSERT 0 1)");
            client.send(Frontend.query("BEGIN"));
            client.readAnswer();
            client.send(Frontend.query("DELETE FROM sink"), header('?', 4));
            client.readUntil('\0');
        }
        try (WireClient client = login()) {
            // The transaction of the offender was not finished, so it is undone.
            assertThat(client.one("SELECT count(*) FROM sink")).isEqualTo("1");
            client.query("DELETE FROM sink");
            client.readAnswer();
        }
    }
}

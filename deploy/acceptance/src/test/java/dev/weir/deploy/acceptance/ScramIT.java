package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.LoginConversation.assertServes;
import static dev.weir.deploy.acceptance.LoginConversation.begin;
import static dev.weir.deploy.acceptance.LoginConversation.code;
import static dev.weir.deploy.acceptance.LoginConversation.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.app.Weir;
import dev.weir.config.LoginConfig.AuthType;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.ScramDialogue;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Clients that get SCRAM wrong, in all its parts; none of them disturbs another. */
class ScramIT {
    private static final String SECRET = "correct horse battery staple";

    private static LocalPostgres postgres;

    private Weir weir;

    @BeforeAll
    static void startPostgres() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", SECRET);
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void startWeir() throws Exception {
        weir =
                Proxy.inFrontOf(postgres.port())
                        .authType(AuthType.SCRAM_SHA_256)
                        .user("app", SECRET)
                        .serverUser("app", null)
                        .start();
    }

    @AfterEach
    void othersAreServed() throws Exception {
        assertServes(weir, SECRET);
        weir.close();
    }

    private static byte[] initial(String message) {
        return Frontend.saslInitial(ScramDialogue.MECHANISM, message);
    }

    private static byte[] initial(String mechanism, int length, String message) {
        return Frontend.password(
                Frontend.together(
                        (mechanism + "\0").getBytes(UTF_8),
                        ByteBuffer.allocate(4).putInt(length).array(),
                        message.getBytes(UTF_8)));
    }

    private static Stream<byte[]> malformedFirstMessages() {
        String good = "n,,n=,r=" + ScramDialogue.NONCE;
        return Stream.of(
                Frontend.password(new byte[0]),
                Frontend.password("SCRAM-SHA-256".getBytes(UTF_8)),
                Frontend.password("SCRAM-SHA-256\0".getBytes(UTF_8)),
                Frontend.password("SCRAM-SHA-256\0\0\0".getBytes(UTF_8)),
                Frontend.saslInitial("", good),
                Frontend.saslInitial("SCRAM-SHA-1", good),
                Frontend.saslInitial("SCRAM-SHA-256-PLUS", good),
                Frontend.saslInitial("scram-sha-256", good),
                initial(ScramDialogue.MECHANISM, -1, good),
                initial(ScramDialogue.MECHANISM, -1, ""),
                initial(ScramDialogue.MECHANISM, good.length() + 1, good),
                initial(ScramDialogue.MECHANISM, good.length() - 1, good),
                initial(ScramDialogue.MECHANISM, Integer.MAX_VALUE, good),
                initial(ScramDialogue.MECHANISM, Integer.MIN_VALUE, good),
                initial(""),
                initial("n"),
                initial("n,"),
                initial("n,,"),
                initial("x,,n=,r=" + ScramDialogue.NONCE),
                initial("p=tls-server-end-point,,n=,r=" + ScramDialogue.NONCE),
                initial("p=,,n=,r=" + ScramDialogue.NONCE),
                initial("n,a=postgres,n=,r=" + ScramDialogue.NONCE),
                initial("n,,r=" + ScramDialogue.NONCE),
                initial("n,,n="),
                initial("n,,n=,r="),
                initial("n,,n=,x=" + ScramDialogue.NONCE),
                initial("n,,m=ext,n=,r=" + ScramDialogue.NONCE),
                initial("n,,n=,r=with blank"),
                initial("n,,n=,r=tab\there"),
                initial("n,,n=,r=ümlaut"),
                initial("n,,n=,r=\0"),
                initial("n,,n=,r=" + "n".repeat(300)),
                initial("n,,n=,r=" + "n".repeat(9_000)),
                initial("n,,n=" + "u".repeat(5_000) + ",r=" + ScramDialogue.NONCE),
                Frontend.password(
                        HexFormat.of()
                                .parseHex("534352414d2d5348412d3235360000000008fffefdfcfbfaf9f8")));
    }

    @Test
    void aMalformedFirstScramMessageIsRefused() throws Exception {
        for (byte[] message : malformedFirstMessages().toList()) {
            try (WireClient client = begin(weir, "app")) {
                client.next();
                client.send(message);
                assertThat(client.next().toString())
                        .as("%s", new String(message, US_ASCII))
                        .startsWith("ErrorResponse(FATAL 08P01");
                client.expectClosed();
            }
        }
    }

    /** What a client may say last instead of the right words, each with what it is told. */
    private static Map<String, String> malformedLastMessages(ScramDialogue dialogue) {
        String proof = Base64.getEncoder().encodeToString(dialogue.proof(SECRET));
        String binding = "c=" + dialogue.binding();
        String nonce = "r=" + dialogue.attribute('r');
        Map<String, String> messages = new LinkedHashMap<>();
        messages.put("", "08P01");
        messages.put(binding, "08P01");
        messages.put(binding + "," + nonce, "08P01");
        messages.put(nonce + "," + binding + ",p=" + proof, "08P01");
        messages.put("c=eSws," + nonce + ",p=" + proof, "08P01");
        messages.put("c=cD10bHMtc2VydmVyLWVuZC1wb2ludCws," + nonce + ",p=" + proof, "08P01");
        messages.put("c=%%%," + nonce + ",p=" + proof, "08P01");
        messages.put("c=," + nonce + ",p=" + proof, "08P01");
        messages.put(binding + ",r=" + ScramDialogue.NONCE + ",p=" + proof, "08P01");
        messages.put(binding + ",r=,p=" + proof, "08P01");
        messages.put(binding + "," + nonce + "x,p=" + proof, "08P01");
        messages.put(binding + "," + nonce + ",p=", "08P01");
        messages.put(binding + "," + nonce + ",p=%%%", "08P01");
        messages.put(binding + "," + nonce + ",p=" + proof.substring(4), "08P01");
        messages.put(binding + "," + nonce + ",p=" + proof + proof, "08P01");
        messages.put(binding + "," + nonce + ",p=" + "A".repeat(43) + "=", "28P01");
        messages.put(binding + "," + nonce + ",x=ext,p=" + proof, "28P01");
        messages.put(
                binding + "," + nonce + "," + "x=" + "y".repeat(3_000) + ",p=" + proof, "08P01");
        return messages;
    }

    @Test
    void aMalformedLastScramMessageIsRefused() throws Exception {
        int count = Integer.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            try (WireClient client = begin(weir, "app")) {
                client.next();
                client.send(initial("n,,n=,r=" + ScramDialogue.NONCE));
                Map<String, String> messages =
                        malformedLastMessages(dialogue("n,,", client.next()));
                count = messages.size();
                String message = List.copyOf(messages.keySet()).get(i);
                client.send(Frontend.password(message.getBytes(UTF_8)));
                assertThat(client.next().toString())
                        .as(message)
                        .startsWith("ErrorResponse(FATAL " + messages.get(message));
                client.expectClosed();
            }
        }
        assertThat(count).isGreaterThan(10);
    }

    @Test
    void aClientThatCouldBindTheChannelAndSeesThatWeCannotIsLetIn() throws Exception {
        try (WireClient client = begin(weir, "app")) {
            client.next();
            client.send(initial("y,,n=,r=" + ScramDialogue.NONCE));
            ScramDialogue dialogue = dialogue("y,,", client.next());
            assertThat(dialogue.attribute('r'))
                    .startsWith(ScramDialogue.NONCE)
                    .hasSizeGreaterThan(40);
            client.send(Frontend.password(dialogue.last(dialogue.proof(SECRET)).getBytes(UTF_8)));
            Backend last = client.next();
            assertThat(code(last)).isEqualTo(12);
            assertThat(new String(last.body(), US_ASCII)).contains("v=");
            client.expect("Authentication(0)");
        }
    }

    @Test
    void aConversationCannotBeTakenUpAgain() throws Exception {
        try (WireClient client = begin(weir, "app")) {
            client.next();
            client.send(
                    initial("n,,n=,r=" + ScramDialogue.NONCE),
                    initial("n,,n=,r=" + ScramDialogue.NONCE));
            client.next();
            client.expectFatal("08P01");
        }
    }

    @Test
    void aClientMayVanishAtAnyStepOfTheConversation() throws Exception {
        byte[] first = initial("n,,n=,r=" + ScramDialogue.NONCE);
        for (int sent = 0; sent <= first.length; sent += 3) {
            try (WireClient client = begin(weir, "app")) {
                client.next();
                client.send(Arrays.copyOf(first, sent));
            }
        }
        await().until(() -> weir.clients() == 0);
    }
}

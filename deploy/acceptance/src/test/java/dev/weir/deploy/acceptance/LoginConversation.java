package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.ScramDialogue;
import dev.weir.deploy.acceptance.wire.WireClient;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The conversation of a client that is asked for its password, by whatever method. */
final class LoginConversation {
    private LoginConversation() {}

    /** Connects and says who one is. */
    static WireClient begin(Weir weir, String user) throws IOException {
        WireClient client = WireClient.connect(weir.port());
        client.send(Frontend.startup(Map.of("user", user, "database", "postgres")));
        return client;
    }

    /** Answers whatever is asked with {@code password}; returns all that the server said. */
    static List<Backend> converse(WireClient client, String user, String password)
            throws Exception {
        List<Backend> heard = new ArrayList<>();
        ScramDialogue dialogue = null;
        while (true) {
            Backend message = client.next();
            heard.add(message);
            if (message.type() != 'R') {
                return heard;
            }
            switch (code(message)) {
                case 0 -> {
                    client.readUntil('Z');
                    return heard;
                }
                case 3 -> client.send(Frontend.password(password));
                case 5 ->
                        client.send(
                                Frontend.password(
                                        md5(
                                                user,
                                                password,
                                                Arrays.copyOfRange(message.body(), 4, 8))));
                case 10 -> {
                    client.send(
                            Frontend.saslInitial(
                                    ScramDialogue.MECHANISM, "n,,n=,r=" + ScramDialogue.NONCE));
                }
                case 11 -> {
                    dialogue = dialogue("n,,", message);
                    client.send(
                            Frontend.password(
                                    dialogue.last(dialogue.proof(password)).getBytes(UTF_8)));
                }
                default -> assertThat(code(message)).isEqualTo(12);
            }
        }
    }

    static ScramDialogue dialogue(String header, Backend serverFirst) {
        return new ScramDialogue(
                header,
                "n=,r=" + ScramDialogue.NONCE,
                new String(serverFirst.body(), 4, serverFirst.body().length - 4, UTF_8));
    }

    static int code(Backend message) {
        return message.body()[3];
    }

    static String md5(String user, String password, byte[] salt) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("MD5");
        String inner = HexFormat.of().formatHex(digest.digest((password + user).getBytes(UTF_8)));
        digest.update(inner.getBytes(US_ASCII));
        digest.update(salt);
        return "md5" + HexFormat.of().formatHex(digest.digest());
    }

    /** The user {@code app} is let in and served. */
    static void assertServes(Weir weir, String password) throws Exception {
        try (WireClient client = begin(weir, "app")) {
            assertThat(converse(client, "app", password).getLast())
                    .hasToString("Authentication(0)");
            assertThat(client.one("SELECT 'served'")).isEqualTo("served");
            client.terminate();
        }
    }
}

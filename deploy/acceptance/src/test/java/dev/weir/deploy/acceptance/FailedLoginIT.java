package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.LoginConversation.converse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.app.Weir;
import dev.weir.config.ConfigFile;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Clients that guess passwords. */
class FailedLoginIT {
    private static final String GUESSER = "127.0.0.9";
    private static final int GUESSES = 100;

    private static LocalPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", "right");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Weir weir() throws Exception {
        // Twenty doublings of the first delay are more than a day.
        return Weir.start(
                ConfigFile.parse(
                        """
                        listen-port: 0
                        http-port: 0
                        auth-type: md5
                        max-client-conn: 20
                        failed-login-delay: 1d
                        databases: { "*": { host: 127.0.0.1, port: %d } }
                        users: { app: { password: right } }
                        """
                                .formatted(postgres.port()),
                        "test"));
    }

    private static WireClient connect(Weir weir, String from) throws IOException {
        WireClient client = WireClient.connect(from, weir.port());
        client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
        return client;
    }

    private static Backend login(Weir weir, String from, String password) throws Exception {
        try (WireClient client = connect(weir, from)) {
            return converse(client, "app", password).getLast();
        }
    }

    @Test
    void whoGuessesIsAnsweredLaterAndLaterAndNobodyElseIs() throws Exception {
        List<WireClient> guessers = new ArrayList<>();
        try (Weir weir = weir()) {
            for (int i = 0; i < 3; i++) {
                assertThat(login(weir, GUESSER, "guess").sqlState()).isEqualTo("28P01");
            }
            for (int i = 0; i < GUESSES; i++) {
                WireClient guesser = connect(weir, GUESSER);
                guessers.add(guesser);
                guesser.next();
                guesser.send(Frontend.password("md5-guess"));
                // A failed login that is held back takes no client's place.
                await().until(() -> weir.clients() == 0);
            }

            // Neither a wrong nor a right password from elsewhere has to wait, and not even a right
            // one from there.
            assertThat(login(weir, "127.0.0.1", "typo").sqlState()).isEqualTo("28P01");
            assertThat(login(weir, "127.0.0.1", "right")).hasToString("Authentication(0)");
            assertThat(login(weir, GUESSER, "right")).hasToString("Authentication(0)");

            // The first of the guessers may have heard by now; the last ones have not.
            for (WireClient guesser : guessers.subList(GUESSES / 2, GUESSES)) {
                assertThat(guesser.raw().available()).isZero();
            }
        } finally {
            for (WireClient guesser : guessers) {
                guesser.close();
            }
        }
    }
}

package dev.weir.deploy.acceptance;

import static dev.weir.deploy.acceptance.LoginConversation.assertServes;
import static dev.weir.deploy.acceptance.LoginConversation.begin;
import static dev.weir.deploy.acceptance.LoginConversation.code;
import static dev.weir.deploy.acceptance.LoginConversation.converse;
import static dev.weir.deploy.acceptance.LoginConversation.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.app.Weir;
import dev.weir.config.LoginConfig.AuthType;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.acceptance.wire.ScramDialogue;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.acceptance.wire.WireClient.Pace;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Clients that have to prove who they are. */
class PasswordIT {
    private static final String SECRET = "correct horse battery staple";

    /** PostgreSQL's form of the same password, made by a server. */
    private static String verifier;

    private static LocalPostgres postgres;
    private static final List<Weir> RUNNING = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole("app", SECRET);
        try (var connection = postgres.connect("postgres");
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT rolpassword FROM pg_authid WHERE rolname = 'app'")) {
            rows.next();
            verifier = rows.getString(1);
        }
        assertThat(verifier).startsWith("SCRAM-SHA-256$");
    }

    @AfterAll
    static void stop() {
        RUNNING.forEach(Weir::close);
        postgres.close();
    }

    private static Weir weir(AuthType type, String secret) throws IOException {
        Weir weir =
                Proxy.inFrontOf(postgres.port())
                        .authType(type)
                        .user("app", secret)
                        .serverUser("app", null)
                        .start();
        RUNNING.add(weir);
        return weir;
    }

    private static Stream<Object[]> methods() throws Exception {
        String hash = "md5" + md5Hash();
        return Stream.of(
                new Object[] {AuthType.PASSWORD, SECRET},
                new Object[] {AuthType.PASSWORD, hash},
                new Object[] {AuthType.PASSWORD, verifier},
                new Object[] {AuthType.MD5, SECRET},
                new Object[] {AuthType.MD5, hash},
                new Object[] {AuthType.MD5, verifier},
                new Object[] {AuthType.SCRAM_SHA_256, SECRET},
                new Object[] {AuthType.SCRAM_SHA_256, verifier});
    }

    private static String md5Hash() throws Exception {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("MD5").digest((SECRET + "app").getBytes(UTF_8)));
    }

    // ---- right, wrong, unknown ----

    @ParameterizedTest
    @MethodSource("methods")
    void theRightPasswordIsLetInAndAWrongOneIsNot(AuthType type, String secret) throws Exception {
        Weir weir = weir(type, secret);
        assertServes(weir, SECRET);
        for (String wrong :
                List.of("wrong", SECRET + "x", SECRET.substring(1), "\u0000x", verifier)) {
            try (WireClient client = begin(weir, "app")) {
                Backend refusal = converse(client, "app", wrong).getLast();
                assertThat(refusal.field('S')).as("%s", refusal).isEqualTo("FATAL");
                assertThat(refusal.sqlState()).isIn("28P01", "08P01");
                assertThat(refusal.toString())
                        .doesNotContain(SECRET)
                        .doesNotContain("SCRAM-SHA-256$");
                client.expectClosed();
            }
        }
        assertServes(weir, SECRET);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void anUnknownUserHearsWhatAWrongPasswordHears(AuthType type, String secret) throws Exception {
        // As with PostgreSQL's md5, a user with a SCRAM verifier is asked for SCRAM.
        assumeFalse(type == AuthType.MD5 && secret.equals(verifier), "another method is asked for");
        Weir weir = weir(type, secret);
        assertServes(weir, SECRET);
        String known = shape(weir, "app");
        String unknown = shape(weir, "nobody");
        assertThat(unknown.replace("nobody", "app")).isEqualTo(known);
    }

    /** All that is told to a client with a wrong password, as far as it is not random. */
    private static String shape(Weir weir, String user) throws Exception {
        StringBuilder shape = new StringBuilder();
        try (WireClient client = begin(weir, user)) {
            for (Backend message : converse(client, user, "wrong")) {
                shape.append(message.type()).append(' ');
                switch (message.type() == 'R' ? code(message) : -1) {
                    case -1 -> shape.append(message);
                    case 11 -> {
                        ScramDialogue first = dialogue("n,,", message);
                        shape.append("nonce of ").append(first.attribute('r').length());
                        shape.append(" salt of ").append(first.attribute('s').length());
                        shape.append(" iterations ").append(first.attribute('i'));
                    }
                    default ->
                            shape.append(code(message)).append('/').append(message.body().length);
                }
                shape.append('\n');
            }
            client.expectClosed();
        }
        return shape.toString();
    }

    @Test
    void anUnknownUserHasTheSameSaltEachTimeAndNobodyElses() throws Exception {
        Weir weir = weir(AuthType.SCRAM_SHA_256, SECRET);
        assertThat(salt(weir, "nobody")).isEqualTo(salt(weir, "nobody"));
        assertThat(salt(weir, "app")).isEqualTo(salt(weir, "app"));
        assertThat(salt(weir, "nobody")).isNotEqualTo(salt(weir, "somebody"));
    }

    private static String salt(Weir weir, String user) throws IOException {
        try (WireClient client = begin(weir, user)) {
            client.next();
            client.send(
                    Frontend.saslInitial(
                            ScramDialogue.MECHANISM, "n,,n=,r=" + ScramDialogue.NONCE));
            return dialogue("n,,", client.next()).attribute('s');
        }
    }

    // ---- odd passwords ----

    @Test
    void aPasswordMayBeAsLongAsATokenAndNotLonger() throws Exception {
        String token = "t".repeat(60_000);
        Weir weir = weir(AuthType.PASSWORD, token);
        try (WireClient client = begin(weir, "app").pace(Pace.WHOLE)) {
            assertThat(converse(client, "app", token).getLast()).hasToString("Authentication(0)");
        }
        try (WireClient client = begin(weir, "app")) {
            client.next();
            client.send(Frontend.password("t".repeat(70_000)));
            client.expectFatal("08P01");
        }
    }

    @Test
    void anEmptyPasswordOrOneWithoutItsEndIsRefused() throws Exception {
        for (AuthType type : List.of(AuthType.PASSWORD, AuthType.MD5)) {
            Weir weir = weir(type, SECRET);
            for (byte[] body : List.of(new byte[] {0}, new byte[0], SECRET.getBytes(UTF_8))) {
                try (WireClient client = begin(weir, "app")) {
                    client.next();
                    client.send(Frontend.password(body));
                    client.expectFatal(body.length == 1 ? "28P01" : "08P01");
                }
            }
            assertServes(weir, SECRET);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PASSWORD", "MD5", "SCRAM_SHA_256"})
    void anotherMessageInThePlaceOfThePasswordIsRefused(AuthType type) throws Exception {
        Weir weir = weir(type, SECRET);
        for (byte[] other :
                List.of(
                        Frontend.query("SELECT 1"),
                        Frontend.sync(),
                        Frontend.message('R', new byte[4]),
                        new byte[] {'p', 0, 0, 0, 3},
                        new byte[] {'p', -1, -1, -1, -1},
                        new byte[] {'p', 0x7f, -1, -1, -1})) {
            try (WireClient client = begin(weir, "app")) {
                client.next();
                client.send(other);
                client.expectFatal("08P01");
            }
        }
        assertServes(weir, SECRET);
    }

    @ParameterizedTest
    @EnumSource(names = {"PASSWORD", "MD5", "SCRAM_SHA_256"})
    void aLoginMayComeInSingleBytes(AuthType type) throws Exception {
        Weir weir = weir(type, SECRET);
        try (WireClient client = WireClient.connect(weir.port()).pace(Pace.BYTES)) {
            client.send(Frontend.startup(Map.of("user", "app", "database", "postgres")));
            assertThat(converse(client, "app", SECRET).getLast()).hasToString("Authentication(0)");
        }
    }
}

package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Which authentication a server asks for (manual 54.2.1: the codes of the message R). */
class AuthMethodsIT {
    private static final int OK = 0;
    private static final int CLEARTEXT = 3;
    private static final int MD5 = 5;
    private static final int SASL = 10;

    @ParameterizedTest
    @CsvSource({
        "scram-sha-256, " + SASL,
        "md5, " + MD5,
        "password, " + CLEARTEXT,
        "trust, " + OK,
    })
    void rolesAreAskedByTheMethodAndTheSuperuserAlwaysByScram(String method, int code)
            throws Exception {
        try (LocalPostgres postgres = LocalPostgres.builder().authMethod(method).start()) {
            Credentials app = postgres.createRole("app", "secret");
            assertThat(asked(postgres, "app")).isEqualTo(code);
            assertThat(asked(postgres, "postgres")).isEqualTo(SASL);
            try (Connection connection =
                    DriverManager.getConnection(postgres.jdbcUrl("postgres", app))) {
                assertThat(connection.isValid(10)).isTrue();
            }
            if (code != OK) {
                Credentials wrong = new Credentials("app", "wrong");
                assertThatThrownBy(() ->
                                DriverManager.getConnection(postgres.jdbcUrl("postgres", wrong)))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
            }
        }
    }

    @Test
    void linesOfTheCallersOwnStandBeforeTheMethodOfAll() throws Exception {
        try (LocalPostgres postgres =
                LocalPostgres.builder().hba("host all guest 127.0.0.1/32 trust").start()) {
            postgres.createRole("guest", "secret");
            postgres.createRole("app", "secret");
            assertThat(asked(postgres, "guest")).isEqualTo(OK);
            assertThat(asked(postgres, "app")).isEqualTo(SASL);
        }
    }

    /** The code of the first authentication message. */
    private static int asked(LocalPostgres postgres, String user) throws Exception {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), postgres.port())) {
            socket.setSoTimeout(30_000);
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.writeBytes(new byte[] {0, 3, 0, 0});
            for (String word : new String[] {"user", user, "database", "postgres", ""}) {
                body.writeBytes(word.getBytes(StandardCharsets.UTF_8));
                body.write(0);
            }
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(body.size() + 4);
            body.writeTo(out);
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat((char) in.readByte()).isEqualTo('R');
            in.readInt();
            return in.readInt();
        }
    }
}

package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.app.Weir;
import dev.weir.deploy.acceptance.wire.Backend;
import dev.weir.deploy.acceptance.wire.WireClient;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The console shows what the PgBouncer of this machine shows, in the same order and types. */
class PgBouncerColumnsIT {
    /** Bytes of a column's description behind its name, and where its type stands in them. */
    private static final int DESCRIPTION = 18;

    private static final int TYPE_AT = 6;

    /** What later versions of PgBouncer call otherwise. */
    private static final Map<String, String> RENAMED = Map.of("reserve_pool", "reserve_pool_size");

    @TempDir private Path folder;

    @Test
    void everyColumnOfPgBouncerIsThere() throws Exception {
        Path program = program();
        int port = freePort();
        try (LocalPostgres postgres = LocalPostgres.builder().authMethod("trust").start();
                Weir weir =
                        Proxy.inFrontOf(postgres.port())
                                .operators(List.of("boss"), List.of())
                                .start()) {
            Process pgbouncer = start(program, port);
            try {
                await().until(() -> !pgbouncer.isAlive() || answers(port));
                assertThat(pgbouncer.isAlive())
                        .as(Files.readString(folder.resolve("log")))
                        .isTrue();
                try (WireClient theirs = WireClient.login(port, "boss", "pgbouncer");
                        WireClient ours = WireClient.login(weir.port(), "boss", "pgbouncer")) {
                    for (String what :
                            List.of(
                                    "POOLS",
                                    "CLIENTS",
                                    "SERVERS",
                                    "SOCKETS",
                                    "ACTIVE_SOCKETS",
                                    "DATABASES",
                                    "USERS",
                                    "LISTS",
                                    "STATS",
                                    "STATS_TOTALS",
                                    "STATS_AVERAGES",
                                    "TOTALS",
                                    "CONFIG",
                                    "DNS_HOSTS",
                                    "DNS_ZONES",
                                    "STATE",
                                    "VERSION")) {
                        assertThat(columns(ours, what)).as(what).isNotEmpty();
                        compare(what, columns(theirs, what), columns(ours, what));
                    }
                }
            } finally {
                pgbouncer.destroy();
                pgbouncer.waitFor();
            }
        }
    }

    private static void compare(
            String what, Map<String, Integer> theirs, Map<String, Integer> ours) {
        Map<String, Integer> common = new LinkedHashMap<>(ours);
        common.keySet().retainAll(theirs.keySet());
        assertThat(new ArrayList<>(common.entrySet()))
                .as("SHOW %s", what)
                .isEqualTo(new ArrayList<>(theirs.entrySet()));
    }

    /** Types by the names of the columns, in their order; none if there is no such command. */
    private static Map<String, Integer> columns(WireClient client, String what) throws IOException {
        client.query("SHOW " + what);
        List<Backend> answer = client.readUntil('Z');
        Backend description =
                answer.stream().filter(message -> message.type() == 'T').findFirst().orElse(null);
        if (description == null) {
            // Older ones do not have everything.
            return Map.of();
        }
        ByteBuffer body = ByteBuffer.wrap(description.body());
        Map<String, Integer> columns = new LinkedHashMap<>();
        int count = body.getShort();
        for (int i = 0; i < count; i++) {
            int start = body.position();
            while (body.get() != 0) {
                // On to the end of the name.
            }
            int end = body.position();
            String name =
                    new String(description.body(), start, end - 1 - start, StandardCharsets.UTF_8);
            columns.put(RENAMED.getOrDefault(name, name), body.getInt(end + TYPE_AT));
            body.position(end + DESCRIPTION);
        }
        return columns;
    }

    private static Path program() {
        String path = System.getenv("PATH");
        Path found =
                Stream.concat(
                                Stream.of((path == null ? "" : path).split(":")),
                                Stream.of("/usr/sbin"))
                        .map(it -> Path.of(it, "pgbouncer"))
                        .filter(Files::isExecutable)
                        .findFirst()
                        .orElse(null);
        String advice = "pgbouncer is not installed (apt-get install pgbouncer)";
        if (found == null) {
            System.out.println("skipped: " + advice);
        }
        assumeTrue(found != null, advice);
        return found;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private static boolean answers(int port) {
        try (WireClient client = WireClient.login(port, "boss", "pgbouncer")) {
            return client != null;
        } catch (IOException | AssertionError e) {
            return false;
        }
    }

    private Process start(Path program, int port) throws IOException {
        // It does not run as root, and must read this all the same.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file =
                Files.writeString(
                        folder.resolve("pgbouncer.ini"),
                        """
                        [databases]
                        [pgbouncer]
                        listen_addr = 127.0.0.1
                        listen_port = %d
                        unix_socket_dir =
                        auth_type = any
                        admin_users = boss
                        """
                                .formatted(port));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        List<String> command = new ArrayList<>(List.of(program.toString(), file.toString()));
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(1, List.of("-u", "nobody"));
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }
}

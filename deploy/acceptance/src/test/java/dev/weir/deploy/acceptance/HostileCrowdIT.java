package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Weir;
import dev.weir.config.LoginConfig;
import dev.weir.deploy.acceptance.wire.Frontend;
import dev.weir.deploy.local.LocalPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that mean harm, beside some that only want to work. */
final class HostileCrowdIT {
    private static final int HONEST = 20;
    private static final int TRANSACTIONS = 300;
    private static final int HALF_OPEN = 100;
    private static final int SLOW = 50;
    private static final int FLOODERS = 4;
    private static final int HEAVY = 2;

    private static LocalPostgres postgres;
    private static Weir weir;

    private volatile boolean over;
    private final AtomicLong attacks = new AtomicLong();

    @BeforeAll
    static void start() throws Exception {
        postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.execute("CREATE ROLE app LOGIN");
        postgres.createDatabase("shop", "app");
        postgres.execute(
                "shop", "CREATE TABLE ledger (client int, n int); GRANT ALL ON ledger TO app");
        weir =
                Proxy.inFrontOf(postgres.port())
                        .poolSize(5)
                        .maxClients(400)
                        .maxMessageSize(1 << 20)
                        .authType(LoginConfig.AuthType.SCRAM_SHA_256)
                        .user("app", "secret")
                        .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        postgres.close();
    }

    @Test
    void honestClientsLoseNothing() throws Exception {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.printf("hostile crowd: -Dweir.seed=%d%n", seed);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            work(threads, 0);
            long[] alone = work(threads, 1);
            List<Future<?>> enemies = new ArrayList<>();
            Random random = new Random(seed);
            for (int i = 0; i < HALF_OPEN; i++) {
                enemies.add(threads.submit(attack(this::halfOpen)));
            }
            for (int i = 0; i < SLOW; i++) {
                enemies.add(threads.submit(attack(this::slowBytes)));
            }
            for (int i = 0; i < FLOODERS; i++) {
                enemies.add(threads.submit(attack(this::wrongPassword)));
                Random own = new Random(random.nextLong());
                enemies.add(threads.submit(attack(() -> noise(own))));
            }
            for (int i = 0; i < HEAVY; i++) {
                enemies.add(threads.submit(attack(this::hugeMessage)));
            }
            long[] beside = work(threads, 2);
            over = true;
            for (Future<?> enemy : enemies) {
                enemy.get();
            }
            System.out.printf(
                    "p50, p99 of %d transactions: alone %.2f, %.2f ms; beside %d attacks %.2f, %.2f ms%n",
                    alone.length,
                    percentile(alone, 50),
                    percentile(alone, 99),
                    attacks.get(),
                    percentile(beside, 50),
                    percentile(beside, 99));
            assertThat(attacks.get()).isPositive();
        }
        // Nothing of them is left behind.
        try (Connection one = connect("secret")) {
            assertThat(count(one)).isEqualTo(3L * HONEST * TRANSACTIONS);
        }
    }

    private static double percentile(long[] sorted, int percent) {
        return sorted[(int) ((sorted.length - 1) * (long) percent / 100)] / 1e6;
    }

    private static Connection connect(String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/shop?user=app&password=%s&socketTimeout=60"
                        .formatted(weir.port(), password));
    }

    private static long count(Connection connection) throws SQLException {
        try (ResultSet rows =
                connection.createStatement().executeQuery("SELECT count(*) FROM ledger")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** What each of the honest clients does; returns how long each transaction took, sorted. */
    private static long[] work(ExecutorService threads, int round) throws Exception {
        List<Future<long[]>> clients = new ArrayList<>();
        for (int i = 0; i < HONEST; i++) {
            int number = i;
            clients.add(threads.submit(() -> client(number, round)));
        }
        List<long[]> times = new ArrayList<>();
        for (Future<long[]> client : clients) {
            times.add(client.get());
        }
        return times.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    }

    private static long[] client(int number, int round) throws SQLException {
        long[] times = new long[TRANSACTIONS];
        try (Connection connection = connect("secret")) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                            connection.prepareStatement(
                                    "INSERT INTO ledger VALUES (?, ?) RETURNING client, n");
                    PreparedStatement echo = connection.prepareStatement("SELECT ?, ?")) {
                for (int n = 0; n < TRANSACTIONS; n++) {
                    long begun = System.nanoTime();
                    int value = round * TRANSACTIONS + n;
                    for (PreparedStatement statement : List.of(insert, echo)) {
                        statement.setInt(1, number);
                        statement.setInt(2, value);
                        try (ResultSet rows = statement.executeQuery()) {
                            assertThat(rows.next()).isTrue();
                            assertThat(rows.getInt(1)).isEqualTo(number);
                            assertThat(rows.getInt(2)).isEqualTo(value);
                        }
                    }
                    connection.commit();
                    times[n] = System.nanoTime() - begun;
                }
            }
        }
        return times;
    }

    // ---- the others ----

    private interface Attack {
        void run() throws IOException, InterruptedException;
    }

    /** Again and again, whatever comes of it. */
    private Callable<Void> attack(Attack attack) {
        return () -> {
            while (!over) {
                try {
                    attack.run();
                } catch (IOException e) {
                    // It was thrown out.
                }
                attacks.incrementAndGet();
                // The attackers share the processors with the attacked.
                TimeUnit.MILLISECONDS.sleep(20);
            }
            return null;
        };
    }

    private static Socket open() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), weir.port());
    }

    private void halfOpen() throws IOException, InterruptedException {
        try (Socket socket = open()) {
            for (int i = 0; i < 40 && !over; i++) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
            socket.setSoLinger(true, 0);
        }
    }

    private void slowBytes() throws IOException, InterruptedException {
        try (Socket socket = open()) {
            byte[] startup = Frontend.startup(Map.of("user", "app", "database", "shop"));
            OutputStream out = socket.getOutputStream();
            for (int i = 0; i < startup.length - 1 && !over; i++) {
                out.write(startup[i]);
                TimeUnit.MILLISECONDS.sleep(30);
            }
        }
    }

    private void wrongPassword() {
        try {
            connect("guess" + attacks.get()).close();
            throw new AssertionError("a wrong password was taken for the right one");
        } catch (SQLException refused) {
            // As it should be.
        }
    }

    private void noise(Random random) throws IOException {
        try (Socket socket = open()) {
            byte[] bytes = new byte[1 + random.nextInt(5_000)];
            random.nextBytes(bytes);
            socket.getOutputStream().write(bytes);
            socket.setSoTimeout(200);
            socket.getInputStream().readAllBytes();
        }
    }

    /** A packet, then a message, that says that it is far longer than allowed. */
    private void hugeMessage() throws IOException {
        try (Socket socket = open()) {
            OutputStream out = socket.getOutputStream();
            out.write(ByteBuffer.allocate(8).putInt(1 << 30).putInt(3 << 16).array());
            byte[] junk = new byte[64 * 1024];
            for (int i = 0; i < 1_000 && !over; i++) {
                out.write(junk);
            }
        }
    }
}

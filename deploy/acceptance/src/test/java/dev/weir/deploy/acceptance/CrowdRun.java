package dev.weir.deploy.acceptance;

import dev.weir.app.Weir;
import dev.weir.deploy.local.LocalPostgres;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A crowd of clients before one Weir for a while. */
final class CrowdRun {
    static final String USER = "crowd";
    static final String DATABASE = "crowd";

    private final LocalPostgres postgres;
    private final Weir weir;
    private final int poolSize;
    private final long seed;
    private final CrowdLedger ledger = new CrowdLedger();
    private final AtomicInteger sessions = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private boolean killing;

    CrowdRun(LocalPostgres postgres, Weir weir, int poolSize, long seed) {
        this.postgres = postgres;
        this.weir = weir;
        this.poolSize = poolSize;
        this.seed = seed;
    }

    /** A database with an empty ledger, for any number of runs one after the other. */
    static LocalPostgres postgres() {
        LocalPostgres postgres = LocalPostgres.builder().authMethod("trust").start();
        postgres.createRole(USER, "crowd");
        postgres.createDatabase(DATABASE, USER);
        postgres.execute(DATABASE, CrowdLedger.TABLE);
        postgres.execute(DATABASE, "GRANT ALL ON ledger TO " + USER);
        return postgres;
    }

    /** Server processes are killed meanwhile, and clients may lose their sessions by that. */
    CrowdRun killing() {
        killing = true;
        return this;
    }

    /** Plays, and checks that all is as it should be at the end. */
    void play(int clients, Duration time) throws Exception {
        postgres.execute(DATABASE, "TRUNCATE ledger");
        long end = System.nanoTime() + time.toNanos();
        try (Connection observer = postgres.connect(DATABASE)) {
            CrowdWatch watch = new CrowdWatch(observer, poolSize);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < clients; i++) {
                    long own = seed + i;
                    threads.submit(() -> client(new Random(own), end));
                }
                threads.shutdown();
                Random random = new Random(seed - 1);
                while (!threads.awaitTermination(50, TimeUnit.MILLISECONDS)) {
                    watch.look();
                    if (killing && System.nanoTime() < end) {
                        kill(observer, random);
                    }
                }
            }
            if (failure.get() != null) {
                throw new AssertionError("seed " + seed, failure.get());
            }
            settled(watch);
            everyServerConnectionServes();
            List<String> wrong = ledger.audit(observer);
            if (!wrong.isEmpty()) {
                throw new AssertionError("seed " + seed + ": " + wrong);
            }
            report(watch);
        }
    }

    private void client(Random random, long end) {
        while (System.nanoTime() < end && failure.get() == null) {
            try {
                new CrowdClient(weir.port(), sessions.incrementAndGet(), random.nextLong(), ledger)
                        .live();
            } catch (CrowdLostException e) {
                failUnlessKilling(e);
            } catch (IOException e) {
                // A server connection that dies may take the client's with it in mid-sentence.
                failUnlessKilling(e);
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private void failUnlessKilling(IOException e) {
        if (killing && !(e instanceof java.net.SocketTimeoutException)) {
            lost.incrementAndGet();
        } else {
            failure.compareAndSet(null, e);
        }
    }

    private static void kill(Connection observer, Random random) throws SQLException {
        try (Statement statement = observer.createStatement()) {
            statement.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'"
                                    .formatted(USER)
                            + " ORDER BY pid OFFSET %d LIMIT 1".formatted(random.nextInt(4)));
        }
    }

    /** In the end nobody is in a transaction, and no process is one too many. */
    private void settled(CrowdWatch watch) {
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    watch.look();
                    org.assertj.core.api.Assertions.assertThat(watch.states())
                            .containsAnyOf("idle")
                            .isSubsetOf("idle");
                    org.assertj.core.api.Assertions.assertThat(weir.clients()).isZero();
                });
    }

    /** As many clients as server connections have one each, all at the same time. */
    private void everyServerConnectionServes() throws IOException {
        Set<String> backends = new HashSet<>();
        CrowdWire[] wires = new CrowdWire[poolSize];
        for (int i = 0; i < poolSize; i++) {
            wires[i] = CrowdWire.login(weir.port(), Map.of("user", USER, "database", DATABASE));
            wires[i].send(new CrowdFrames().query("BEGIN; SELECT pg_backend_pid()").bytes());
            for (CrowdMessage message = wires[i].read();
                    message.type() != 'Z';
                    message = wires[i].read()) {
                if (message.type() == 'D') {
                    backends.addAll(message.row());
                }
            }
        }
        for (CrowdWire wire : wires) {
            wire.close();
        }
        if (backends.size() != poolSize) {
            throw new AssertionError("of %d only %s".formatted(poolSize, backends));
        }
    }

    private void report(CrowdWatch watch) {
        System.out.printf(
                "%d sessions, %d lost; deals: %d committed, %d rolled back, %d unknown;"
                        + " at most %d server processes%n",
                sessions.get(),
                lost.get(),
                ledger.count(CrowdLedger.End.COMMITTED),
                ledger.count(CrowdLedger.End.ROLLED_BACK),
                ledger.count(CrowdLedger.End.UNKNOWN),
                watch.most());
    }
}

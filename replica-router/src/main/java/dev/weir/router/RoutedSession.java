package dev.weir.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.balance.Outcome;
import dev.weir.balance.Replica;
import dev.weir.freshness.Floor;
import dev.weir.health.Probe;
import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import javax.sql.DataSource;

/**
 * One user's statements, each for itself, for those who embed the router: reads are run on a
 * replica that shows all that this session has written and read, all else on the primary.
 *
 * <p>For one thread at a time, which may be a virtual one: {@link #run} blocks.
 */
public final class RoutedSession {
    /**
     * After these nothing has happened, and the primary may be asked: a replica has refused a
     * write, or had to end a read for the sake of its replay; or it is gone, or starts or ends.
     */
    private static final Set<String> UNDONE =
            Set.of("25006", "40001", "08001", "08006", "57P01", "57P02", "57P03");

    private static final String REFUSED = "25006";

    private final Router router;
    private final Function<Node, ? extends DataSource> sources;
    private final Duration patience;
    private final Floor floor = new Floor();

    /**
     * What is done with a connection.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Runs the statement. It is called again, with a connection to the primary, if a replica
         * has failed at a read.
         *
         * @param connection in autocommit mode, to be left as it is found
         * @throws SQLException as the driver does
         */
        T with(Connection connection) throws SQLException;
    }

    /**
     * A session that sees at least what there is now.
     *
     * @param router of the database; not closed here
     * @param sources gives connections to each node of it, from a pool as a rule
     * @param patience how long a read waits at most for a replica that is not fresh enough yet,
     *     before it goes to the primary; zero for not at all
     */
    public RoutedSession(
            Router router, Function<Node, ? extends DataSource> sources, Duration patience) {
        this.router = router;
        this.sources = sources;
        this.patience = patience;
        floor.visited(router.primary(), System.nanoTime());
    }

    /**
     * Runs one statement where it may run.
     *
     * @param sql its text, as {@code work} will send it but for the form of its parameters
     * @throws SQLException of {@code work}, or if no connection can be had
     */
    public <T> T run(String sql, Work<T> work) throws SQLException {
        byte[] text = sql.getBytes(UTF_8);
        Replica replica = router.verdict(text).mayLeave() ? replica() : null;
        if (replica == null) {
            return on(router.primary(), work);
        }
        replica.begun();
        try {
            return on(replica.probe(), work);
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (!UNDONE.contains(state)) {
                throw e;
            }
            if (state.equals(REFUSED)) {
                router.refused(text);
            }
        } finally {
            replica.ended(Outcome.ANSWERED, "");
        }
        return on(router.primary(), work);
    }

    private <T> T on(Probe server, Work<T> work) throws SQLException {
        try (Connection connection = sources.apply(server.node()).getConnection()) {
            return work.with(connection);
        } finally {
            floor.visited(server, System.nanoTime());
        }
    }

    /** Null if the primary is to answer. */
    private @Nullable Replica replica() {
        Router.Choice choice = router.choose(floor);
        long end = System.nanoTime() + patience.toNanos();
        while (choice == null) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return null;
            }
            CountDownLatch told = new CountDownLatch(1);
            Wait wait = router.await(floor, Runnable::run, told::countDown);
            try {
                if (!told.await(left, TimeUnit.NANOSECONDS)) {
                    wait.cancel();
                }
            } catch (InterruptedException e) {
                wait.cancel();
                Thread.currentThread().interrupt();
                return null;
            }
            choice = router.choose(floor);
        }
        return choice.replica();
    }
}

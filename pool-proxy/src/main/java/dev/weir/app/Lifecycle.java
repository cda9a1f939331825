package dev.weir.app;

import dev.weir.admin.Operations;
import dev.weir.admin.Shutdown;
import dev.weir.config.ConfigChange;
import dev.weir.config.ConfigException;
import dev.weir.config.ConfigSource;
import dev.weir.config.Problem;
import dev.weir.config.WeirConfig;
import dev.weir.net.TlsException;
import dev.weir.pool.Pools;
import dev.weir.session.Sessions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * How a running Weir is changed, and how it comes to its end. Any thread but a loop may use it.
 *
 * <p>An end that was begun can only be hastened: from waiting for clients to waiting for servers,
 * and from there to none at all.
 */
final class Lifecycle implements Operations {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);
    private static final long LOOK_MILLIS = 10;

    /** Reads keys and certificates, and returns what lets them count. */
    interface TlsFilesReader {
        Runnable read(WeirConfig config) throws TlsException;
    }

    private final @Nullable ConfigSource source;
    private final Sessions sessions;
    private final Pools pools;
    private final TlsFilesReader tls;
    private final Runnable stopListening;
    private final Runnable close;

    /** How the end was last ordered; null while it has not been. Written under the lock. */
    private volatile @Nullable Shutdown ending;

    /**
     * @param source where the configuration came from; null if it cannot be read again
     * @param tls reads keys and certificates, on both sides
     * @param stopListening lets no more clients in
     * @param close ends everything, and returns when that is done
     */
    Lifecycle(
            @Nullable ConfigSource source,
            Sessions sessions,
            Pools pools,
            TlsFilesReader tls,
            Runnable stopListening,
            Runnable close) {
        this.source = source;
        this.sessions = sessions;
        this.pools = pools;
        this.tls = tls;
        this.stopListening = stopListening;
        this.close = close;
    }

    // ---- reload ----

    @Override
    public synchronized List<ConfigChange> reload(Map<String, String> set) throws ConfigException {
        ConfigSource from = source;
        if (from == null) {
            throw new UnsupportedOperationException(
                    "this Weir was started with a configuration that cannot be read again");
        }
        WeirConfig running = sessions.config();
        WeirConfig wanted;
        try {
            wanted = from.read(set);
        } catch (ConfigException e) {
            e.problems().forEach(problem -> LOG.error("{}", problem));
            LOG.error("the configuration is refused as a whole, and all stays as it was");
            throw e;
        }
        Runnable certificates = readTls(wanted);
        List<ConfigChange> changes = ConfigChange.between(running, wanted);
        changes.forEach(change -> LOG.info("reload: {}", change));
        LOG.info("reloaded, {} change(s)", changes.size());
        certificates.run();
        sessions.reload(wanted.under(running));
        pools.settle();
        return changes;
    }

    /**
     * Reads keys and certificates again, which may have changed where the configuration has not.
     */
    private Runnable readTls(WeirConfig wanted) throws ConfigException {
        try {
            return tls.read(wanted);
        } catch (TlsException e) {
            LOG.error("{}", e.getMessage());
            LOG.error("the configuration is refused as a whole, and all stays as it was");
            throw new ConfigException(
                    List.of(new Problem("TLS", 0, String.valueOf(e.getMessage()))));
        }
    }

    // ---- the end ----

    @Override
    public synchronized void shutdown(Shutdown mode) {
        Shutdown before = ending;
        if (before == Shutdown.AT_ONCE || before == mode) {
            return;
        }
        if (before == Shutdown.WAIT_FOR_SERVERS && mode == Shutdown.WAIT_FOR_CLIENTS) {
            return;
        }
        ending = mode;
        if (before == null) {
            Thread.ofPlatform().name("weir-end").start(this::end);
        }
    }

    /** Ends in the usual way, or, if that is under way already, at once. */
    void hasten() {
        shutdown(
                ending == Shutdown.WAIT_FOR_SERVERS ? Shutdown.AT_ONCE : Shutdown.WAIT_FOR_SERVERS);
    }

    @Override
    public boolean isShuttingDown() {
        return ending != null;
    }

    private void end() {
        try {
            if (ending != Shutdown.AT_ONCE) {
                stopListening.run();
            }
            if (ending == Shutdown.WAIT_FOR_CLIENTS) {
                LOG.info("waiting for {} client(s) to leave", sessions.clients());
                await(
                        () -> sessions.clients() == 0 || ending != Shutdown.WAIT_FOR_CLIENTS,
                        Long.MAX_VALUE);
            }
            if (ending != Shutdown.AT_ONCE) {
                finishTransactions();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close.run();
        }
    }

    private void finishTransactions() throws InterruptedException {
        long patience = sessions.config().admin().shutdownTimeout().toNanos();
        pools.drain();
        sessions.roster().dismissUnserved("Weir is shutting down.");
        boolean done = await(() -> servers() == 0 || ending == Shutdown.AT_ONCE, patience);
        if (!done) {
            LOG.warn(
                    "{} server connection(s) were still in use after shutdown-timeout, and are cut off",
                    servers());
        }
    }

    private long servers() {
        return pools.all().stream().mapToLong(pool -> pool.status().size()).sum();
    }

    private static boolean await(BooleanSupplier done, long nanos) throws InterruptedException {
        long begin = System.nanoTime();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - begin >= nanos) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        return true;
    }
}

package dev.weir.deploy.bench;

import java.io.IOException;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The contenders that are up. All have the same way to log in; a proxy that died is started anew
 * for the next round, and is cold again. For one thread.
 */
final class Ways {
    private final Cleanup cleanup;
    private final Endpoint postgres;
    private final Endpoint postgresAskingForScram;
    private final Map<Contender, ProxyLauncher> launchers;
    private final Map<Contender, Way> up = new EnumMap<>(Contender.class);
    private final Set<String> habits = new HashSet<>();
    private Login login = Login.TRUST;

    Ways(
            Cleanup cleanup,
            Endpoint postgres,
            Endpoint postgresAskingForScram,
            Map<Contender, ProxyLauncher> launchers) {
        this.cleanup = cleanup;
        this.postgres = postgres;
        this.postgresAskingForScram = postgresAskingForScram;
        this.launchers = launchers;
    }

    /** The way that a contender offers, started if need be. */
    Way way(Contender contender, ProxyLauncher.Setup setup)
            throws RoundFailure, InterruptedException {
        if (setup.login() != login) {
            up.keySet().stream().toList().forEach(this::stop);
            login = setup.login();
        }
        Way way = up.get(contender);
        if (way != null && way.isAlive()) {
            return way;
        }
        stop(contender);
        Way started = start(contender, setup);
        up.put(contender, started);
        return started;
    }

    private Way start(Contender contender, ProxyLauncher.Setup setup)
            throws RoundFailure, InterruptedException {
        ProxyLauncher launcher = launchers.get(contender);
        if (launcher == null) {
            return new Way(
                    contender,
                    setup.login() == Login.SCRAM ? postgresAskingForScram : postgres,
                    null,
                    null);
        }
        return launcher.start(setup);
    }

    /** Whether this is the contender's first time with a habit since it started. */
    boolean isNew(Contender contender, String habit) {
        return habits.add(contender + " " + habit);
    }

    private void stop(Contender contender) {
        Way way = up.remove(contender);
        habits.removeIf(habit -> habit.startsWith(contender + " "));
        if (way != null && way.child() != null) {
            way.child().close();
        }
    }

    /** How many threads each proxy that is up has: label and number. */
    Map<String, String> threads() {
        Map<String, String> threads = new LinkedHashMap<>();
        up.forEach((contender, way) -> {
            if (way.footprint() != null) {
                try {
                    threads.put(
                            "Threads of " + contender.label(),
                            Long.toString(way.footprint().threads()));
                } catch (IOException e) {
                    // It ended just now: there is nothing to tell.
                }
            }
        });
        return threads;
    }

    /** Whether the bench is being stopped, and failures mean nothing. */
    boolean isOver() {
        return cleanup.isShuttingDown();
    }
}

package dev.weir.deploy.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What a row needs to measure.
 *
 * @param pgbench the program
 * @param scratch a folder for short-lived files
 * @param postgres PostgreSQL itself
 * @param seconds of one pgbench round
 * @param shrink what sizes of results, copies and crowds are divided by; 1 in a real run
 * @param proxies those that take part
 * @param setup what fresh proxies are told
 * @param preparing the proxies through which pgbench's prepared mode works
 * @param loginTimes what is known so far; mutable, for the one thread that measures
 */
record Arena(
        Path pgbench,
        Path scratch,
        Endpoint postgres,
        int seconds,
        int shrink,
        Map<Contender, ProxyLauncher> proxies,
        ProxyLauncher.Setup setup,
        Set<Contender> preparing,
        Map<String, LoginTime> loginTimes) {
    /** A guess until pgbench has told: a proxy does better, PostgreSQL forks a process. */
    private static final double LOGIN_MILLIS = 2;

    Duration round() {
        return Duration.ofSeconds(seconds);
    }

    LoginTime loginTime(Contender contender, int clients) {
        return loginTimes.computeIfAbsent(
                contender + " " + clients, key -> new LoginTime(clients * LOGIN_MILLIS));
    }

    ProxyLauncher launcher(Contender contender) {
        ProxyLauncher launcher = proxies.get(contender);
        if (launcher == null) {
            throw new IllegalArgumentException(contender + " has no process of its own");
        }
        return launcher;
    }
}

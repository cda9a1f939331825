package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * pgbench through every contender.
 *
 * @param name of the row
 * @param load what pgbench does
 * @param login what clients are asked for
 */
record PgbenchRow(String name, PgbenchRun.Load load, Login login) implements Row {
    private static final int WARM_UP_CLIENTS = 20;

    /** Logins of a thousand clients, and a process that starts, before the clock of -T runs. */
    private static final Duration START = Duration.ofMillis(300);

    @Override
    public String about() {
        return "pgbench "
                + (login == Login.TLS ? "inside TLS, " : "")
                + (load.selectOnly() ? "-S " : "(TPC-B-like) ")
                + (load.reconnect() ? "-C " : "")
                + "-M "
                + load.mode()
                + ", "
                + load.clients()
                + (load.clients() == 1 ? " client" : " clients")
                + (load.reconnect() ? ", a login (" + login + ") before each transaction" : "");
    }

    @Override
    public Set<Contender> contenders() {
        return EnumSet.allOf(Contender.class);
    }

    @Override
    public int rounds(int asked) {
        return asked;
    }

    @Override
    public Duration expected(Arena arena) {
        return arena.round().plus(START).plusMillis(load.reconnect() ? 0 : load.clients());
    }

    @Override
    public String habit() {
        return "pgbench "
                + load.mode()
                + (load.reconnect() ? " with logins" : "")
                + (login == Login.TLS ? " inside TLS" : "");
    }

    @Override
    public void warmUp(Way way, Arena arena, Duration duration)
            throws RoundFailure, InterruptedException {
        // Whole seconds are all that pgbench takes.
        Duration whole = Duration.ofSeconds(Math.max(1, duration.toSeconds()));
        int clients = load.reconnect() ? load.clients() : WARM_UP_CLIENTS;
        run(way, arena, load.with(clients), whole);
    }

    @Override
    public Sample measure(Way way, Arena arena) throws RoundFailure, InterruptedException {
        return run(way, arena, load, arena.round());
    }

    private Sample run(Way way, Arena arena, PgbenchRun.Load load, Duration duration)
            throws RoundFailure, InterruptedException {
        PgbenchRun.Load possible =
                instead(way.contender(), load, arena) ? load.in("extended") : load;
        return new PgbenchRun(
                        arena.pgbench(),
                        arena.scratch(),
                        way.endpoint(),
                        possible,
                        login == Login.TLS,
                        duration,
                        arena.loginTime(way.contender(), load.reconnect() ? 0 : load.clients()))
                .measure(way.footprint());
    }

    @Override
    public @Nullable String remark(Contender contender, Arena arena) {
        return instead(contender, load, arena)
                ? contender.label()
                        + " runs -M extended in the prepared rows: this version cannot keep"
                        + " prepared statements in transaction mode (1.21 and later can)"
                : null;
    }

    private static boolean instead(Contender contender, PgbenchRun.Load load, Arena arena) {
        return load.mode().equals("prepared")
                && contender != Contender.DIRECT
                && !arena.preparing().contains(contender);
    }
}

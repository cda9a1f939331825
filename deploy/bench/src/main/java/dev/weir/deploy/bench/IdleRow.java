package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * A crowd of sessions that have all run one statement and then rest: what a fresh proxy needs for
 * them, and that each is still served afterwards. PostgreSQL alone would need a process for each
 * and does not take part.
 *
 * @param asked how many sessions; fewer if this process or the proxy may not open so many files
 */
record IdleRow(int asked) implements Row {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration REST = Duration.ofSeconds(4);
    private static final double KIB_PER_MIB = 1024;

    @Override
    public String name() {
        return "idle-sessions";
    }

    @Override
    public String about() {
        return asked + " sessions, one statement each, then idle, on a proxy just started";
    }

    @Override
    public Set<Contender> contenders() {
        return EnumSet.of(Contender.PGBOUNCER, Contender.WEIR);
    }

    @Override
    public Login login() {
        return Login.TRUST;
    }

    @Override
    public int rounds(int rounds) {
        return 1;
    }

    @Override
    public Duration expected(Arena arena) {
        return Duration.ofSeconds(6).plusMillis(sessions(arena) / 2);
    }

    @Override
    public @Nullable String habit() {
        return null;
    }

    @Override
    public void warmUp(Way way, Arena arena, Duration duration) {}

    /** As many as asked for, or as this machine's limits allow. */
    int sessions(Arena arena) {
        return Math.min(asked / arena.shrink(), Descriptors.usable());
    }

    @Override
    public Sample measure(Way way, Arena arena) throws RoundFailure, InterruptedException {
        Way fresh = arena.launcher(way.contender()).start(arena.setup());
        Child child = fresh.child();
        Footprint footprint = fresh.footprint();
        if (child == null || footprint == null) {
            throw new IllegalStateException("no proxy");
        }
        try (child;
                IdleSessions sessions = new IdleSessions(fresh.endpoint())) {
            return measure(sessions, footprint, sessions(arena));
        } catch (IOException e) {
            throw new RoundFailure(way.contender().label() + ": " + e.getMessage(), e);
        }
    }

    private static Sample measure(IdleSessions sessions, Footprint footprint, int count)
            throws IOException, InterruptedException {
        double before = footprint.mebibytes();
        footprint.resetPeak();
        long start = System.nanoTime();
        sessions.open(count, LIMIT);
        double seconds = (System.nanoTime() - start) / 1e9;
        long cpu = footprint.cpuMicros();
        Thread.sleep(REST);
        double idleMillis = (footprint.cpuMicros() - cpu) / 1000.0 / REST.toSeconds();
        double held = footprint.mebibytes();
        int served = sessions.askAll(LIMIT);
        return Sample.with(Metric.SESSIONS, served)
                .and(Metric.MEMORY, held)
                .and(Metric.MEMORY_BEFORE, before)
                .and(Metric.MEMORY_PEAK, footprint.peakMebibytes())
                .and(Metric.KIB_PER_SESSION, (held - before) * KIB_PER_MIB / count)
                .and(Metric.LOGINS, count / seconds)
                .and(Metric.IDLE_CPU, idleMillis)
                .sample();
    }

    @Override
    public @Nullable String remark(Contender contender, Arena arena) {
        int sessions = sessions(arena);
        return sessions < asked
                ? "idle-sessions: only "
                        + sessions
                        + " sessions instead of "
                        + asked
                        + (arena.shrink() > 1 ? ": a quick run" : ": the limit of open files")
                : null;
    }
}

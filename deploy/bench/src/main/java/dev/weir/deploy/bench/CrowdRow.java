package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What honest clients feel of a hostile crowd: the same pgbench alone, then beside it.
 *
 * @param honest what they do; each of its clients must get every answer
 */
record CrowdRow(PgbenchRow honest) implements Row {
    /** Until the attackers' program is as fast as it gets. */
    private static final Duration GATHERING = Duration.ofSeconds(3);

    CrowdRow(PgbenchRun.Load load) {
        this(new PgbenchRow("hostile-crowd", load, Login.SCRAM));
    }

    @Override
    public String name() {
        return honest.name();
    }

    @Override
    public String about() {
        return honest.about()
                + ", beside 160 attackers: half-open, slow, wrong passwords, noise, huge messages";
    }

    @Override
    public Set<Contender> contenders() {
        return EnumSet.of(Contender.PGBOUNCER, Contender.WEIR);
    }

    @Override
    public Login login() {
        return honest.login();
    }

    @Override
    public int rounds(int asked) {
        return asked;
    }

    @Override
    public Duration expected(Arena arena) {
        return honest.expected(arena).multipliedBy(2).plus(GATHERING);
    }

    @Override
    public @Nullable String habit() {
        return honest.habit();
    }

    @Override
    public void warmUp(Way way, Arena arena, Duration duration)
            throws RoundFailure, InterruptedException {
        honest.warmUp(way, arena, duration);
    }

    @Override
    public Sample measure(Way way, Arena arena) throws RoundFailure, InterruptedException {
        double alone = p99(honest.measure(way, arena));
        Path output = arena.scratch().resolve("hostile-crowd");
        try (Child crowd =
                Child.start(HostileCrowd.command(way.endpoint()), output, null, Map.of())) {
            Thread.sleep(GATHERING);
            Sample beside = honest.measure(way, arena);
            if (!crowd.isAlive()) {
                throw new RoundFailure("the crowd went away:\n" + crowd.lastWords());
            }
            Sample.Builder sample =
                    Sample.with(Metric.P99_ALONE, alone)
                            .and(Metric.P99_TIMES, p99(beside) / alone)
                            .and(Metric.ATTACKS, attacks(crowd));
            beside.values().forEach(sample::and);
            return sample.sample();
        } catch (IOException e) {
            throw new RoundFailure("the crowd's output cannot be read", e);
        } finally {
            delete(output);
        }
    }

    private static double p99(Sample sample) throws RoundFailure {
        Double value = sample.value(Metric.P99);
        if (value == null) {
            throw new RoundFailure("no transaction was counted");
        }
        return value;
    }

    private static double attacks(Child crowd) throws IOException {
        return crowd.output().lines().mapToLong(Long::parseLong).max().orElse(0);
    }

    private static void delete(Path output) throws RoundFailure {
        try {
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw new RoundFailure(output + " cannot be deleted", e);
        }
    }
}

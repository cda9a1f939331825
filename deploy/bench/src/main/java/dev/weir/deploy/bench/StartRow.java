package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/** From the start of a proxy's process to its first answered statement. */
record StartRow() implements Row {
    private static final Duration POLL = Duration.ofMillis(2);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MOST_ROUNDS = 5;

    @Override
    public String name() {
        return "start-up";
    }

    @Override
    public String about() {
        return "from the start of the proxy's process to its first answered statement";
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
    public int rounds(int asked) {
        return Math.min(asked, MOST_ROUNDS);
    }

    @Override
    public Duration expected(Arena arena) {
        return Duration.ofSeconds(1);
    }

    @Override
    public @Nullable String habit() {
        return null;
    }

    @Override
    public void warmUp(Way way, Arena arena, Duration duration) {}

    @Override
    public Sample measure(Way way, Arena arena) throws RoundFailure, InterruptedException {
        long start = System.nanoTime();
        ProxyLauncher.Started started = arena.launcher(way.contender()).launch(arena.setup());
        try (Child child = started.child()) {
            while (!answered(started.endpoint())) {
                if (!child.isAlive() || System.nanoTime() - start > LIMIT.toNanos()) {
                    throw new RoundFailure(
                            way.contender().label() + " gave no answer:\n" + child.lastWords());
                }
                Thread.sleep(POLL);
            }
            double millis = (System.nanoTime() - start) / 1e6;
            Footprint footprint = Footprint.of(child.handle());
            return Sample.with(Metric.FIRST_ANSWER, millis)
                    .and(Metric.MEMORY, footprint.mebibytes())
                    .sample();
        } catch (IOException e) {
            throw new RoundFailure("the proxy's memory cannot be read", e);
        }
    }

    private static boolean answered(Endpoint endpoint) {
        try (WireClient client = WireClient.connect(endpoint, LIMIT)) {
            return client.query("SELECT 1") > 0;
        } catch (IOException e) {
            return false;
        }
    }
}

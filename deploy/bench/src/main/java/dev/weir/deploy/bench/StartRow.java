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
        return Duration.ofSeconds(2);
    }

    @Override
    public @Nullable String habit() {
        return null;
    }

    @Override
    public void warmUp(Way way, Arena arena, Duration duration) {}

    /**
     * The second of two starts: it finds its files in memory, and this program's own code compiled.
     */
    @Override
    public Sample measure(Way way, Arena arena) throws RoundFailure, InterruptedException {
        start(way, arena);
        return start(way, arena);
    }

    private static Sample start(Way way, Arena arena) throws RoundFailure, InterruptedException {
        long start = System.nanoTime();
        ProxyLauncher.Started started = arena.launcher(way.contender()).launch(arena.setup());
        try (Child child = started.child()) {
            long program = start;
            while (!answered(started.endpoint())) {
                if (isShell(child.handle())) {
                    program = System.nanoTime();
                }
                if (!child.isAlive() || System.nanoTime() - start > LIMIT.toNanos()) {
                    throw new RoundFailure(
                            way.contender().label() + " gave no answer:\n" + child.lastWords());
                }
                Thread.sleep(POLL);
            }
            long end = System.nanoTime();
            Footprint footprint = Footprint.of(child.handle());
            return Sample.with(Metric.FIRST_ANSWER, (end - start) / 1e6)
                    .and(Metric.FIRST_ANSWER_OF_PROGRAM, (end - program) / 1e6)
                    .and(Metric.MEMORY, footprint.mebibytes())
                    .sample();
        } catch (IOException e) {
            throw new RoundFailure("the proxy's memory cannot be read", e);
        }
    }

    /** Whether the process has not become the proxy yet: the launcher is a script. */
    private static boolean isShell(ProcessHandle process) {
        return process.info().command().filter(command -> command.endsWith("sh")).isPresent();
    }

    private static boolean answered(Endpoint endpoint) {
        try (WireClient client = WireClient.connect(endpoint, LIMIT)) {
            return client.query("SELECT 1") > 0;
        } catch (IOException e) {
            return false;
        }
    }
}

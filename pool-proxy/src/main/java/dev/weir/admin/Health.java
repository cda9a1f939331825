package dev.weir.admin;

import dev.weir.net.EventLoops;
import dev.weir.pool.Pool;
import dev.weir.pool.Pools;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Whether Weir lives, has started, and is ready: each with its reason. Any thread but an event loop
 * may ask.
 */
public final class Health {
    /** A loop that does not answer for so long has lost its clients' patience too. */
    private static final long LOOP_ANSWER_MILLIS = 1000;

    /** Reasons in one answer: what is wrong with the others is nearly always the same. */
    private static final int MOST_REASONS = 20;

    private final BooleanSupplier listening;
    private final EventLoops loops;
    private final Pools pools;

    /**
     * The health of these parts.
     *
     * @param listening whether clients are accepted
     */
    public Health(BooleanSupplier listening, EventLoops loops, Pools pools) {
        this.listening = listening;
        this.loops = loops;
        this.pools = pools;
    }

    List<HealthCheck> checks() {
        return List.of(
                new Check("event-loops", HealthCheckType.LIVENESS, this::eventLoops),
                new Check("listener", HealthCheckType.STARTUP, this::listener),
                new Check("clients", HealthCheckType.READINESS, this::listener),
                new Check("servers", HealthCheckType.READINESS, this::servers));
    }

    /** What one look found out: nothing if all is well. */
    private record Finding(Map<String, String> reasons) {}

    private record Check(String name, HealthCheckType type, Supplier<Finding> look)
            implements HealthCheck {
        @Override
        public HealthCheckResponse call() {
            Map<String, String> reasons = look.get().reasons();
            HealthCheckResponse.Builder response =
                    HealthCheckResponse.builder().status(reasons.isEmpty());
            reasons.forEach(response::detail);
            return response.build();
        }
    }

    /** A loop that hangs serves none of its clients, and only a restart helps them. */
    private Finding eventLoops() {
        Map<String, String> reasons = new TreeMap<>();
        List<EventLoop> all = loops.all();
        List<? extends Future<?>> answers =
                all.stream().map(loop -> loop.submit(() -> {})).toList();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOP_ANSWER_MILLIS);
        for (int i = 0; i < answers.size(); i++) {
            long left = Math.max(0, end - System.nanoTime());
            if (!answers.get(i).awaitUninterruptibly(left, TimeUnit.NANOSECONDS)) {
                reasons.put(
                        "event-loop-" + i,
                        "has not answered for %d ms".formatted(LOOP_ANSWER_MILLIS));
            }
        }
        return new Finding(reasons);
    }

    private Finding listener() {
        return new Finding(
                listening.getAsBoolean()
                        ? Map.of()
                        : Map.of("listener", "clients are not accepted (any more)"));
    }

    /** Whether any pool knows of no server, after having looked for one. */
    private Finding servers() {
        Map<String, String> reasons = new TreeMap<>();
        for (Pool pool : pools.all()) {
            String reason = pool.unreachable();
            if (reason != null && reasons.size() < MOST_REASONS) {
                reasons.put(pool.key().toString(), reason);
            }
        }
        return new Finding(reasons);
    }
}

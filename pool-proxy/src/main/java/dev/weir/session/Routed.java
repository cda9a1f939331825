package dev.weir.session;

import dev.weir.balance.Replica;
import dev.weir.pool.Pool;
import dev.weir.router.Router;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.function.Function;

/**
 * What a session needs to have its reads routed.
 *
 * @param usual what it asks for as long as it does not say otherwise
 * @param pools its user's pool on a replica
 * @param patience how long a read waits for a replica
 * @param readOnly how it only reads; null if it may write
 */
record Routed(
        Router router,
        RouteCounters counters,
        RouteSettings usual,
        Function<Replica, Pool> pools,
        Duration patience,
        ReadOnly.@Nullable Terms readOnly) {
    /** The pool that tells the client what the server is set to, at its login. */
    Pool greeter(Pool primary) {
        Replica replica = readOnly == null ? null : readOnly.greeter();
        return replica == null ? primary : pools.apply(replica);
    }
}

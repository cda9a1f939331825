package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

/**
 * A contender that is up.
 *
 * @param contender which one
 * @param endpoint where its clients go
 * @param child its process; null where there is no proxy
 * @param footprint what it uses; null where there is no proxy
 */
record Way(
        Contender contender,
        Endpoint endpoint,
        @Nullable Child child,
        @Nullable Footprint footprint) {
    /** Whether the proxy still runs, if there is one. */
    boolean isAlive() {
        return child == null || child.isAlive();
    }
}

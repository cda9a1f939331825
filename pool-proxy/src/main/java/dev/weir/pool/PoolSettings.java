package dev.weir.pool;

import dev.weir.auth.ServerCredentials;
import dev.weir.config.PoolConfig;
import dev.weir.server.ServerTarget;

/** What a pool is configured with: replaced by a reload, read by all loops. */
final class PoolSettings {
    private volatile PoolConfig config;
    private volatile ServerTarget target;
    private volatile ServerCredentials credentials;

    PoolSettings(PoolConfig config, ServerTarget target, ServerCredentials credentials) {
        this.config = config;
        this.target = target;
        this.credentials = credentials;
    }

    PoolConfig config() {
        return config;
    }

    /** Where server connections lead; its credential does not count. */
    ServerTarget target() {
        return target;
    }

    /** What to log in with. */
    ServerCredentials credentials() {
        return credentials;
    }

    /**
     * Other settings from now on.
     *
     * @return whether server connections that are there lead elsewhere than those that are opened
     *     from now on
     */
    boolean replace(
            PoolConfig newConfig, ServerTarget newTarget, ServerCredentials newCredentials) {
        boolean samePlace = target.withConnectTimeout(newTarget.connectTimeout()).equals(newTarget);
        boolean sameSource = credentials.sameSource(newCredentials);
        config = newConfig;
        target = newTarget;
        if (!sameSource) {
            credentials = newCredentials;
        }
        return !samePlace || !sameSource;
    }
}

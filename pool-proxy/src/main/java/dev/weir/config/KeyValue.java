package dev.weir.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A key at the top level as it counts, for those who look.
 *
 * @param key its name
 * @param value as it would be written; a mask if it is secret
 * @param preset the default, as it would be written
 * @param changeable whether it can be changed without a restart
 */
public record KeyValue(String key, String value, String preset, boolean changeable) {
    /** All keys at the top level, in the order of the key table. */
    public static List<KeyValue> of(WeirConfig config) {
        List<KeyValue> all = new ArrayList<>();
        add(all, ListenKeys.LISTEN, config.listen());
        add(all, TlsKeys.CLIENT, config.clientTls());
        add(all, OperatorKeys.HTTP, config.http());
        add(all, OperatorKeys.ADMIN, config.admin());
        add(all, LoginKeys.LOGIN, config.login());
        add(all, LoginKeys.AUTH_QUERIES, config.login().authQuery());
        add(all, LimitKeys.LIMITS, config.limits());
        add(all, TlsKeys.SERVER, config.serverTls());
        add(all, PoolKeys.POOL, config.pool());
        add(all, ReplicaKeys.REPLICA, config.replicas());
        return all;
    }

    private static <O> void add(List<KeyValue> all, Group<O> group, O owner) {
        for (Key<O, ?> key : group.keys()) {
            all.add(
                    new KeyValue(
                            key.name(),
                            Objects.requireNonNullElse(key.textIn(owner), ""),
                            Objects.requireNonNullElse(key.presetText(), ""),
                            key.change() == Key.Change.RELOAD));
        }
    }
}

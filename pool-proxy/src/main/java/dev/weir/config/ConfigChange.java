package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One difference between two configurations.
 *
 * @param what a key, or the name of a database or user
 * @param text both values, or what has become of it; never a secret
 * @param restart whether the running process cannot take it over
 */
public record ConfigChange(String what, String text, boolean restart) {
    @Override
    public String toString() {
        return what + ": " + text + (restart ? " (needs a restart)" : "");
    }

    /** How {@code after} differs from {@code before}, in the order of the key table. */
    public static List<ConfigChange> between(WeirConfig before, WeirConfig after) {
        List<ConfigChange> changes = new ArrayList<>();
        keys(changes, ListenKeys.LISTEN, before.listen(), after.listen());
        keys(changes, ListenKeys.TCP, before.listen().tcp(), after.listen().tcp());
        keys(changes, TlsKeys.CLIENT, before.clientTls(), after.clientTls());
        keys(changes, OperatorKeys.HTTP, before.http(), after.http());
        keys(changes, OperatorKeys.ADMIN, before.admin(), after.admin());
        keys(changes, LoginKeys.LOGIN, before.login(), after.login());
        keys(
                changes,
                LoginKeys.AUTH_QUERIES,
                before.login().authQuery(),
                after.login().authQuery());
        keys(changes, LimitKeys.LIMITS, before.limits(), after.limits());
        keys(
                changes,
                LimitKeys.DATABASE_SHARE,
                before.limits().databaseShare(),
                after.limits().databaseShare());
        keys(
                changes,
                LimitKeys.USER_SHARE,
                before.limits().userShare(),
                after.limits().userShare());
        keys(changes, TlsKeys.SERVER, before.serverTls(), after.serverTls());
        keys(changes, PoolKeys.POOL, before.pool(), after.pool());
        keys(changes, ReplicaKeys.REPLICA, before.replicas(), after.replicas());
        entries(changes, "database", before.databases(), after.databases());
        entries(changes, "user", before.users(), after.users());
        return changes;
    }

    private static <O> void keys(List<ConfigChange> into, Group<O> group, O before, O after) {
        for (Key<O, ?> key : group.keys()) {
            if (differs(key, before, after)) {
                into.add(
                        new ConfigChange(
                                key.name(),
                                key.type().isSecret()
                                        ? "changed"
                                        : shown(key.textIn(before))
                                                + " -> "
                                                + shown(key.textIn(after)),
                                key.change() == Key.Change.RESTART));
            }
        }
    }

    private static <O> boolean differs(Key<O, ?> key, O before, O after) {
        Function<O, ?> reader = key.reader();
        return reader != null
                && !java.util.Objects.equals(reader.apply(before), reader.apply(after));
    }

    private static String shown(@Nullable String value) {
        return value == null || value.isEmpty() ? "(none)" : value;
    }

    private static <E> void entries(
            List<ConfigChange> into, String kind, Map<String, E> before, Map<String, E> after) {
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        for (String name : names) {
            E old = before.get(name);
            E now = after.get(name);
            if (!java.util.Objects.equals(old, now)) {
                String what = old == null ? "added" : now == null ? "removed" : "changed";
                into.add(new ConfigChange(kind + " " + name, what, false));
            }
        }
    }
}

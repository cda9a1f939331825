package dev.weir.config;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Writes a configuration as it counts, defaults included and secrets masked. */
public final class ConfigText {
    private static final String INDENT = "    ";

    private ConfigText() {}

    /** The whole configuration as YAML. */
    public static String of(WeirConfig config) {
        StringBuilder out = new StringBuilder();
        section(out, ListenKeys.LISTEN, config.listen());
        section(out, ListenKeys.TCP, config.listen().tcp());
        section(out, TlsKeys.CLIENT, config.clientTls());
        section(out, PeerKeys.PEERING, config.peering());
        section(out, OperatorKeys.HTTP, config.http());
        section(out, OperatorKeys.ADMIN, config.admin());
        section(out, LoginKeys.LOGIN, config.login());
        section(out, LoginKeys.AUTH_QUERIES, config.login().authQuery());
        section(out, LimitKeys.LIMITS, config.limits());
        section(out, LimitKeys.DATABASE_SHARE, config.limits().databaseShare());
        section(out, LimitKeys.USER_SHARE, config.limits().userShare());
        section(out, TlsKeys.SERVER, config.serverTls());
        section(out, PoolKeys.POOL, config.pool());
        section(out, ReplicaKeys.REPLICA, config.replicas());
        out.append(Keys.DATABASES).append(":\n");
        config.databases().keySet().stream()
                .sorted()
                .forEach(name -> {
                    DatabaseConfig database = config.databases().get(name);
                    if (database != null) {
                        List<String> lines = lines(DatabaseKeys.DATABASE, database);
                        lines.addAll(lines(LoginKeys.AUTH_QUERIES, database.authQuery()));
                        lines.addAll(lines(TlsKeys.SERVER, database.tls()));
                        lines.removeAll(lines(TlsKeys.SERVER, config.serverTls()));
                        lines.addAll(lines(LimitKeys.DATABASE_SHARE, database.share()));
                        lines.addAll(lines(PoolKeys.POOL, database.pool()));
                        lines.removeAll(lines(LoginKeys.AUTH_QUERIES, config.login().authQuery()));
                        lines.removeAll(
                                lines(LimitKeys.DATABASE_SHARE, config.limits().databaseShare()));
                        lines.removeAll(lines(PoolKeys.POOL, config.pool()));
                        lines.addAll(lines(ReplicaKeys.REPLICA, database.routing().rules()));
                        lines.removeAll(lines(ReplicaKeys.REPLICA, config.replicas()));
                        entry(out, name, lines);
                    }
                });
        if (!config.peering().peers().isEmpty()) {
            out.append(Keys.PEERS).append(":\n");
            new TreeMap<>(config.peering().peers())
                    .forEach((id, peer) -> entry(out, id.toString(), lines(PeerKeys.PEER, peer)));
        }
        out.append(Keys.USERS).append(config.users().isEmpty() ? ": {}\n" : ":\n");
        config.users().keySet().stream()
                .sorted()
                .forEach(name -> {
                    UserConfig user = config.users().get(name);
                    if (user != null) {
                        List<String> lines = lines(UserKeys.USER, user);
                        lines.addAll(lines(LimitKeys.USER_SHARE, user.share()));
                        lines.removeAll(lines(LimitKeys.USER_SHARE, config.limits().userShare()));
                        lines.addAll(user.pool().lines());
                        entry(out, name, lines);
                    }
                });
        return out.toString();
    }

    private static <O> void section(StringBuilder out, Group<O> group, O owner) {
        lines(group, owner).forEach(line -> out.append(line).append('\n'));
    }

    private static <O> List<String> lines(Group<O> group, O owner) {
        List<String> lines = new ArrayList<>();
        for (Key<O, ?> key : group.keys()) {
            String text = key.textIn(owner);
            if (text != null) {
                lines.add(line(key, text));
            }
        }
        return lines;
    }

    static String line(Key<?, ?> key, String text) {
        return key.name() + ": " + YamlText.scalar(text);
    }

    private static void entry(StringBuilder out, String name, List<String> lines) {
        out.append("  ").append(YamlText.scalar(name)).append(lines.isEmpty() ? ": {}\n" : ":\n");
        lines.forEach(line -> out.append(INDENT).append(line).append('\n'));
    }
}

package dev.weir.config;

import java.util.ArrayList;
import java.util.List;

/** A file to begin with: every key at its default, each with what it means. */
public final class SampleFile {
    private static final int WIDTH = 100;

    private SampleFile() {}

    /** The text of the file; it is a valid configuration. */
    public static String text() {
        StringBuilder out = new StringBuilder();
        comment(
                out,
                "",
                "Weir's configuration. Every key is here, at its default: what you do not change you"
                        + " may delete. `weir check -c FILE` tells what is wrong with it, and what"
                        + " counts. Durations have a unit (500ms, 30s, 5m, 1h, 1d), sizes too"
                        + " (64KiB, 16MiB). A value may be ${NAME}, an environment variable.");
        for (Group<?> group : Keys.TOP_LEVEL) {
            out.append("\n# ---- ").append(group.title()).append(" ----\n");
            if (group == PoolKeys.POOL) {
                comment(out, "", "Each of these may also stand in a database or a user.");
            }
            if (group == LimitKeys.USER_SHARE) {
                comment(out, "", "Each of these may also stand in a user.");
            }
            if (group == LoginKeys.AUTH_QUERIES
                    || group == LimitKeys.DATABASE_SHARE
                    || group == TlsKeys.SERVER
                    || group == ReplicaKeys.REPLICA) {
                comment(out, "", "Each of these may also stand in a database.");
            }
            for (Key<?, ?> key : group.keys()) {
                out.append('\n');
                describe(out, "", key);
                out.append(line(key)).append('\n');
            }
        }
        databases(out);
        peers(out);
        users(out);
        return out.toString();
    }

    /** A key without a default is not set. */
    private static String line(Key<?, ?> key) {
        String preset = key.presetText();
        return preset == null
                ? "# " + ConfigText.line(key, example(key))
                : ConfigText.line(key, preset);
    }

    private static String example(Key<?, ?> key) {
        return switch (key.name()) {
            case "read-only-port" -> "6434";
            case "unix-socket-dir" -> "/run/weir";
            case "client-tls-key-file" -> "/etc/weir/weir.key";
            case "client-tls-cert-file" -> "/etc/weir/weir.crt";
            case "client-tls-ca-file" -> "/etc/weir/ca.crt";
            case "proxy-protocol-from" -> "10.0.0.0/8, 192.168.1.7";
            case "auth-hba-file" -> "/etc/weir/pg_hba.conf";
            case "auth-ident-file" -> "/etc/weir/pg_ident.conf";
            case "auth-user" -> "weir_auth";
            case "auth-query" -> "SELECT name, secret FROM secrets.for_login($1)";
            case "auth-dbname" -> "shop";
            case "server-tls-key-file" -> "/etc/weir/server.key";
            case "server-tls-cert-file" -> "/etc/weir/server.crt";
            case "server-tls-ca-file" -> "/etc/weir/server-ca.crt";
            default -> "…";
        };
    }

    private static void databases(StringBuilder out) {
        out.append("\n# ---- Databases ----\n\n");
        comment(
                out,
                "",
                "By the name that clients ask for; \"*\" answers for every name that is not here.");
        out.append(Keys.DATABASES).append(":\n  shop:\n    host: 127.0.0.1\n    port: 5432\n\n");
        out.append("  # All that an entry may say:\n  # other:\n");
        for (Key<?, ?> key : DatabaseKeys.DATABASE.keys()) {
            describe(out, "  #   ", key);
            String example =
                    switch (key.name()) {
                        case "host" -> "db.example.com";
                        case "dbname" -> "shop_production";
                        case "user" -> "app";
                        case "replicas" -> "10.0.0.2:5432, 10.0.0.3:5432";
                        case "replicas-from-dns" -> "shop-replicas.default.svc:5432";
                        case "replica-port" -> "5432";
                        case "router-user" -> "weir_router";
                        case "switchover-user" -> "postgres";
                        case "switchover-command" ->
                                "patronictl switchover --force --leader old --candidate new";
                        case "demote-command" -> "/usr/local/bin/make-standby";
                        case "password" -> "\"${APP_PASSWORD}\"";
                        case "password-file" -> "/run/secrets/app";
                        default -> String.valueOf(key.presetText());
                    };
            out.append("  #   ").append(key.name()).append(": ").append(example).append('\n');
        }
        out.append(
                "  #   # … each key of the password look-up, max-db-… and each pool setting:\n  #   auth-user: weir_auth\n  #   default-pool-size: 5\n");
    }

    private static void peers(StringBuilder out) {
        out.append("\n# ---- Peers ----\n\n");
        comment(
                out,
                "",
                "The other processes behind the same address, by their peer-id: where each alone is.");
        out.append("# ").append(Keys.PEERS).append(":\n");
        out.append("#   2: { host: 10.0.0.2, port: 6432 }\n");
    }

    private static void users(StringBuilder out) {
        out.append("\n# ---- Users ----\n\n");
        comment(
                out,
                "",
                "Who may log in; not needed where auth-type is trust or there is an auth-user.");
        out.append(Keys.USERS).append(":\n  app:\n    password: change-me\n\n");
        out.append("  # All that an entry may say:\n  # other:\n");
        for (Key<?, ?> key : UserKeys.USER.keys()) {
            describe(out, "  #   ", key);
            String example =
                    switch (key.name()) {
                        case "route" -> "replica";
                        case "max-lag" -> "10s";
                        case "read-only" -> "false";
                        default ->
                                key.type().isSecret()
                                        ? "\"${OTHER_PASSWORD}\""
                                        : "/run/secrets/other";
                    };
            out.append("  #   ").append(key.name()).append(": ").append(example).append('\n');
        }
        out.append("  #   # … max-user-… and each pool setting:\n  #   pool-mode: session\n");
    }

    private static void describe(StringBuilder out, String indent, Key<?, ?> key) {
        comment(
                out,
                indent,
                key.meaning()
                        + (key.preset() == null ? "" : " Expects " + key.type().expected() + "."));
    }

    private static void comment(StringBuilder out, String indent, String text) {
        for (String line : wrapped(text, WIDTH - indent.length() - 2)) {
            out.append(indent).append("# ").append(line).append('\n');
        }
    }

    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}

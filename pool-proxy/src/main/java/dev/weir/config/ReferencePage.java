package dev.weir.config;

/** The page of all keys, as Markdown. */
final class ReferencePage {
    private ReferencePage() {}

    static String text() {
        StringBuilder out = new StringBuilder();
        out.append(
                """
                # Configuration reference

                <!-- Written from the key table in pool-proxy (dev.weir.config.Keys). Do not edit. -->

                Weir reads one YAML file: `weir run -c weir.yaml`. `weir init` writes one with every key at its
                default, `weir check -c weir.yaml` says what is wrong with a file and prints what counts. Keys have
                PgBouncer's names, with `-` for `_`, where PgBouncer has the setting.

                ```yaml
                listen-addr: "*"
                default-pool-size: 20
                databases:
                  shop: { host: 10.0.0.5 }
                users:
                  app: { password: "${APP_PASSWORD}" }
                ```

                - A duration is a whole number and a unit: `ms`, `s`, `m`, `h`, `d`. A size likewise: `B`, `KiB`, `MiB`,
                  `GiB`. Only 0 may stand without one.
                - `${NAME}` in a value is replaced by the environment variable; `$${` stands for `${` itself.
                - A relative path begins at the folder of the configuration file.
                - Unknown keys, keys named twice, values out of range and values that contradict each other stop the
                  start. All mistakes are told at once, each with file, line, and what was expected.
                - *Change*: **reload** keys are taken over by a running process on SIGHUP, or on `RELOAD` at the
                  [console](operations.md); **restart** keys are bound to its life.

                """);
        for (Group<?> group : Keys.TOP_LEVEL) {
            out.append("## ").append(group.title()).append("\n\n");
            if (group == PoolKeys.POOL) {
                out.append(
                        """
                        A pool is the server connections of one user on one database. Each of these keys may stand at the top
                        level, in a database and in a user; the user's goes before the database's, and that before the top
                        level's.

                        """);
            }
            if (group == LoginKeys.AUTH_QUERIES) {
                out.append(
                        """
                        Each of these keys may stand at the top level and in a database. [How Weir looks up
                        passwords](authentication.md#passwords-that-are-looked-up).

                        """);
            }
            if (group == TlsKeys.SERVER || group == ReplicaKeys.REPLICA) {
                out.append(
                        """
                        Each of these keys may stand at the top level and in a database, whose own goes before the top level's.

                        """);
            }
            if (group == LimitKeys.DATABASE_SHARE || group == LimitKeys.USER_SHARE) {
                out.append(
                        """
                        Each of these keys may stand at the top level and in %s. [How limits
                        work](limits.md).

                        """
                                .formatted(
                                        group == LimitKeys.USER_SHARE ? "a user" : "a database"));
            }
            table(out, group);
        }
        out.append(
                """
                ## Databases

                `databases:` maps the names that clients ask for to where they live. The entry `"*"` answers for all names
                without an entry of their own. Each pool, `server-tls`, replica and password look-up key may stand
                in an entry.

                """);
        table(out, DatabaseKeys.DATABASE);
        out.append(
                """
                ## Peers

                `peers:` maps the `peer-id` of each Weir process behind the same address to where it alone is. This process
                may be among them, so that all can have the same map. A cancel request that comes to another process
                than its session is passed on; over more than three processes it is not.

                """);
        table(out, PeerKeys.PEER);
        out.append(
                """
                ## Users

                `users:` maps the names of those who may log in to how they prove themselves. Where `auth-type` is `trust`
                or there is an `auth-user` it may be empty. Each pool key may stand in an entry.

                """);
        table(out, UserKeys.USER);
        return out.toString().stripTrailing() + "\n";
    }

    private static void table(StringBuilder out, Group<?> group) {
        out.append("| key | default | expects | change | meaning |\n|---|---|---|---|---|\n");
        for (Key<?, ?> key : group.keys()) {
            String preset = key.presetText();
            out.append(
                    "| `%s` | %s | %s | %s | %s |\n"
                            .formatted(
                                    key.name(),
                                    preset == null || preset.isEmpty()
                                            ? "none"
                                            : "`" + preset + "`",
                                    cell(key.type().expected()),
                                    key.change() == Key.Change.RELOAD ? "reload" : "restart",
                                    cell(key.meaning())));
        }
        out.append('\n');
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}

package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;

import dev.weir.classify.Route;
import dev.weir.discovery.Search;
import dev.weir.freshness.MaxLag;
import dev.weir.topology.Member;

import java.time.Duration;
import java.util.List;

/**
 * The part of the key table that is about one database: where it is, and how its statements find
 * primary and replicas.
 */
final class DatabaseKeys {
    static final Group<DatabaseConfig> DATABASE = new Group<>("A database");

    static final Key<DatabaseConfig, String> HOST =
            DATABASE.optional(
                    "host",
                    Types.host(),
                    RELOAD,
                    DatabaseConfig::host,
                    "Where PostgreSQL is; with a / at the beginning, the folder of its Unix-domain"
                            + " socket. Required.");
    static final Key<DatabaseConfig, Integer> PORT =
            DATABASE.key(
                    "port",
                    Types.integer(1, 65_535),
                    "5432",
                    RELOAD,
                    DatabaseConfig::port,
                    "PostgreSQL's port.");
    static final Key<DatabaseConfig, String> DBNAME =
            DATABASE.optional(
                    "dbname",
                    Types.text("the name of a database"),
                    RELOAD,
                    DatabaseConfig::dbname,
                    "Its name on the server, if clients ask for it under another.");
    static final Key<DatabaseConfig, String> USER =
            DATABASE.optional(
                    "user",
                    Types.text("the name of a role"),
                    RELOAD,
                    DatabaseConfig::user,
                    "Server connections log in as this role, whoever the client is; without it as"
                            + " the client's user.");
    static final Key<DatabaseConfig, Secret> DATABASE_PASSWORD =
            DATABASE.optional(
                    "password",
                    Types.secret(),
                    RELOAD,
                    DatabaseConfig::password,
                    "The password of that role.");
    static final Key<DatabaseConfig, String> DATABASE_PASSWORD_FILE =
            DATABASE.optional(
                    "password-file",
                    Types.text("the path of a file"),
                    RELOAD,
                    null,
                    "A file whose first line is the password.");
    static final Key<DatabaseConfig, List<Member>> REPLICAS =
            DATABASE.key(
                    "replicas",
                    new MemberType(),
                    "",
                    RELOAD,
                    database -> database.routed() ? database.routing().replicas() : null,
                    "Streaming replicas of it, which answer reads as soon as they show all that the"
                            + " session may have seen. Behind each may stand `weight=` with what it can"
                            + " do compared with others, 1 to 1000 (100 if it is not said), and `zone=`"
                            + " with where it is.");
    static final Key<DatabaseConfig, List<Member>> REPLICAS_FROM_DNS =
            DATABASE.key(
                    "replicas-from-dns",
                    new MemberType(),
                    "",
                    RELOAD,
                    database -> database.routed() ? database.routing().search().names() : null,
                    "Names of which each address is a replica, such as that of a headless service of"
                            + " Kubernetes; written as in replicas.");
    static final Key<DatabaseConfig, Search.Standbys> REPLICAS_FROM_PRIMARY =
            DATABASE.key(
                    "replicas-from-primary",
                    Types.choice(Search.Standbys.class, "off", "client_addr", "application_name"),
                    "off",
                    RELOAD,
                    database -> database.routed() ? database.routing().search().standbys() : null,
                    "Whether replicas are also found by asking the primary, and replicas that feed"
                            + " others, who streams from them (pg_stat_replication), and what of it is"
                            + " their address: where they come from, or their application_name, which"
                            + " is to be host:port. router-user needs pg_monitor for it.");
    static final Key<DatabaseConfig, Integer> REPLICA_PORT =
            DATABASE.optional(
                    "replica-port",
                    Types.integer(1, 65_535),
                    RELOAD,
                    database ->
                            database.routed()
                                            && database.routing().search().port() != database.port()
                                    ? database.routing().search().port()
                                    : null,
                    "The port of replicas that are found without one; the database's port if it is"
                            + " not said.");
    static final Key<DatabaseConfig, Duration> DISCOVERY_INTERVAL =
            DATABASE.key(
                    "discovery-interval",
                    Types.duration(Duration.ofMillis(100), Duration.ofHours(1)),
                    "10s",
                    RELOAD,
                    database -> database.routed() ? database.routing().search().interval() : null,
                    "How often it is looked which replicas there are. One that is not found three times"
                            + " in a row is gone.");
    static final Key<DatabaseConfig, String> ROUTER_USER =
            DATABASE.optional(
                    "router-user",
                    Types.text("the name of a role"),
                    RELOAD,
                    database -> database.routing().user(),
                    "The role that asks primary and replicas how far they are, and reads the"
                            + " catalog; its own password stands among users. It needs no privilege,"
                            + " but pg_monitor where replicas are found by asking the primary.");
    static final Key<DatabaseConfig, Duration> REPLICA_WAIT =
            DATABASE.key(
                    "replica-wait",
                    Types.duration(Duration.ZERO, Duration.ofSeconds(10)),
                    "10ms",
                    RELOAD,
                    database -> database.routed() ? database.routing().patience() : null,
                    "How long a read waits for a replica that is nearly fresh enough; then it goes"
                            + " to the primary.");
    static final Key<DatabaseConfig, Boolean> READ_ONLY_ON_PRIMARY =
            DATABASE.key(
                    "read-only-on-primary",
                    Types.flag(),
                    "true",
                    RELOAD,
                    database -> database.routed() ? database.routing().readOnlyOnPrimary() : null,
                    "Whether the primary answers single reads of read-only sessions (read-only-port,"
                            + " or read-only of a user) while no replica can; else they wait and fail.");
    static final Key<DatabaseConfig, Duration> FAILOVER_WAIT =
            DATABASE.key(
                    "failover-wait",
                    Types.duration(Duration.ZERO, Duration.ofHours(1)),
                    "30s",
                    RELOAD,
                    database -> database.routed() ? database.routing().failoverWait() : null,
                    "How long a statement that has not been started waits when the primary of a"
                            + " database with replicas does not answer, for it or for the replica"
                            + " that is promoted; then it fails.");
    static final Key<DatabaseConfig, String> SWITCHOVER_USER =
            DATABASE.optional(
                    "switchover-user",
                    Types.text("the name of a role"),
                    RELOAD,
                    database -> database.routing().operator(),
                    "The superuser as whom SWITCHOVER at the console fences the primary and promotes"
                            + " a replica; its own password stands among users.");
    static final Key<DatabaseConfig, Duration> SWITCHOVER_WAIT =
            DATABASE.key(
                    "switchover-wait",
                    Types.duration(Duration.ZERO, Duration.ofHours(1)),
                    "10s",
                    RELOAD,
                    database -> database.routed() ? database.routing().switchoverWait() : null,
                    "How long SWITCHOVER waits for running transactions to end; then it gives up, or"
                            + " ends them if it is forced.");
    static final Key<DatabaseConfig, String> SWITCHOVER_COMMAND =
            DATABASE.optional(
                    "switchover-command",
                    Types.text("a command of the shell"),
                    RELOAD,
                    database -> database.routing().switchoverCommand(),
                    "What carries a switchover out while Weir holds the transactions, instead of SQL:"
                            + " that of the tool that manages the nodes. It finds them in"
                            + " WEIR_OLD_HOST, WEIR_OLD_PORT, WEIR_NEW_HOST and WEIR_NEW_PORT.");
    static final Key<DatabaseConfig, String> DEMOTE_COMMAND =
            DATABASE.optional(
                    "demote-command",
                    Types.text("a command of the shell"),
                    RELOAD,
                    database -> database.routing().demoteCommand(),
                    "What makes a standby of the old primary after a switchover; same environment."
                            + " Without one it stays fenced.");
    static final Key<DatabaseConfig, PromotionConfig.Mode> PROMOTE =
            DATABASE.key(
                    "promote",
                    Types.choice(PromotionConfig.Mode.class, "never", "automatic"),
                    "never",
                    RELOAD,
                    database -> database.routed() ? database.routing().promotion().mode() : null,
                    "Whether Weir promotes the most advanced replica, as switchover-user, when the"
                            + " primary is lost: not where Patroni, repmgr or the like do. It takes at"
                            + " least two replicas.");
    static final Key<DatabaseConfig, Duration> PROMOTE_AFTER =
            DATABASE.key(
                    "promote-after",
                    Types.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
                    "10s",
                    RELOAD,
                    database -> database.routed() ? database.routing().promotion().after() : null,
                    "How long the primary must not have answered before a replica is promoted.");
    static final Key<DatabaseConfig, Route> ROUTE =
            DATABASE.key(
                    "route",
                    Types.route(),
                    "auto",
                    RELOAD,
                    database -> database.routed() ? database.routing().usual().route() : null,
                    "Where its sessions want to be answered: auto is wherever it may be, replica"
                            + " also what is not certain to only read. SET weir.route says otherwise.");
    static final Key<DatabaseConfig, MaxLag> MAX_LAG =
            DATABASE.key(
                    "max-lag",
                    Types.maxLag(),
                    "off",
                    RELOAD,
                    database -> database.routed() ? database.routing().usual().maxLag() : null,
                    "How far a replica may be behind at most to answer its sessions, besides that it"
                            + " shows all that they have seen. SET weir.max_lag says otherwise.");

    private DatabaseKeys() {}
}
